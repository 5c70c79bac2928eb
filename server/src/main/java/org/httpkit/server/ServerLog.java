package org.httpkit.server;

import java.net.SocketAddress;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The logger that an observer writes to unless told otherwise. */
final class ServerLog {
    static final System.Logger LOGGER = System.getLogger("org.httpkit.server");

    /** What one client can bring about as often as it likes. */
    static final Seldom TOO_MANY_OF_ONE = new Seldom();

    /** What many slow clients bring about, one after the other. */
    static final Seldom SHED = new Seldom();

    private ServerLog() {}

    /**
     * Says where and when; and has what logging takes loaded now, the JDK's table of time zones above all. Once no file descriptor
     * is left that fails, and for good: nobody would ever read why no connection is accepted.
     */
    static void started(SocketAddress address) {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        LOGGER.log(System.Logger.Level.DEBUG, () -> "Listening on " + address + " since " + now);
    }

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
