package org.httpkit.internal.websocket;

/** Recognizes tokens (RFC 9110 section 5.6.2). */
final class Tokens {
    private Tokens() {}

    static boolean isToken(String text) {
        return !text.isEmpty() && endOfToken(text, 0) == text.length();
    }

    /** Returns the index after the token characters that begin at an index. */
    static int endOfToken(String text, int from) {
        int end = from;
        while (end < text.length() && isTokenCharacter(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
