package org.httpkit.internal.http2;

import org.httpkit.internal.bytes.Ascii;

/**
 * Reads a Priority Field Value (RFC 9218 sections 4 and 5), a dictionary of structured fields (RFC 8941 section 3.2):
 * the urgency and whether the response is incremental. Stateless.
 *
 * <p>A priority is a number: the urgency from 0, the most urgent, to 7, plus 8 if the response is incremental. Unknown
 * members, and members of a wrong type or out of range, are ignored; so is a whole value that is not a dictionary.
 */
public final class Priority {
    /** Urgency 3, not incremental. */
    public static final int DEFAULT = 3;

    private static final int URGENCY = 7;
    private static final int INCREMENTAL = 8;
    private static final int MOST_INTEGER_DIGITS = 15;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int priority;

    private Priority(byte[] bytes, int from, int to, int priority) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
        this.priority = priority;
    }

    /** The urgency: 0, the most urgent, to 7. */
    public static int urgency(int priority) {
        return priority & URGENCY;
    }

    /**
     * Whether the client can use the response in pieces, so that responses of equal urgency should share the
     * connection.
     */
    public static boolean isIncremental(int priority) {
        return (priority & INCREMENTAL) != 0;
    }

    /** Returns the priority that the range asks for; missing members are taken from {@code otherwise}. */
    static int parse(byte[] bytes, int from, int to, int otherwise) {
        Priority reader = new Priority(bytes, from, to, otherwise);
        return reader.dictionary() ? reader.priority : otherwise;
    }

    private boolean dictionary() {
        skipSpaces();
        while (at < end) {
            if (!member()) {
                return false;
            }
            skipWhitespace();
            if (at == end) {
                return true;
            }
            if (bytes[at++] != ',') {
                return false;
            }
            skipWhitespace();
            if (at == end) {
                return false; // a comma at the end
            }
        }
        return true;
    }

    private boolean member() {
        int keyStart = at;
        if (!key()) {
            return false;
        }
        int keyLength = at - keyStart;
        byte key = bytes[keyStart];
        if (at == end || bytes[at] != '=') {
            if (keyLength == 1 && key == 'i') {
                priority |= INCREMENTAL;
            }
            return parameters();
        }
        at++;
        int valueStart = at;
        boolean list = at < end && bytes[at] == '(';
        boolean wellFormed = list ? innerList() : bareItem();
        if (!wellFormed) {
            return false;
        }
        if (keyLength == 1) {
            apply(key, valueStart, at);
        }
        return parameters();
    }

    private void apply(byte key, int from, int to) {
        int length = to - from;
        if (key == 'u' && length == 1 && bytes[from] >= '0' && bytes[from] <= '0' + URGENCY) {
            priority = (priority & INCREMENTAL) | (bytes[from] - '0');
        } else if (key == 'i' && length == 2 && bytes[from] == '?') {
            priority = bytes[from + 1] == '1' ? priority | INCREMENTAL : priority & ~INCREMENTAL;
        }
    }

    /** {@code ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" )}. */
    private boolean key() {
        if (at == end || !(isLower(bytes[at]) || bytes[at] == '*')) {
            return false;
        }
        while (at < end && isKeyCharacter(bytes[at])) {
            at++;
        }
        return true;
    }

    private boolean parameters() {
        while (at < end && bytes[at] == ';') {
            at++;
            skipSpaces();
            if (!key()) {
                return false;
            }
            if (at < end && bytes[at] == '=') {
                at++;
                if (!bareItem()) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean innerList() {
        at++;
        while (at < end) {
            skipSpaces();
            if (at < end && bytes[at] == ')') {
                at++;
                return true;
            }
            if (!bareItem() || !parameters()) {
                return false;
            }
            if (at < end && bytes[at] != ' ' && bytes[at] != ')') {
                return false;
            }
        }
        return false;
    }

    private boolean bareItem() {
        if (at == end) {
            return false;
        }
        byte first = bytes[at];
        if (first == '-' || Ascii.isDigit(first)) {
            return number();
        }
        return switch (first) {
            case '"' -> string();
            case ':' -> byteSequence();
            case '?' -> bool();
            default -> token();
        };
    }

    private boolean number() {
        if (bytes[at] == '-') {
            at++;
        }
        int digits = digits();
        if (digits == 0 || digits > MOST_INTEGER_DIGITS) {
            return false;
        }
        if (at < end && bytes[at] == '.') {
            at++;
            int fraction = digits();
            return digits <= 12 && fraction >= 1 && fraction <= 3;
        }
        return true;
    }

    private int digits() {
        int start = at;
        while (at < end && Ascii.isDigit(bytes[at])) {
            at++;
        }
        return at - start;
    }

    private boolean string() {
        at++;
        while (at < end) {
            byte b = bytes[at++];
            if (b == '"') {
                return true;
            }
            if (b == '\\') {
                if (at == end || (bytes[at] != '"' && bytes[at] != '\\')) {
                    return false;
                }
                at++;
            } else if (b < ' ' || b == 0x7F) {
                return false;
            }
        }
        return false;
    }

    private boolean byteSequence() {
        at++;
        while (at < end && bytes[at] != ':') {
            byte b = bytes[at++];
            boolean base64 =
                    isLower(b) || (b >= 'A' && b <= 'Z') || Ascii.isDigit(b) || b == '+' || b == '/' || b == '=';
            if (!base64) {
                return false;
            }
        }
        return at++ < end;
    }

    private boolean bool() {
        boolean known = end - at >= 2 && (bytes[at + 1] == '0' || bytes[at + 1] == '1');
        at += 2;
        return known;
    }

    /** {@code ( ALPHA / "*" ) *( tchar / ":" / "/" )}. */
    private boolean token() {
        byte first = bytes[at];
        if (!isLower(first) && !(first >= 'A' && first <= 'Z') && first != '*') {
            return false;
        }
        while (at < end && (Ascii.isTokenChar(bytes[at]) || bytes[at] == ':' || bytes[at] == '/')) {
            at++;
        }
        return true;
    }

    private void skipSpaces() {
        while (at < end && bytes[at] == ' ') {
            at++;
        }
    }

    private void skipWhitespace() {
        at = Ascii.skipWhitespace(bytes, at, end);
    }

    private static boolean isLower(byte b) {
        return b >= 'a' && b <= 'z';
    }

    private static boolean isKeyCharacter(byte b) {
        return isLower(b) || Ascii.isDigit(b) || b == '_' || b == '-' || b == '.' || b == '*';
    }
}
