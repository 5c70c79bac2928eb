package org.httpkit.topics;

import java.util.Set;

/** Checks the names of topics. Stateless. */
final class TopicNames {
    /** Types of events that have another meaning for a browser, or for us. */
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

    /** @throws IllegalArgumentException if the name is not legal */
    static String require(String name, int longest) {
        if (!isLegal(name, longest)) {
            throw new IllegalArgumentException("topic is \"" + name + "\"; it must be 1 to " + longest
                    + " characters without spaces and control characters, and none of " + RESERVED);
        }
        return name;
    }
}
