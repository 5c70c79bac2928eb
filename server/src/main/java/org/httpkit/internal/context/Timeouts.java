package org.httpkit.internal.context;

import java.time.Duration;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.ServerOptions;

/** Computes the deadlines of all waits, on the links' clock; a timeout of zero means no deadline. Immutable. */
public final class Timeouts {
    /** A body's rate counts only after this time. */
    public static final long RATE_GRACE_NANOS = 5_000_000_000L;

    /** The longest time for which early speed lets a body stand still. */
    private static final long RATE_CREDIT_NANOS = 30_000_000_000L;

    /** How long a client may take to end the connection when the server stops; by then it has its answer. */
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

    /** The deadline for the TLS handshake of a connection opened at this time. */
    public long handshake(long openedNanos) {
        return after(openedNanos, handshakeNanos);
    }

    /** The deadline for a head whose first byte came at this time. */
    public long header(long sinceNanos) {
        return after(sinceNanos, headerNanos);
    }

    /** The deadline for the next request on a connection that has been idle since this time. */
    public long idle(long sinceNanos) {
        return after(sinceNanos, idleNanos);
    }

    /** The deadline for more bytes of a body, after its latest bytes or its announcement came at this time. */
    public long body(long inputNanos) {
        return after(inputNanos, bodyNanos);
    }

    /**
     * Whether a body whose first byte came at {@code sinceNanos} is too slow on the whole. A body that has not begun is
     * not slow.
     */
    public boolean isBodyTooSlow(long bodyBytes, long sinceNanos, long nowNanos) {
        long elapsed = nowNanos - sinceNanos;
        return minBodyRate > 0
                && bodyBytes > 0
                && elapsed > RATE_GRACE_NANOS
                && bodyBytes < minBodyRate * (elapsed / 1e9);
    }

    /**
     * The time from which the body's rate counts. The start moves later if the body was so quick at first that it could
     * stand still for more than half a minute.
     */
    public long rateSince(long bodyBytes, long sinceNanos, long nowNanos) {
        if (minBodyRate == 0) {
            return sinceNanos;
        }
        long enoughForNanos = nanosFor(bodyBytes, minBodyRate);
        return Math.min(sinceNanos, nowNanos + RATE_CREDIT_NANOS - enoughForNanos);
    }

    /** The deadline for a peer that last took bytes at this time. */
    public long write(long progressNanos) {
        return after(progressNanos, writeNanos);
    }

    /** How far behind a peer is, in nanoseconds, that was {@code nanos} behind and has taken {@code bytes} since. */
    public long behind(long nanos, long bytes) {
        return minResponseRate == 0 ? 0 : Math.max(0, nanos - nanosFor(bytes, minResponseRate));
    }

    /** How long these bytes take at this rate; at most a century. */
    private static long nanosFor(long bytes, long rate) {
        return (long) Math.min(3e18, (double) bytes * 1e9 / rate);
    }

    /** Whether a peer is so far behind that it counts as having taken nothing for too long. */
    public boolean isTooFarBehind(long nanos) {
        return writeNanos != Protocol.NO_DEADLINE && nanos > writeNanos;
    }

    /**
     * The deadline for a peer to end a connection that the server ended at this time; a timeout of zero means at once.
     */
    public long close(long sinceNanos, boolean stopping) {
        return sinceNanos + (stopping ? Math.min(closeNanos, STOPPING_CLOSE_NANOS) : closeNanos);
    }

    /** Whether a peer has time to end a connection that the server has ended. */
    public boolean waitsForClose() {
        return closeNanos > 0;
    }

    /**
     * The deadline for any bytes from a peer whose last input came at {@code inputNanos} and that has left {@code
     * unanswered} pings unanswered.
     */
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
