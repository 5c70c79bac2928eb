package org.httpkit.internal;

import java.io.IOException;
import java.net.InetAddress;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.NetObserver;

/** Passes reports of the network on to the server's observer. Safe from any thread. */
final class NetReports implements NetObserver {
    private final ServerContext context;
    private final Runnable whenClosed;

    /** @param whenClosed called after each connection that closes */
    NetReports(ServerContext context, Runnable whenClosed) {
        this.context = context;
        this.whenClosed = whenClosed;
    }

    @Override
    public void closed(Link link) {
        whenClosed.run();
    }

    @Override
    public void closeFailed(IOException cause) {
        context.observer().closeFailed(cause);
    }

    @Override
    public void acceptFailed(IOException cause) {
        context.observer().acceptFailed(cause);
    }

    @Override
    public void connectionsExhausted(int open) {
        context.observer().connectionsExhausted(open);
    }

    @Override
    public void connectionRefused(InetAddress client) {
        context.refused(client);
    }

    @Override
    public void loopFailed(Throwable fault) {
        context.observer().loopFailed(fault);
    }
}
