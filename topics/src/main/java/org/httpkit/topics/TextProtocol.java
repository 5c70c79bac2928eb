package org.httpkit.topics;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses the commands of WebSocket clients that speak the subprotocol {@code httpkit.topics}: one command in each text
 * message. Pure.
 */
final class TextProtocol {
    /** The subprotocol's name in the handshake. */
    static final String NAME = "httpkit.topics";

    /** The verb of a command. */
    enum Verb {
        /** Asks for messages of topics from now on. */
        SUBSCRIBE,
        /** Asks for messages of topics behind an id. */
        RESUME,
        /** Ends the messages of topics. */
        UNSUBSCRIBE,
        /** Carries a text for the application. */
        SEND
    }

    /**
     * A command. Immutable.
     *
     * @param topics each once; none with SEND
     * @param after the id with RESUME, of no epoch if the client sent none
     * @param text with SEND
     */
    record Command(Verb verb, List<String> topics, @Nullable MessageId after, String text) {}

    private TextProtocol() {}

    /** Parses a command; returns null if the text is none, or names too many topics or too long ones. */
    static @Nullable Command parse(String text, int mostTopics, int longestName) {
        if (text.startsWith("send ")) {
            return new Command(Verb.SEND, List.of(), null, text.substring(5));
        }
        String[] words = text.split(" ", mostTopics + 3);
        Command command =
                switch (words[0]) {
                    case "subscribe" -> of(Verb.SUBSCRIBE, words, 1, null);
                    case "unsubscribe" -> of(Verb.UNSUBSCRIBE, words, 1, null);
                    case "resume" -> words.length < 2 ? null : of(Verb.RESUME, words, 2, idOf(words[1]));
                    default -> null;
                };
        return command != null && isWithin(command.topics, mostTopics, longestName) ? command : null;
    }

    private static Command of(Verb verb, String[] words, int first, @Nullable MessageId after) {
        List<String> topics = List.copyOf(new LinkedHashSet<>(List.of(words).subList(first, words.length)));
        return new Command(verb, topics, after, "");
    }

    private static boolean isWithin(List<String> topics, int most, int longest) {
        return !topics.isEmpty() && topics.size() <= most && topics.stream().allMatch(name -> name.length() <= longest);
    }

    /**
     * Parses the id of the message that a client claims to have seen last; {@code all} asks for everything that is
     * kept. Any other text counts as an id of another epoch, so that the client learns of a gap, and goes on.
     */
    static MessageId idOf(String text) {
        if (text.equals("all")) {
            return TopicTable.ALL;
        }
        MessageId id = MessageId.parse(text);
        return id == null ? new MessageId("0", 0) : id;
    }
}
