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

    /** What many new connections bring about. */
    static final Seldom GIVEN_UP = new Seldom();
    /** What each request brings about while there is no room. */
    static final Seldom NO_WORKER = new Seldom();

    static final Seldom NO_WORKER_FOR_CHANNEL = new Seldom();

    /** What comes with each connection that is closed and opened again. */
    static final Seldom NO_CONNECTIONS = new Seldom();

    static final Seldom LOG_LOST = new Seldom();

    /** What many slow senders bring about. */
    static final Seldom INPUT_SHED = new Seldom();

    private static final int MAX_PATH_LENGTH = 200;

    private ServerLog() {}

    /** What a request asks for, in a line: clients may send paths of many thousand characters. */
    static String nameOf(Request request) {
        String path = request.path();
        return request.method() + " "
                + (path.length() <= MAX_PATH_LENGTH ? path : path.substring(0, MAX_PATH_LENGTH) + "...");
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
