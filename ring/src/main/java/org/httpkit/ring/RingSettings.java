package org.httpkit.ring;

import org.httpkit.server.ChannelOptions;

/**
 * What holds for all requests of a server. Immutable.
 *
 * @param believesForwardedFor whether anybody may say in X-Forwarded-For who he is
 * @param origins whose {@link ChannelOptions#allowedOrigins} count for channels that are not told otherwise
 */
public record RingSettings(boolean believesForwardedFor, ChannelOptions origins) {}
