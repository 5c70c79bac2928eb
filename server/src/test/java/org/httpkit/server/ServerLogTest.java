package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.httpkit.http.Method;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an observer writes unless told otherwise: clients must not be able to fill the log. */
class ServerLogTest {
    private static final Request LONG = (Request) Proxy.newProxyInstance(
            Request.class.getClassLoader(), new Class<?>[] {Request.class}, (proxy, method, args) -> {
                return switch (method.getName()) {
                    case "method" -> Method.GET;
                    case "path" -> "/" + "a".repeat(8000);
                    default -> throw new UnsupportedOperationException(method.getName());
                };
            });

    private final Logger logger = Logger.getLogger("org.httpkit.server");
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final ServerObserver observer = new ServerObserver() {};
    private Level level;
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            records.add(logged);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        level = logger.getLevel();
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        recorder.setLevel(Level.ALL);
        logger.addHandler(recorder);
        awaitWhatOthersHaveLogged();
    }

    /** A separate thread logs, so lines may come late. */
    private void awaitWhatOthersHaveLogged() {
        IllegalStateException mark = new IllegalStateException("mark");
        observer.loopFailed(mark);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> records.stream()
                .anyMatch(logged -> mark.equals(logged.getThrown())));
        records.clear();
    }

    @AfterEach
    void restore() {
        logger.removeHandler(recorder);
        logger.setUseParentHandlers(true);
        logger.setLevel(level);
    }

    private void assertSeldomWarns(Consumer<ServerObserver> notification) {
        for (int i = 0; i < 500; i++) {
            notification.accept(observer);
        }

        awaitRecords(500);
        assertThat(records)
                .filteredOn(logged -> logged.getLevel() == Level.WARNING)
                .hasSizeLessThanOrEqualTo(1);
    }

    private void awaitRecords(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(records)
                .hasSize(count));
    }

    @Test
    void doesNotWaitForALoggerThatIsStuck() throws Exception {
        CountDownLatch logs = new CountDownLatch(1);
        Handler stuck = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                try {
                    assertThat(logs.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(stuck);
        try {
            for (int i = 0; i < 3000; i++) {
                observer.loopFailed(new IllegalStateException("again"));
            }
        } finally {
            logs.countDown();
            logger.removeHandler(stuck);
        }
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            observer.loopFailed(new IllegalStateException("at last"));
            assertThat(records)
                    .anyMatch(logged -> logged.getMessage().endsWith("messages were dropped: the logger was too slow"));
        });
    }

    @Test
    void warnsSeldomThatTheWorkerHasNoRoom() {
        assertSeldomWarns(told -> told.workerSaturated(LONG));
    }

    @Test
    void warnsSeldomThatTheWorkerHasNoRoomForAChannel() {
        assertSeldomWarns(told -> told.listenerSaturated(LONG));
    }

    @Test
    void warnsSeldomThatAllConnectionsAreTaken() {
        assertSeldomWarns(told -> told.connectionsExhausted(100));
    }

    @Test
    void cutsLongPaths() {
        observer.workerSaturated(LONG);
        observer.listenerSaturated(LONG);
        observer.slowConsumerClosed(LONG, 1);
        observer.handlerFailed(LONG, new IllegalStateException());

        awaitRecords(4);
        assertThat(records)
                .allMatch(logged -> logged.getMessage().length() < 300
                        && logged.getMessage().contains("/aaaa"));
    }
}
