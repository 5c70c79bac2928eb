package org.httpkit.internal.connection;

import java.nio.charset.StandardCharsets;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.StressLoop;
import org.httpkit.internal.net.StressWire;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;

/** A connection with one request, and a worker that runs each call in the thread that submits it. */
abstract class StressConnection implements Handler {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    final StressWire wire = new StressWire();
    final StressLoop loop = new StressLoop();
    final Link link = new Link(loop, wire);

    /** Has the request handled. Not for the constructor, since the handler needs the finished state. */
    final void begin() {
        ServerOptions options = HttpServer.builder()
                .handler(this)
                .dispatch(Dispatch.WORKER)
                .observer(new Quiet())
                .options();
        ServerContext context = ServerContext.of(options, Runnable::run, options.observer());
        wire.receive(REQUEST);
        loop.run(() -> link.start(new Opener(context).apply(link)));
        loop.read(link);
    }

    /** Ignores failures, which some tests provoke. */
    private static final class Quiet implements ServerObserver {
        @Override
        public void handlerFailed(org.httpkit.server.Request request, Throwable failure) {}
    }
}
