package org.httpkit.server;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The logger that an observer writes to unless told otherwise. */
final class ServerLog {
    static final System.Logger LOGGER = System.getLogger("org.httpkit.server");

    /** What one client can bring about as often as it likes. */
    static final Seldom TOO_MANY_OF_ONE = new Seldom();

    /** What many slow clients bring about, one after the other. */
    static final Seldom SHED = new Seldom();

    /** What many slow senders bring about. */
    static final Seldom INPUT_SHED = new Seldom();

    /** What many new connections bring about. */
    static final Seldom GIVEN_UP = new Seldom();

    private ServerLog() {}

    /** A warning that must not fill the log: all but one in ten seconds are logged at level DEBUG. Safe from any thread. */
    static final class Seldom {
        private static final long PAUSE_NANOS = 10_000_000_000L;

        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

        void log(Supplier<String> message) {
            long now = System.nanoTime();
            long last = lastNanos.get();
            boolean due = now - last >= PAUSE_NANOS && lastNanos.compareAndSet(last, now);
            LOGGER.log(due ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG, message);
        }
    }
}
