package org.httpkit.internal;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.httpkit.server.DrainReport;
import org.httpkit.server.ServerOptions;
import org.httpkit.server.ServerStatus;

public final class RealServer {
    public static RealServer start(ServerOptions options) throws IOException { throw new IOException(); }
    public int port() { return -1; }
    public SocketAddress address() { throw new IllegalStateException(); }
    public ServerStatus status() { return ServerStatus.STOPPED; }
    public ServerOptions options() { throw new IllegalStateException(); }
    public int connectionCount() { return 0; }
    public CompletableFuture<DrainReport> stop(Duration timeout) { return new CompletableFuture<>(); }
    public void join() throws InterruptedException {}
}
