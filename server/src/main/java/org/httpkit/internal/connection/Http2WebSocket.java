package org.httpkit.internal.connection;

import java.io.IOException;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.net.Tunnel;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/** A WebSocket on an HTTP/2 stream (RFC 8441). Confined to its loop thread. */
final class Http2WebSocket extends WebSocketConnection {
    private final Tunnel tunnel;
    /** Ends our side of the stream, and gives the client time to end its own. */
    private final Runnable leave;

    Http2WebSocket(MessageChannel channel, @Nullable MessageInflater inflater, Tunnel tunnel, Runnable leave) {
        super(channel, inflater);
        this.tunnel = tunnel;
        this.leave = leave;
    }

    @Override
    public Tunnel tunnel() {
        return tunnel;
    }

    @Override
    void leave(CloseReason.Cause cause) {
        leave.run();
    }

    /** The connection goes on without the stream. */
    @Override
    void closed(CloseReason.Cause cause, @Nullable IOException failure) {}
}
