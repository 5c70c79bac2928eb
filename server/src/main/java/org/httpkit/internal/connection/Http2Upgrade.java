package org.httpkit.internal.connection;

import org.httpkit.http.Headers;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Tunnel;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/** Opens a WebSocket on an HTTP/2 stream, for an extended CONNECT (RFC 8441 section 5). */
final class Http2Upgrade extends WebSocketUpgrade {
    /** The stream, as its upgrade sees it. */
    interface Stream {
        /** Makes the head of the answer that opens the tunnel; the returned task sends it. */
        Runnable opening(Headers fields);

        /** Hands the bytes behind the answer to the WebSocket. */
        void takeOver(WebSocketConnection webSocket);

        /** Ends our side. Loop thread. */
        void leave();
    }

    private final Stream stream;
    private final Tunnel tunnel;

    Http2Upgrade(Exchange exchange, ChannelOptions options, Stream stream, Tunnel tunnel) {
        super(exchange, options);
        this.stream = stream;
        this.tunnel = tunnel;
    }

    @Override
    Handshake.Result check(RequestHead head) {
        return Handshake.checkConnect(head);
    }

    @Override
    WebSocketConnection newConnection(MessageChannel channel, @Nullable MessageInflater inflater) {
        return new Http2WebSocket(channel, inflater, tunnel, stream::leave);
    }

    @Override
    Runnable answer(Headers fields, WebSocketConnection webSocket) {
        Runnable opening = stream.opening(fields);
        return () -> {
            opening.run();
            stream.takeOver(webSocket);
        };
    }
}
