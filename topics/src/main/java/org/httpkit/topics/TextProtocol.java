package org.httpkit.topics;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What WebSocket clients say that speak the subprotocol {@code httpkit.topics}: one command in a text message. Pure. */
final class TextProtocol {
    /** The subprotocol's name in the handshake. */
    static final String NAME = "httpkit.topics";

    /** What a client wants. */
    enum Verb {
        /** Messages of topics from now on. */
        SUBSCRIBE,
        /** Messages of topics behind an id. */
        RESUME,
        /** No more messages of topics. */
        UNSUBSCRIBE,
        /** A text for the application. */
        SEND
    }

    /**
     * A command. Immutable.
     *
     * @param topics each once; none with SEND
     * @param after the id with RESUME, which belongs to no epoch if the client has sent none
     * @param text with SEND
     */
    record Command(Verb verb, List<String> topics, @Nullable MessageId after, String text) {}

    private TextProtocol() {}

    /** The command that a text is; null if it is none. */
    static @Nullable Command parse(String text, int mostTopics) {
        if (text.startsWith("send ")) {
            return new Command(Verb.SEND, List.of(), null, text.substring(5));
        }
        String[] words = text.split(" ", mostTopics + 3);
        return switch (words[0]) {
            case "subscribe" -> of(Verb.SUBSCRIBE, words, 1, null, mostTopics);
            case "unsubscribe" -> of(Verb.UNSUBSCRIBE, words, 1, null, mostTopics);
            case "resume" -> words.length < 2 ? null : of(Verb.RESUME, words, 2, idOf(words[1]), mostTopics);
            default -> null;
        };
    }

    private static @Nullable Command of(Verb verb, String[] words, int first, @Nullable MessageId after, int most) {
        List<String> topics = List.copyOf(new LinkedHashSet<>(List.of(words).subList(first, words.length)));
        boolean legal = !topics.isEmpty() && topics.size() <= most;
        return legal ? new Command(verb, topics, after, "") : null;
    }

    /**
     * The message that a client has last seen by its own word: {@code all} asks for everything that is kept. What is no id of ours is taken for
     * one of another epoch, so that such a client learns that it has missed something, and goes on.
     */
    static MessageId idOf(String text) {
        if (text.equals("all")) {
            return TopicTable.ALL;
        }
        MessageId id = MessageId.parse(text);
        return id == null ? new MessageId("0", 0) : id;
    }
}
