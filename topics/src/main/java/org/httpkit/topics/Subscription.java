package org.httpkit.topics;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a channel listens to, and how. Immutable: each method returns a changed subscription. Begin with
 * {@link #to}.
 */
public final class Subscription {
    private static final Duration POLL = Duration.ofSeconds(25);

    private final List<String> topics;
    private final WhenSlow whenSlow;
    private final boolean presence;
    private final boolean history;
    private final Duration pollTimeout;
    private final ChannelOptions options;
    private final @Nullable BiConsumer<AsyncChannel, Object> onMessage;
    private final Predicate<String> allowed;

    private Subscription(
            List<String> topics,
            WhenSlow whenSlow,
            boolean presence,
            boolean history,
            Duration pollTimeout,
            ChannelOptions options,
            @Nullable BiConsumer<AsyncChannel, Object> onMessage,
            Predicate<String> allowed) {
        this.allowed = allowed;
        this.topics = topics;
        this.whenSlow = whenSlow;
        this.presence = presence;
        this.history = history;
        this.pollTimeout = pollTimeout;
        this.options = options;
        this.onMessage = onMessage;
    }

    /**
     * Subscribes to these topics; without any, a WebSocket client of the protocol chooses them. Slow clients are
     * closed.
     */
    public static Subscription to(String... topics) {
        return new Subscription(
                List.copyOf(new LinkedHashSet<>(List.of(topics))),
                WhenSlow.CLOSE,
                false,
                false,
                POLL,
                ChannelOptions.DEFAULT,
                null,
                topic -> true);
    }

    /** What to do with messages when the client does not keep up. Default {@link WhenSlow#CLOSE}. */
    public Subscription whenSlow(WhenSlow whenSlow) {
        return new Subscription(
                topics,
                Objects.requireNonNull(whenSlow, "whenSlow"),
                presence,
                history,
                pollTimeout,
                options,
                onMessage,
                allowed);
    }

    /**
     * Whether the client gets the number of each topic's listeners when it changes, at most once in {@link
     * Topics.Builder#presenceInterval}. Not for polls, and not for WebSocket clients without the protocol. Default
     * false.
     */
    public Subscription presence(boolean presence) {
        return new Subscription(topics, whenSlow, presence, history, pollTimeout, options, onMessage, allowed);
    }

    /**
     * Whether a client that names no message first gets everything that is kept, rather than only new messages. Default
     * false.
     */
    public Subscription withHistory(boolean history) {
        return new Subscription(topics, whenSlow, presence, history, pollTimeout, options, onMessage, allowed);
    }

    /**
     * How long a poll may wait for a message before it gets 204. Default 25 seconds.
     *
     * @throws IllegalArgumentException as {@link ChannelOptions#answerTimeout}
     */
    public Subscription pollTimeout(Duration timeout) {
        ChannelOptions.DEFAULT.answerTimeout(timeout);
        return new Subscription(topics, whenSlow, presence, history, timeout, options, onMessage, allowed);
    }

    /**
     * The options for opening channels: origins, compression, fields. Topics add their subprotocol, send the fields with
     * every response that begins a subscription or answers a poll, and ignore what the options say of full channels and
     * timeouts. Pages of other origins that read events need {@code Access-Control-Allow-Origin} there, and {@code
     * Access-Control-Expose-Headers: Last-Event-ID} for polls.
     */
    public Subscription channel(ChannelOptions options) {
        return new Subscription(
                topics,
                whenSlow,
                presence,
                history,
                pollTimeout,
                Objects.requireNonNull(options, "options"),
                onMessage,
                allowed);
    }

    /**
     * Receives messages of WebSocket clients: a {@code String} or a {@code byte[]}; with the protocol, the text behind
     * {@code send}. It is called as {@link org.httpkit.server.ChannelListener#onMessage} is. Without it these messages
     * are dropped.
     */
    public Subscription onMessage(BiConsumer<AsyncChannel, Object> onMessage) {
        return new Subscription(
                topics,
                whenSlow,
                presence,
                history,
                pollTimeout,
                options,
                Objects.requireNonNull(onMessage, "onMessage"),
                allowed);
    }

    /**
     * Restricts this client's topics further than {@link Topics.Builder#permission} does: both must allow a topic.
     * Called where the permission is called. Default: all.
     */
    public Subscription allowing(Predicate<String> topics) {
        return new Subscription(
                this.topics,
                whenSlow,
                presence,
                history,
                pollTimeout,
                options,
                onMessage,
                Objects.requireNonNull(topics, "topics"));
    }

    /** The topics, each once. */
    public List<String> topics() {
        return topics;
    }

    boolean allows(String topic) {
        return allowed.test(topic);
    }

    WhenSlow whenSlow() {
        return whenSlow;
    }

    boolean presence() {
        return presence;
    }

    boolean withHistory() {
        return history;
    }

    Duration pollTimeout() {
        return pollTimeout;
    }

    ChannelOptions options() {
        return options;
    }

    /** The fields of a response: those given, and those of the options. */
    Headers fields(Headers given) {
        Headers own = options.headers();
        Headers all = given;
        for (int i = 0; i < own.size(); i++) {
            all = all.plus(own.name(i), own.value(i));
        }
        return all;
    }

    @Nullable
    BiConsumer<AsyncChannel, Object> onMessage() {
        return onMessage;
    }
}
