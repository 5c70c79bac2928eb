package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.ClientWait;
import org.httpkit.internal.dispatch.GrowingPool;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason.Cause;

/**
 * Blocks the thread that makes an answer piece by piece until the client has taken each piece, and closes a client that
 * is too slow on the whole, even if it takes each piece in time. Used by one thread at a time.
 */
public final class ClientPace {
    private final Outflow out;
    private final ServerContext context;
    /** How far the client is behind {@code minResponseRate}. */
    private long behindNanos;

    public ClientPace(Outflow out, ServerContext context) {
        this.out = out;
        this.context = context;
    }

    /**
     * Blocks until the client has taken this piece and all before it.
     *
     * @throws IOException if the link is closed, perhaps for that slowness
     */
    public void awaitTaken(int bytes) throws IOException, InterruptedException {
        if (out.isDrained()) {
            out.awaitDrained();
            behindNanos = context.timeouts.behind(behindNanos, bytes);
            return;
        }
        long begun = out.freshNanos();
        long sharedBefore = out.sharedBytes();
        ClientWait wait = GrowingPool.beginWait(this::giveUp);
        try {
            out.awaitDrained();
        } finally {
            if (wait != null) {
                wait.close();
            }
        }
        long taken = Math.max(bytes, out.sharedBytes() - sharedBefore); // also what went ahead on other streams
        behindNanos = context.timeouts.behind(behindNanos + out.freshNanos() - begun, taken);
        if (context.timeouts.isTooFarBehind(behindNanos)) {
            EndedException end =
                    new EndedException(Cause.WRITE_TIMEOUT, "The client takes its answer more slowly than it may");
            out.closeSoon(end);
            throw end;
        }
    }

    /** Gives up the client, because other tasks need the thread. */
    private void giveUp(ClientWait wait) {
        out.closeSoonUnless(
                wait::isOver,
                new EndedException(
                        Cause.WRITE_TIMEOUT,
                        "Too many threads wait for their clients, and this one for the longest time"));
    }
}
