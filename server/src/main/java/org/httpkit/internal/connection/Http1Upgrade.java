package org.httpkit.internal.connection;

import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/** Upgrades an HTTP/1.1 connection to a WebSocket (RFC 6455 section 4.2), which owns the whole link from then on. */
final class Http1Upgrade extends WebSocketUpgrade {
    private final Link link;
    /** Gives the link to the WebSocket, behind the answer. */
    private final Consumer<WebSocketConnection> takeOver;

    Http1Upgrade(Exchange exchange, Link link, ChannelOptions options, Consumer<WebSocketConnection> takeOver) {
        super(exchange, options);
        this.link = link;
        this.takeOver = takeOver;
    }

    @Override
    Handshake.Result check(RequestHead head) {
        return exchange.isStreamed() // then bytes of the body may come behind the answer
                ? new Handshake.Refused(HandshakeViolation.BODY_STREAMED)
                : Handshake.check(head.method(), head.version(), head);
    }

    @Override
    WebSocketConnection newConnection(MessageChannel channel, @Nullable MessageInflater inflater) {
        return new WebSocketConnection(channel, inflater);
    }

    /**
     * The returned task sends the answer on its own thread; behind it the loop begins the new protocol, with the input
     * that has come meanwhile.
     */
    @Override
    Runnable answer(Headers fields, WebSocketConnection webSocket) {
        Scratch scratch = link.scratch();
        context.heads.writeInterim(scratch.bytes, Status.SWITCHING_PROTOCOLS, fields);
        return () -> {
            link.send(scratch);
            takeOver.accept(webSocket);
        };
    }
}
