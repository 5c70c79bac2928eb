package org.httpkit.internal.connection;

import org.httpkit.http.Headers;
import org.httpkit.internal.channel.ChannelUpgrade;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.channel.MessageOutput;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.internal.websocket.OriginPolicy;
import org.httpkit.internal.websocket.Subprotocols;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Opens a WebSocket on an exchange (RFC 6455 section 4.2, RFC 8441): the part that both versions of HTTP share. See
 * {@link ChannelUpgrade} for threads.
 */
abstract class WebSocketUpgrade implements ChannelUpgrade {
    final Exchange exchange;
    final ServerContext context;
    private final ChannelOptions options;

    WebSocketUpgrade(Exchange exchange, ChannelOptions options) {
        this.exchange = exchange;
        this.context = exchange.context;
        this.options = options;
    }

    /** Checks the request by the rules of its version of HTTP. */
    abstract Handshake.Result check(RequestHead head);

    abstract WebSocketConnection newConnection(MessageChannel channel, @Nullable MessageInflater inflater);

    /**
     * Prepares the answer with these fields. The returned task sends it, and hands the bytes behind it to the
     * WebSocket.
     *
     * @throws IllegalArgumentException if a field cannot be written
     */
    abstract Runnable answer(Headers fields, WebSocketConnection webSocket);

    @Override
    public @Nullable Response perform(MessageChannel channel) {
        RequestHead head = exchange.head();
        Handshake.Result result = check(head);
        if (result instanceof Handshake.Refused refused) {
            return refusal(refused.violation());
        }
        if (!allowsOrigin()) {
            return refusal(HandshakeViolation.ORIGIN_NOT_ALLOWED);
        }
        accept(channel, (Handshake.Accepted) result);
        return null;
    }

    @Override
    public boolean allowsOrigin() {
        return originPolicy(options)
                .allows(exchange.head(), exchange.authority(), exchange.scheme().equals("https"));
    }

    private Response refusal(HandshakeViolation violation) {
        context.observer.refused(violation.status().code(), violation.text() + " (" + violation.rule() + ")");
        Response response =
                Response.text(violation.text()).status(violation.status().code());
        Headers fields = violation.headers();
        for (int i = 0; i < fields.size(); i++) {
            response = response.header(fields.name(i), fields.value(i));
        }
        return response;
    }

    private void accept(MessageChannel channel, Handshake.Accepted accepted) {
        String subprotocol = Subprotocols.choose(accepted.subprotocols(), options.subprotocols());
        DeflateAgreement deflate =
                options.deflate() ? DeflateAgreement.negotiate(accepted.extensions(), DeflateOptions.DEFAULT) : null;
        Headers fields = accepted.answer(subprotocol, deflate);
        Headers extra = options.headers();
        for (int i = 0; i < extra.size(); i++) {
            fields = fields.plus(extra.name(i), extra.value(i));
        }
        switchProtocols(channel, fields, subprotocol, deflate);
    }

    @Override
    public void accept(MessageChannel channel, Headers fields, @Nullable String subprotocol) {
        switchProtocols(channel, fields, subprotocol, null);
    }

    private void switchProtocols(
            MessageChannel channel, Headers fields, @Nullable String subprotocol, @Nullable DeflateAgreement deflate) {
        WebSocketConnection webSocket = newConnection(channel, deflate == null ? null : deflate.newInflater());
        Runnable answer = answer(fields, webSocket);
        ReceivedRequest kept = exchange.kept();
        if (channel.upgrade(carrier(webSocket, deflate), kept, subprotocol)) {
            context.webSocketOpened(kept);
        }
        answer.run();
    }

    private MessageOutput carrier(WebSocketConnection webSocket, @Nullable DeflateAgreement deflate) {
        return deflate == null
                ? new MessageOutput(webSocket, null, false)
                : new MessageOutput(webSocket, deflate.newDeflater(DeflateOptions.DEFAULT), sharesFrames(deflate));
    }

    /**
     * Whether frames can be shared: if they refer neither to earlier messages nor farther back than every client's
     * window.
     */
    private static boolean sharesFrames(DeflateAgreement deflate) {
        return !deflate.serverKeepsContext() && deflate.serverMaxWindowBits().isEmpty();
    }

    private static OriginPolicy originPolicy(ChannelOptions options) {
        return options.allowedOrigins() == null
                ? OriginPolicy.ANY
                : OriginPolicy.sameOriginOr(options.allowedOrigins());
    }
}
