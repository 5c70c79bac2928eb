package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;

/** What the threads between topics and a broker report. */
class LogDriverTest {

    @Test
    void warnsOnceOfABrokerThatCannotBeReachedFromTheStart() {
        List<LogRecord> warnings = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord told) {
                if (told.getLevel().intValue() >= Level.WARNING.intValue()) {
                    warnings.add(told);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Backplane gone = () -> {
            throw new IOException("nobody listens at port 1");
        };
        Logger logger = Logger.getLogger("org.httpkit.topics");
        logger.addHandler(handler);
        try (Topics topics = Topics.builder().backplane(gone).build()) {
            await().until(() -> topics.backplaneStats().failures() >= 6); // of both threads
            assertThat(warnings).hasSize(1);
            assertThat(warnings.get(0).getParameters()[0].toString()).contains("nobody listens at port 1");
            assertThat(topics.backplaneStats().state()).isEqualTo(BackplaneStats.State.CONNECTING);
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void triesAgainAfterAnError() {
        Backplane broken = () -> {
            throw new NoClassDefFoundError("a class of the broker's client");
        };
        try (Topics topics = Topics.builder()
                .backplane(broken)
                .publishTimeout(Duration.ofMillis(100))
                .build()) {
            assertThat(topics.publish("a", Message.text("x")).toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("was not published");
            await().until(() -> topics.backplaneStats().failures() >= 6); // of both threads
        }
    }

    @Test
    void keepsThoseWhoComeBeforeTheBrokerIsThere() throws Exception {
        Backplane gone = () -> {
            throw new IOException("nobody listens at port 1");
        };
        try (Topics topics = Topics.builder()
                        .backplane(gone)
                        .publishTimeout(Duration.ofMillis(100))
                        .build();
                HttpServer server = HttpServer.start(0, request -> topics.subscribe(request, "a"));
                RawWebSocket client = RawWebSocket.open(server, "/?after=e-5")) {
            await().until(() -> topics.backplaneStats().failures() >= 8);
            await().until(() -> topics.presence("a").here() == 1);
            assertThat(topics.stats().stale()).isZero();
            client.close(1000, "");
            assertThat(client.readClose().closeCode()).as("of its own").isEqualTo(1000);
        }
    }
}
