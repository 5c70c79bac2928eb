package org.httpkit.server;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/** How a channel opens. Immutable: each method returns changed options. Begin with {@link #DEFAULT}. */
public final class ChannelOptions {
    /**
     * No subprotocol, no extra fields, same origin only, no compression; slow clients are closed; plain HTTP is
     * accepted, and its response has to begin within five minutes.
     */
    public static final ChannelOptions DEFAULT = new ChannelOptions(
            List.of(), Headers.empty(), Set.of(), false, WhenFull.CLOSE, false, Duration.ofMinutes(5), null);

    private final List<String> subprotocols;
    private final Headers headers;
    private final @Nullable Set<String> allowedOrigins;
    private final boolean deflate;
    private final WhenFull whenFull;
    private final boolean webSocketOnly;
    private final Duration answerTimeout;
    private final @Nullable Response unanswered;

    private ChannelOptions(
            List<String> subprotocols,
            Headers headers,
            @Nullable Set<String> allowedOrigins,
            boolean deflate,
            WhenFull whenFull,
            boolean webSocketOnly,
            Duration answerTimeout,
            @Nullable Response unanswered) {
        this.subprotocols = subprotocols;
        this.headers = headers;
        this.allowedOrigins = allowedOrigins;
        this.deflate = deflate;
        this.whenFull = whenFull;
        this.webSocketOnly = webSocketOnly;
        this.answerTimeout = answerTimeout;
        this.unanswered = unanswered;
    }

    /**
     * The subprotocols that the application speaks. The handshake agrees on the first of the client's that is among
     * them.
     */
    public ChannelOptions subprotocols(String... names) {
        return new ChannelOptions(
                List.of(names), headers, allowedOrigins, deflate, whenFull, webSocketOnly, answerTimeout, unanswered);
    }

    /** Fields to add to the response of the WebSocket handshake, such as cookies. */
    public ChannelOptions headers(Headers headers) {
        return new ChannelOptions(
                subprotocols,
                Objects.requireNonNull(headers, "headers"),
                allowedOrigins,
                deflate,
                whenFull,
                webSocketOnly,
                answerTimeout,
                unanswered);
    }

    /**
     * The sites whose pages may open a WebSocket, in addition to the server's site: {@code https://example.org}. A
     * browser's page of any other site gets 403 (RFC 6455 section 10.2). Clients that send no {@code Origin} are not
     * browsers, and the server accepts them.
     */
    public ChannelOptions allowedOrigins(String... origins) {
        return new ChannelOptions(
                subprotocols, headers, Set.of(origins), deflate, whenFull, webSocketOnly, answerTimeout, unanswered);
    }

    /** Lets pages of all sites open a WebSocket. Use it only for channels that do not rely on cookies. */
    public ChannelOptions anyOrigin() {
        return new ChannelOptions(
                subprotocols, headers, null, deflate, whenFull, webSocketOnly, answerTimeout, unanswered);
    }

    /**
     * Whether to agree to permessage-deflate (RFC 7692) when the client offers it. It saves bytes and costs CPU time.
     */
    public ChannelOptions deflate(boolean deflate) {
        return new ChannelOptions(
                subprotocols, headers, allowedOrigins, deflate, whenFull, webSocketOnly, answerTimeout, unanswered);
    }

    /** What happens when the client falls behind. */
    public ChannelOptions whenFull(WhenFull whenFull) {
        return new ChannelOptions(
                subprotocols,
                headers,
                allowedOrigins,
                deflate,
                Objects.requireNonNull(whenFull, "whenFull"),
                webSocketOnly,
                answerTimeout,
                unanswered);
    }

    /**
     * Answers a request without a WebSocket handshake with 426 (RFC 9110 section 15.5.22) instead of opening an HTTP
     * channel: the server calls {@link ChannelListener#onHandshakeError}.
     */
    public ChannelOptions forWebSocketOnly() {
        return new ChannelOptions(
                subprotocols, headers, allowedOrigins, deflate, whenFull, true, answerTimeout, unanswered);
    }

    /**
     * How long a plain HTTP request may wait on the channel until its response begins, counted from the end of its
     * head; zero means no limit. Default 5 minutes. Then {@link ChannelListener#onUnanswered} decides; by default the
     * client gets 503. The server checks within the first second, then every five seconds and when the time has come.
     *
     * @throws IllegalArgumentException if the timeout is negative or longer than 3650 days
     */
    public ChannelOptions answerTimeout(Duration timeout) {
        return new ChannelOptions(
                subprotocols,
                headers,
                allowedOrigins,
                deflate,
                whenFull,
                webSocketOnly,
                Options.requireNotNegative("answerTimeout", timeout),
                unanswered);
    }

    /**
     * Which response a plain HTTP request gets that nothing has answered, and when: after this time, or when the
     * server stops. For long polling, a 204 for instance, after which the client asks again. This is {@link
     * #answerTimeout} with a better response than 503. {@link ChannelListener#onUnanswered} receives the response and
     * may decide otherwise.
     *
     * @throws IllegalArgumentException if the time is negative or longer than 3650 days, or if the response is one
     *     that comes later or from a channel
     */
    public ChannelOptions answerBy(Duration timeout, Response response) {
        Objects.requireNonNull(response, "response");
        if (response.body() instanceof ResponseBody.Later || response.body() instanceof ResponseBody.Channel) {
            throw new IllegalArgumentException("response comes later or from a channel; it must be complete now");
        }
        return new ChannelOptions(
                subprotocols,
                headers,
                allowedOrigins,
                deflate,
                whenFull,
                webSocketOnly,
                Options.requireNotNegative("timeout", timeout),
                response);
    }

    public List<String> subprotocols() {
        return subprotocols;
    }

    public Headers headers() {
        return headers;
    }

    /** Null if all are allowed. */
    public @Nullable Set<String> allowedOrigins() {
        return allowedOrigins;
    }

    public boolean deflate() {
        return deflate;
    }

    public WhenFull whenFull() {
        return whenFull;
    }

    /** Whether the channel refuses plain HTTP. */
    public boolean webSocketOnly() {
        return webSocketOnly;
    }

    public Duration answerTimeout() {
        return answerTimeout;
    }

    /** The response for a request that nothing has answered; null for 503. */
    public @Nullable Response unanswered() {
        return unanswered;
    }
}
