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
 * Ends a connection gracefully: sends everything that was handed over, ends our side, and drops further input until the
 * peer ends its own. Closing on unread bytes would reset the connection and might take our answer with it (RFC 9112
 * section 9.6). So it stops reading from a peer that sends too much, whose full buffers then leave it time to read.
 * Confined to its loop thread.
 */
final class Lingering implements Protocol {
    /** Bytes of input dropped before we stop reading. */
    private static final long MAX_DROPPED_BYTES = 4 << 20;

    private final ServerContext context;
    private final Link link;
    private final Cause cause;
    private final boolean delimits;
    private final long sinceNanos;
    private long droppedBytes;

    private Lingering(ServerContext context, Link link, Cause cause, boolean delimits) {
        this.context = context;
        this.link = link;
        this.cause = cause;
        this.delimits = delimits;
        this.sinceNanos = link.nanos();
    }

    /**
     * Takes over the link.
     *
     * @param peerMaySend whether the peer may still be sending; if not, the link closes as soon as all has left
     */
    static void begin(ServerContext context, Link link, Cause cause, boolean peerMaySend) {
        begin(context, link, cause, peerMaySend, false);
    }

    /**
     * Takes over the link.
     *
     * @param delimits whether only the end of the connection shows the peer where the output ends
     */
    static void begin(ServerContext context, Link link, Cause cause, boolean peerMaySend, boolean delimits) {
        assert link.isHeldByCaller();
        Lingering last = new Lingering(context, link, cause, delimits);
        link.switchTo(last);
        link.resumeInput();
        link.send(new EndSegment(link, peerMaySend && !link.isInputEnded() && context.timeouts.waitsForClose()));
        link.checkBy(last.deadline());
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
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
            link.send(new EndSegment(link, false)); // the peer has only ended its side, and may still read
        }
    }

    @Override
    public void onDrained() {
        link.checkBy(deadline()); // until now the much later deadline of a peer that does not read may have held
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
    public boolean breaksOff(@Nullable IOException failure) {
        return delimits && (failure != null || !link.isDrained());
    }

    @Override
    public void onServerStopping() {
        link.checkBy(deadline());
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        context.closed(link, cause, failure);
    }

    /** The deadline: a peer that still takes what was sent before has not seen our end. */
    private long deadline() {
        return context.timeouts.close(Math.max(sinceNanos, link.progressNanos()), context.isStopping());
    }
}
