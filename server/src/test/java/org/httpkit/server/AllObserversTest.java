package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link ServerObserver#all} logs. */
class AllObserversTest {
    private final Logger logger = Logger.getLogger("org.httpkit.server");
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        logger.addHandler(recorder);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
    }

    @AfterEach
    void forget() {
        logger.removeHandler(recorder);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }

    @Test
    void whatNobodyOverridesIsLoggedOnce() throws InterruptedException {
        ServerObserver both = ServerObserver.all(AccessLog.common(line -> {}), new ServerObserver() {});

        both.loopFailed(new IllegalStateException("on purpose"));
        ServerObserver.all(both, new ServerObserver() {}).loopFailed(new IllegalStateException("on purpose"));

        ServerLog.awaitWritten();
        assertThat(logged).containsExactly("Internal failure", "Internal failure");
    }

    @Test
    void whatSomebodyOverridesIsHis() throws InterruptedException {
        List<String> told = new ArrayList<>();
        ServerObserver own = new ServerObserver() {
            @Override
            public void loopFailed(Throwable failure) {
                told.add(failure.getMessage());
            }
        };

        ServerObserver.all(AccessLog.common(line -> {}), own).loopFailed(new IllegalStateException("on purpose"));

        ServerLog.awaitWritten();
        assertThat(logged).isEmpty();
        assertThat(told).containsExactly("on purpose");
    }

    @Test
    void nobodyAtAllLogs() throws InterruptedException {
        ServerObserver.all().loopFailed(new IllegalStateException("on purpose"));

        ServerLog.awaitWritten();
        assertThat(logged).containsExactly("Internal failure");
    }
}
