package org.httpkit.internal.connection;

import org.httpkit.http.Headers;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/** Refuses an HTTP/2 request that asks for no tunnel where only a WebSocket is served. */
final class RefusedUpgrade extends WebSocketUpgrade {

    RefusedUpgrade(Exchange exchange, ChannelOptions options) {
        super(exchange, options);
    }

    @Override
    Handshake.Result check(RequestHead head) {
        return new Handshake.Refused(HandshakeViolation.NO_WEBSOCKET_UPGRADE);
    }

    @Override
    WebSocketConnection newConnection(MessageChannel channel, @Nullable MessageInflater inflater) {
        throw noTunnel();
    }

    @Override
    Runnable answer(Headers fields, WebSocketConnection webSocket) {
        throw noTunnel();
    }

    private static IllegalStateException noTunnel() {
        return new IllegalStateException("The client has asked for no WebSocket");
    }
}
