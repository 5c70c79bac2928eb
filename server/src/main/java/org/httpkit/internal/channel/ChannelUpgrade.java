package org.httpkit.internal.channel;

import org.httpkit.http.Headers;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Turns the exchange of a channel into a WebSocket (RFC 6455 section 4.2). Used once, by the thread that opens the channel. */
public interface ChannelUpgrade {

    /** Accepts the handshake, or returns the response that refuses it. */
    @Nullable
    Response perform(MessageChannel channel);

    /** Whether a page of the request's origin may open a WebSocket here. */
    boolean allowsOrigin();

    /** Accepts the handshake with these fields, whatever the client asked for. */
    void accept(MessageChannel channel, Headers fields, @Nullable String subprotocol);
}
