package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.ClientWait;
import org.httpkit.internal.dispatch.GrowingPool;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason.Cause;

/**
 * Holds the thread that makes an answer piece by piece until its client has taken each, and ends a client that takes them too slowly in
 * all: each piece alone may be in time. Used by one thread at a time.
 */
public final class ClientPace {
    private final Outflow out;
    private final ServerContext context;
    /** How far the client is behind what {@code minResponseRate} asks for. */
    private long behindNanos;

    public ClientPace(Outflow out, ServerContext context) {
        this.out = out;
        this.context = context;
    }

    /**
     * Blocks until the client has taken the piece, and all before it.
     *
     * @throws IOException if the link is closed, perhaps for that
     */
    public void awaitTaken(int bytes) throws IOException, InterruptedException {
        if (out.isDrained()) {
            out.awaitDrained();
            return;
        }
        long begun = out.freshNanos();
        ClientWait wait = GrowingPool.beginWait(this::giveUp);
        try {
            out.awaitDrained();
        } finally {
            if (wait != null) {
                wait.close();
            }
        }
        behindNanos = context.timeouts.behind(behindNanos + out.freshNanos() - begun, bytes);
        if (context.timeouts.isTooFarBehind(behindNanos)) {
            EndedException end =
                    new EndedException(Cause.WRITE_TIMEOUT, "The client takes its answer more slowly than it may");
            out.closeSoon(end);
            throw end;
        }
    }

    /** Others need the thread. */
    private void giveUp() {
        out.closeSoon(new EndedException(
                Cause.WRITE_TIMEOUT, "Too many threads wait for their clients, and this one for the longest time"));
    }
}
