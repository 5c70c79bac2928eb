package org.httpkit.internal.channel;

import org.httpkit.http.Headers;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Turns the exchange of a channel into a WebSocket (RFC 6455 section 4.2). Used once, by the thread that opens the channel. */
public interface ChannelUpgrade {

    /** Answers the handshake; returns what to answer if it is to be refused. */
    @Nullable
    Response perform(MessageChannel channel);

    /** Whether a page of the origin that the request names may open a WebSocket here. */
    boolean allowsOrigin();

    /** Answers with these fields, whatever was asked for. */
    void accept(MessageChannel channel, Headers fields, @Nullable String subprotocol);
}
