package org.httpkit.internal.context;

import java.time.Duration;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.ServerOptions;

/** Until when each thing is waited for, on the clock of the links; a timeout of zero never ends. Immutable. */
public final class Timeouts {
    /** A body's rate is judged only after that time. */
    public static final long RATE_GRACE_NANOS = 5_000_000_000L;

    /** For that long at most a body lives on having been quick. */
    private static final long RATE_CREDIT_NANOS = 30_000_000_000L;

    /** How long a client may take to end the connection when the server stops: it has its answer. */
    private static final long STOPPING_CLOSE_NANOS = 1_000_000_000L;

    private final long handshakeNanos;
    private final long headerNanos;
    private final long bodyNanos;
    private final long idleNanos;
    private final long writeNanos;
    private final long closeNanos;
    private final long pingNanos;
    private final long minBodyRate;
    private final long minResponseRate;

    public Timeouts(ServerOptions options) {
        handshakeNanos = nanosOrNever(options.handshakeTimeout());
        headerNanos = nanosOrNever(options.headerTimeout());
        bodyNanos = nanosOrNever(options.bodyTimeout());
        idleNanos = nanosOrNever(options.idleTimeout());
        writeNanos = nanosOrNever(options.writeTimeout());
        pingNanos = nanosOrNever(options.pingInterval());
        closeNanos = options.closeTimeout().toNanos();
        minBodyRate = options.minBodyRate();
        minResponseRate = options.minResponseRate();
    }

    /** For the TLS handshake of a connection that was opened then. */
    public long handshake(long openedNanos) {
        return after(openedNanos, handshakeNanos);
    }

    /** For a head whose first byte came then. */
    public long header(long sinceNanos) {
        return after(sinceNanos, headerNanos);
    }

    /** For the next request on a connection that has rested since then. */
    public long idle(long sinceNanos) {
        return after(sinceNanos, idleNanos);
    }

    /** For more of a body of which something came then, or for the first of one that was announced then. */
    public long body(long inputNanos) {
        return after(inputNanos, bodyNanos);
    }

    /** Whether a body of which the first byte came then has come too slowly, all in all. One that has not begun is not slow. */
    public boolean isBodyTooSlow(long bodyBytes, long sinceNanos, long nowNanos) {
        long elapsed = nowNanos - sinceNanos;
        return minBodyRate > 0
                && bodyBytes > 0
                && elapsed > RATE_GRACE_NANOS
                && bodyBytes < minBodyRate * (elapsed / 1e9);
    }

    /**
     * Since when the body's rate is judged: longer than it comes, if it was so quick at first that it could stand still for more than
     * half a minute afterwards.
     */
    public long rateSince(long bodyBytes, long sinceNanos, long nowNanos) {
        if (minBodyRate == 0) {
            return sinceNanos;
        }
        long enoughForNanos = nanosFor(bodyBytes, minBodyRate);
        return Math.min(sinceNanos, nowNanos + RATE_CREDIT_NANOS - enoughForNanos);
    }

    /** For a peer that last took something then. */
    public long write(long progressNanos) {
        return after(progressNanos, writeNanos);
    }

    /** How far behind somebody is who has taken those bytes since, and was so far behind without them. */
    public long behind(long nanos, long bytes) {
        return minResponseRate == 0 ? 0 : Math.max(0, nanos - nanosFor(bytes, minResponseRate));
    }

    /** How long so many bytes take at that rate; a century at most. */
    private static long nanosFor(long bytes, long rate) {
        return (long) Math.min(3e18, (double) bytes * 1e9 / rate);
    }

    /** Whether somebody is so far behind that it is as if he had taken nothing for too long. */
    public boolean isTooFarBehind(long nanos) {
        return writeNanos != Protocol.NO_DEADLINE && nanos > writeNanos;
    }

    /** For a peer to end what we have ended then; a timeout of zero means at once. */
    public long close(long sinceNanos, boolean stopping) {
        return sinceNanos + (stopping ? Math.min(closeNanos, STOPPING_CLOSE_NANOS) : closeNanos);
    }

    /** Whether a peer is given time to end what we have ended. */
    public boolean waitsForClose() {
        return closeNanos > 0;
    }

    /** For a sign of life of a peer whose last came then, and which has left so many pings unanswered. */
    public long ping(long inputNanos, int unanswered) {
        return pingNanos == Protocol.NO_DEADLINE ? Protocol.NO_DEADLINE : inputNanos + (unanswered + 1) * pingNanos;
    }

    private static long after(long sinceNanos, long timeoutNanos) {
        return timeoutNanos == Protocol.NO_DEADLINE ? Protocol.NO_DEADLINE : sinceNanos + timeoutNanos;
    }

    private static long nanosOrNever(Duration timeout) {
        return timeout.isZero() ? Protocol.NO_DEADLINE : timeout.toNanos();
    }
}
