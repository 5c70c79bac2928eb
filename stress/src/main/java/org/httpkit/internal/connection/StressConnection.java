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

/** A connection with one request on it, and a worker that makes calls in whichever thread has them made. */
abstract class StressConnection implements Handler {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    final StressWire wire = new StressWire();
    final StressLoop loop = new StressLoop();
    final Link link = new Link(loop, wire);

    /** Has the request handled, in a state that is made: not to be called by this class's own constructor. */
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

    /** Failures are what some tests are about. */
    private static final class Quiet implements ServerObserver {
        @Override
        public void handlerFailed(org.httpkit.server.Request request, Throwable failure) {}
    }
}
