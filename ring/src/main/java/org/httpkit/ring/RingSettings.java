package org.httpkit.ring;

import org.httpkit.server.ChannelOptions;

/**
 * What holds for all requests of a server. Immutable.
 *
 * @param believesForwardedFor whether anybody may say in X-Forwarded-For who he is
 * @param origins whose {@link ChannelOptions#allowedOrigins} count for channels that are not told otherwise
 * @param headLength which Content-Length answers to HEAD have
 * @param closesOnFailure whether a WebSocket closes with 1011 when one of its callbacks throws
 * @param calls the calls of the application's functions
 * @param observer tells the loggers
 */
public record RingSettings(
        boolean believesForwardedFor,
        ChannelOptions origins,
        HeadLength headLength,
        boolean closesOnFailure,
        RingCalls calls,
        RingObserver observer) {}
