package org.httpkit.topics;

import java.util.Set;

/** What may be the name of a topic. Stateless. */
final class TopicNames {
    /** The types of events that mean something else to a browser, or to us. */
    private static final Set<String> RESERVED =
            Set.of("message", "open", "error", "stale", "skipped", "presence", "refused");

    private TopicNames() {}

    static boolean isLegal(String name, int longest) {
        return !name.isEmpty()
                && name.length() <= longest
                && !RESERVED.contains(name)
                && name.codePoints().allMatch(TopicNames::isLegal);
    }

    private static boolean isLegal(int c) {
        int type = Character.getType(c);
        return type != Character.CONTROL
                && type != Character.SURROGATE
                && !Character.isSpaceChar(c)
                && !Character.isWhitespace(c);
    }

    /** @throws IllegalArgumentException if it is no legal name */
    static String require(String name, int longest) {
        if (!isLegal(name, longest)) {
            throw new IllegalArgumentException("topic is \"" + name + "\"; it must be 1 to " + longest
                    + " characters without spaces and control characters, and none of " + RESERVED);
        }
        return name;
    }
}
