package org.httpkit.web;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.UpgradedConnection;

/**
 * A request that knows whether its handler answers by other means than what it returns. From then on a filter must
 * neither answer instead nor keep the handler's exception: only the server can end what has begun. Safe from any thread
 * where the wrapped request is.
 */
class WatchedRequest extends RequestWrapper {
    private volatile boolean isTakenOver;

    WatchedRequest(Request request) {
        super(request);
    }

    /** Whether the handler has begun a response, opened a channel or switched protocols, or has tried to. */
    final boolean isTakenOver() {
        return isTakenOver;
    }

    /**
     * Is called before the handler does so.
     *
     * @throws IllegalStateException if it must not
     */
    void takingOver() {
        isTakenOver = true;
    }

    @Override
    public final OutputStream beginResponse(Response head, long length) throws IOException {
        takingOver();
        return super.beginResponse(head, length);
    }

    @Override
    public final UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout) {
        takingOver();
        return super.switchProtocols(protocol, fields, idleTimeout);
    }

    @Override
    public final Response asChannel(ChannelListener listener) {
        takingOver();
        return super.asChannel(listener);
    }

    @Override
    public final Response asChannel(ChannelOptions options, ChannelListener listener) {
        takingOver();
        return super.asChannel(options, listener);
    }

    @Override
    public final AsyncChannel channel(ChannelCallbacks callbacks) {
        takingOver();
        return super.channel(callbacks);
    }
}
