package org.httpkit.internal.exchange;

import java.io.OutputStream;
import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.RequestBody;
import org.httpkit.server.Response;
import org.httpkit.server.UpgradedConnection;

/**
 * The request that began a WebSocket, in little space: it keeps only the text of the head, and parses it again when
 * asked. Immutable.
 */
public class SavedRequest extends ReceivedRequest {
    private final byte[] head;
    private final int kindOfCalls;

    private SavedRequest(ReceivedRequest request) {
        super(request);
        this.head = request.head().text();
        this.kindOfCalls = request.kindOfCalls();
    }

    /** @param way the request's to its client: a whole link, or one of its streams */
    static SavedRequest of(ReceivedRequest request, Outflow way) {
        return way.equals(request.link) ? new SavedRequest(request) : new OfStream(request, way);
    }

    /** One of many requests on its link. */
    private static final class OfStream extends SavedRequest {
        private final Outflow way;

        OfStream(ReceivedRequest request, Outflow way) {
            super(request);
            this.way = way;
        }

        @Override
        public boolean isCancelled() {
            return way.isClosed();
        }
    }

    @Override
    RequestHead head() {
        return RequestHead.of(head);
    }

    @Override
    public int kindOfCalls() {
        return kindOfCalls;
    }

    @Override
    public boolean onOtherThread(Runnable task) {
        return context.calls.giveToWorker(task);
    }

    // ---- the user

    @Override
    public RequestBody body() {
        return CollectedBody.EMPTY;
    }

    @Override
    public Headers trailers() {
        return Headers.empty();
    }

    @Override
    public boolean isCancelled() {
        return link.isClosed();
    }

    /** Does nothing: the answer was the handshake's. */
    @Override
    public void sendEarlyHints(Headers fields) {}

    @Override
    public OutputStream beginResponse(Response head, long length) {
        throw isWebSocket();
    }

    @Override
    public UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout) {
        throw isWebSocket();
    }

    @Override
    public Response asChannel(ChannelOptions options, ChannelListener listener) {
        throw isWebSocket();
    }

    @Override
    public AsyncChannel channel(ChannelCallbacks callbacks) {
        throw isWebSocket();
    }

    public static IllegalStateException isWebSocket() {
        return new IllegalStateException("This exchange is a WebSocket already");
    }
}
