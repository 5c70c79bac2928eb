package org.httpkit.internal.connection;

import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.channel.ChannelUpgrade;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.channel.MessageOutput;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.OriginPolicy;
import org.httpkit.internal.websocket.Subprotocols;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** The upgrade of an HTTP/1.1 connection to a WebSocket (RFC 6455 section 4.2). See {@link ChannelUpgrade} for threads. */
final class WebSocketUpgrade implements ChannelUpgrade {
    private final Exchange exchange;
    private final ServerContext context;
    private final Link link;
    private final ChannelOptions options;
    /** Takes the link over for the WebSocket, behind the answer. */
    private final Consumer<WebSocketConnection> takeOver;

    WebSocketUpgrade(Exchange exchange, Link link, ChannelOptions options, Consumer<WebSocketConnection> takeOver) {
        this.exchange = exchange;
        this.context = exchange.context;
        this.link = link;
        this.options = options;
        this.takeOver = takeOver;
    }

    @Override
    public @Nullable Response perform(MessageChannel channel) {
        RequestHead head = exchange.head();
        Handshake.Result result = Handshake.check(head.method(), head.version(), head);
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

    /** The answer leaves from here; the loop takes up the new protocol behind it, with what the client has sent meanwhile. */
    private void switchProtocols(
            MessageChannel channel, Headers fields, @Nullable String subprotocol, @Nullable DeflateAgreement deflate) {
        WebSocketConnection webSocket =
                new WebSocketConnection(channel, deflate == null ? null : deflate.newInflater());
        Scratch scratch = link.scratch();
        context.heads.writeInterim(scratch.bytes, Status.SWITCHING_PROTOCOLS, fields);
        ReceivedRequest kept = exchange.kept();
        if (channel.upgrade(carrier(webSocket, deflate), kept, subprotocol)) {
            context.webSocketOpened(kept);
        }
        link.send(scratch);
        takeOver.accept(webSocket);
    }

    private MessageOutput carrier(WebSocketConnection webSocket, @Nullable DeflateAgreement deflate) {
        return deflate == null
                ? new MessageOutput(webSocket, null, false)
                : new MessageOutput(webSocket, deflate.newDeflater(DeflateOptions.DEFAULT), sharesFrames(deflate));
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
