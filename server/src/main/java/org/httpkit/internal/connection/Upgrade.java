package org.httpkit.internal.connection;

import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.http1.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.OriginPolicy;
import org.httpkit.internal.websocket.Subprotocols;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Turns an HTTP exchange into a WebSocket (RFC 6455 section 4.2). Used once, by the thread that opens the channel. */
final class Upgrade {
    private final Exchange exchange;
    private final HttpConnection connection;
    private final ServerContext context;
    private final Link link;

    Upgrade(Exchange exchange, HttpConnection connection, ServerContext context, Link link) {
        this.exchange = exchange;
        this.connection = connection;
        this.context = context;
        this.link = link;
    }

    /** Answers the handshake; false if it was refused, and the listener told. */
    boolean perform(RealChannel channel, ChannelOptions options, ChannelListener listener) {
        RequestHead head = exchange.head();
        Handshake.Result result = Handshake.check(head.method(), head.version(), head);
        if (result instanceof Handshake.Refused refused) {
            refuse(channel, listener, refused.violation());
            return false;
        }
        if (!originPolicy(options)
                .allows(head, exchange.authority(), exchange.scheme().equals("https"))) {
            refuse(channel, listener, HandshakeViolation.ORIGIN_NOT_ALLOWED);
            return false;
        }
        accept(channel, options, (Handshake.Accepted) result);
        return true;
    }

    private void refuse(RealChannel channel, ChannelListener listener, HandshakeViolation violation) {
        context.observer.refused(violation.status().code(), violation.text() + " (" + violation.rule() + ")");
        Response response =
                Response.text(violation.text()).status(violation.status().code());
        Headers fields = violation.headers();
        for (int i = 0; i < fields.size(); i++) {
            response = response.header(fields.name(i), fields.value(i));
        }
        listener.onHandshakeError(channel, response);
    }

    /** The answer leaves from here; the loop takes up the new protocol behind it, with what the client has sent meanwhile. */
    private void accept(RealChannel channel, ChannelOptions options, Handshake.Accepted accepted) {
        String subprotocol = Subprotocols.choose(accepted.subprotocols(), options.subprotocols());
        DeflateAgreement deflate =
                options.deflate() ? DeflateAgreement.negotiate(accepted.extensions(), DeflateOptions.DEFAULT) : null;
        Headers fields = accepted.answer(subprotocol, deflate);
        Headers extra = options.headers();
        for (int i = 0; i < extra.size(); i++) {
            fields = fields.plus(extra.name(i), extra.value(i));
        }
        WebSocketConnection webSocket =
                new WebSocketConnection(context, link, channel, deflate == null ? null : deflate.newInflater());
        channel.upgrade(carrier(webSocket, deflate), subprotocol);
        Scratch scratch = link.scratch();
        context.heads.writeInterim(scratch.bytes, Status.SWITCHING_PROTOCOLS, fields);
        link.send(scratch);
        exchange.upgraded();
        link.execute(() -> connection.upgrade(webSocket));
    }

    private WebSocketCarrier carrier(WebSocketConnection webSocket, @Nullable DeflateAgreement deflate) {
        return deflate == null
                ? new WebSocketCarrier(webSocket, link, null, false)
                : new WebSocketCarrier(
                        webSocket, link, deflate.newDeflater(DeflateOptions.DEFAULT), sharesFrames(deflate));
    }

    /** Frames can be shared if they refer neither to earlier messages nor farther back than every client's window. */
    private static boolean sharesFrames(DeflateAgreement deflate) {
        return !deflate.serverKeepsContext() && deflate.serverMaxWindowBits().isEmpty();
    }

    private static OriginPolicy originPolicy(ChannelOptions options) {
        return options.allowedOrigins() == null
                ? OriginPolicy.ANY
                : OriginPolicy.sameOriginOr(options.allowedOrigins());
    }
}
