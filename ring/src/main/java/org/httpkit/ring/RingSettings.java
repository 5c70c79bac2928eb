package org.httpkit.ring;

import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/**
 * Settings for all requests of a server. Immutable.
 *
 * @param believesForwardedFor whether any client may state its address in X-Forwarded-For
 * @param origins options whose {@link ChannelOptions#allowedOrigins} apply to channels without their own
 * @param headLength the Content-Length of answers to HEAD
 * @param closesOnFailure whether a WebSocket closes with 1011 when one of its callbacks throws
 * @param errorPages the value of {@code :error-pages}, or null
 * @param calls the calls of the application's functions
 * @param observer passes events to the loggers
 */
public record RingSettings(
        boolean believesForwardedFor,
        ChannelOptions origins,
        HeadLength headLength,
        boolean closesOnFailure,
        @Nullable Object errorPages,
        RingCalls calls,
        RingObserver observer) {}
