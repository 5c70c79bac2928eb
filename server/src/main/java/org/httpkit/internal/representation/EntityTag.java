package org.httpkit.internal.representation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity tag (RFC 9110 section 8.8.3). Immutable.
 *
 * @param isWeak whether equal tags only mean that one representation can replace the other
 * @param opaque the tag with its quotes
 */
public record EntityTag(boolean isWeak, String opaque) {
    private static final String WEAK = "W/";

    /** Parses a whole field value; returns null if it is not an entity tag. */
    public static @Nullable EntityTag parse(String text) {
        int start = text.startsWith(WEAK) ? WEAK.length() : 0;
        return end(text, start) == text.length() ? new EntityTag(start > 0, text.substring(start)) : null;
    }

    /** Returns where the quoted part that begins at an index ends; -1 if no quoted part begins there. */
    private static int end(String text, int start) {
        if (start >= text.length() || text.charAt(start) != '"') {
            return -1;
        }
        int i = start + 1;
        while (i < text.length() && isTagChar(text.charAt(i))) {
            i++;
        }
        return i < text.length() && text.charAt(i) == '"' ? i + 1 : -1;
    }

    /** There is no escape: a quotation mark always ends the tag, and a backslash is a plain character. */
    private static boolean isTagChar(char c) {
        return c == '!' || (c > '"' && c != 127);
    }

    /** The strong comparison: both tags name a representation that is equal byte by byte. */
    public boolean isStrongly(EntityTag other) {
        return !isWeak && !other.isWeak && opaque.equals(other.opaque);
    }

    /** The weak comparison: one representation can replace the other. */
    public boolean isWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** The weak tag for a representation whose bytes differ but whose meaning does not. */
    public EntityTag weakened() {
        return isWeak ? this : new EntityTag(true, opaque);
    }

    /**
     * Whether a list of tags, over all lines of its field, contains this one. Text that is not a tag matches nothing;
     * reading continues after the next comma.
     *
     * @param strongly true for the strong comparison
     */
    boolean isIn(List<String> lines, boolean strongly) {
        String list = lines.size() == 1 ? lines.get(0) : String.join(",", lines);
        int at = 0;
        while (at < list.length()) {
            char c = list.charAt(at);
            if (c == ',' || c == ' ' || c == '\t') {
                at++;
                continue;
            }
            boolean weak = list.startsWith(WEAK, at);
            int start = weak ? at + WEAK.length() : at;
            int end = end(list, start);
            int next = end < 0 ? at : skipWhitespace(list, end);
            if (end > 0 && (next == list.length() || list.charAt(next) == ',')) {
                boolean counts = !strongly || (!weak && !isWeak);
                if (counts && opaque.length() == end - start && list.startsWith(opaque, start)) {
                    return true;
                }
                at = next;
            } else {
                int comma = list.indexOf(',', at);
                at = comma < 0 ? list.length() : comma;
            }
        }
        return false;
    }

    private static int skipWhitespace(String text, int from) {
        int i = from;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }

    /** The tag as a field value. */
    @Override
    public String toString() {
        return isWeak ? WEAK + opaque : opaque;
    }
}
