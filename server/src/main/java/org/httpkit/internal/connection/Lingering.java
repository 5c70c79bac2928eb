package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.EndSegment;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * The last of a connection: all that was handed over leaves, then our side ends, and what still comes is dropped until the peer
 * ends its own. Closing on unread bytes would reset the connection and might take our answer with it (RFC 9112 section 9.6): so a peer
 * that sends more than is dropped is held by its own full buffers, which leaves it time to read. Confined to its loop thread.
 */
final class Lingering implements Protocol {
    /** Input dropped before the peer is held. */
    private static final long MAX_DROPPED_BYTES = 4 << 20;

    private final ServerContext context;
    private final Link link;
    private final Cause cause;
    private final long sinceNanos;
    private long droppedBytes;

    private Lingering(ServerContext context, Link link, Cause cause) {
        this.context = context;
        this.link = link;
        this.cause = cause;
        this.sinceNanos = link.nanos();
    }

    /**
     * Takes over the link.
     *
     * @param peerMaySend whether the peer may still be sending; if not, the link is closed as soon as all has left
     */
    static Lingering begin(ServerContext context, Link link, Cause cause, boolean peerMaySend) {
        Lingering last = new Lingering(context, link, cause);
        link.switchTo(last);
        link.resumeInput();
        link.send(new EndSegment(link, peerMaySend && !link.isInputEnded() && context.timeouts.waitsForClose()));
        link.checkBy(last.deadline());
        return last;
    }

    @Override
    public void onInput(ByteBuffer input) {
        droppedBytes += input.remaining();
        input.position(input.limit());
        if (droppedBytes > MAX_DROPPED_BYTES) {
            link.pauseInput();
        }
    }

    @Override
    public void onInputEnd() {
        if (link.isDrained()) {
            link.close(null);
        } else {
            link.send(new EndSegment(link, false)); // it has ended its side only, and may still read
        }
    }

    @Override
    public void onDrained() {
        link.checkBy(deadline()); // until now it may have been the much later one of the peer's not reading
    }

    @Override
    public long onDeadline(long nowNanos) {
        long deadline = link.waitsForPeer() ? context.timeouts.write(link.progressNanos()) : deadline();
        if (nowNanos < deadline) {
            return deadline;
        }
        link.close(null);
        return NO_DEADLINE;
    }

    @Override
    public void onServerStopping() {
        link.checkBy(deadline());
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        context.closed(link, cause, failure);
    }

    /** As long as the peer takes what was sent before, it has not seen our end. */
    private long deadline() {
        return context.timeouts.close(Math.max(sinceNanos, link.progressNanos()), context.isStopping());
    }
}
