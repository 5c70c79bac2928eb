package org.httpkit.ring;

import clojure.lang.IFn;
import clojure.lang.Keyword;
import clojure.lang.RT;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.Subscription;
import org.httpkit.topics.Topics;
import org.httpkit.topics.WhenSlow;
import org.jspecify.annotations.Nullable;

/** The Java part of the namespace {@code org.httpkit.topics}: converts maps of options, and data. Stateless. */
public final class RingTopics {
    private RingTopics() {}

    /**
     * Makes topics from a map of options; see the namespace.
     *
     * @throws IllegalArgumentException if an option is unknown, or a value does not fit
     */
    public static Topics topics(Map<?, ?> options) {
        Topics.Builder builder = Topics.builder();
        int keep = 0;
        long keepMillis = Duration.ofHours(1).toMillis();
        for (Map.Entry<?, ?> option : options.entrySet()) {
            Object value = option.getValue();
            switch (nameOf(option.getKey())) {
                case "keep" -> keep = intOf(option);
                case "keep-ms" -> keepMillis = longOf(option);
                case "max-history-bytes" -> builder.maxHistoryBytes(longOf(option));
                case "max-topics" -> builder.maxTopics(intOf(option));
                case "max-subscriptions" -> builder.maxSubscriptions(intOf(option));
                case "max-name-length" -> builder.maxNameLength(intOf(option));
                case "max-message-bytes" -> builder.maxMessageBytes(intOf(option));
                case "max-undelivered" -> builder.maxUndelivered(intOf(option));
                case "slow-after-bytes" -> builder.slowAfterBytes(longOf(option));
                case "presence-interval-ms" -> builder.presenceInterval(Duration.ofMillis(longOf(option)));
                case "keep-alive-interval-ms" -> builder.keepAliveInterval(Duration.ofMillis(longOf(option)));
                case "publish-timeout-ms" -> builder.publishTimeout(Duration.ofMillis(longOf(option)));
                case "backplane" -> {
                    if (value != null) {
                        builder.backplane((Backplane) value);
                    }
                }
                default -> throw new IllegalArgumentException("There is no option " + option.getKey());
            }
        }
        return builder.keep(keep, Duration.ofMillis(keepMillis)).build();
    }

    /**
     * Subscribes the client of a Ring request. The map has to be the handler's argument, or made from it by {@code
     * assoc}.
     */
    public static Response subscribe(Topics topics, Object request, Map<?, ?> options) throws Exception {
        if (!(request instanceof RequestMap map)) {
            throw new IllegalArgumentException("The request is "
                    + request.getClass().getName()
                    + "; it must be the map that the handler was given, or one made of it by assoc or dissoc");
        }
        return topics.subscribe(map.request(), subscription(map, options));
    }

    private static Subscription subscription(RequestMap request, Map<?, ?> options) {
        List<String> names = new ArrayList<>();
        Object topics = options.get(Keyword.intern("topics"));
        for (var each = RT.seq(topics); each != null; each = each.next()) {
            names.add(String.valueOf(each.first()));
        }
        Subscription made = Subscription.to(names.toArray(String[]::new));
        ChannelOptions channel = request.origins();
        for (Map.Entry<?, ?> option : options.entrySet()) {
            Object value = option.getValue();
            switch (nameOf(option.getKey())) {
                case "topics" -> {
                    // They are there already.
                }
                case "when-slow" -> made = made.whenSlow(whenSlow(value));
                case "presence?" -> made = made.presence(RT.booleanCast(value));
                case "history?" -> made = made.withHistory(RT.booleanCast(value));
                case "poll-timeout-ms" -> made = made.pollTimeout(Duration.ofMillis(longOf(option)));
                case "allow" -> {
                    IFn allow = (IFn) value;
                    made = made.allowing(topic -> RT.booleanCast(allow.invoke(topic)));
                }
                case "on-message" -> {
                    IFn onMessage = (IFn) value;
                    made = made.onMessage(onMessage::invoke);
                }
                case "allowed-origins" -> channel = value == null ? channel : RingOptions.origins(value);
                default -> throw new IllegalArgumentException("There is no option " + option.getKey());
            }
        }
        return made.channel(channel);
    }

    private static WhenSlow whenSlow(@Nullable Object value) {
        if (value instanceof WhenSlow policy) {
            return policy;
        }
        if (value instanceof Keyword keyword) {
            for (WhenSlow policy : WhenSlow.values()) {
                if (policy.name().toLowerCase(Locale.ROOT).equals(keyword.getName())) {
                    return policy;
                }
            }
        }
        throw new IllegalArgumentException(
                ":when-slow is " + RT.printString(value) + "; it must be one of :close, :latest, :skip");
    }

    /** Converts a string, a byte array or a message to a message. */
    public static Message message(@Nullable Object data) {
        if (data instanceof Message message) {
            return message;
        }
        if (data instanceof byte[] bytes) {
            return Message.binary(bytes);
        }
        if (data instanceof CharSequence text) {
            return Message.text(text.toString());
        }
        throw new IllegalArgumentException("A message is "
                + (data == null ? "nil" : data.getClass().getName()) + "; it must be a string or a byte array");
    }

    private static String nameOf(Object key) {
        return key instanceof Keyword keyword ? keyword.getName() : String.valueOf(key);
    }

    private static int intOf(Map.Entry<?, ?> option) {
        return Math.toIntExact(longOf(option));
    }

    private static long longOf(Map.Entry<?, ?> option) {
        if (option.getValue() instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalArgumentException(
                option.getKey() + " is " + RT.printString(option.getValue()) + "; it must be a number");
    }
}
