package org.httpkit.http;

import java.util.Objects;

/** The characters that names, tokens and field values may have (RFC 9110 sections 5.1, 5.5 and 5.6.2). */
final class FieldSyntax {
    private static final String OTHER_TEXT = " Write other text in ASCII: a URI with percent-encoding, a file name as"
            + " filename*=UTF-8''... (RFC 8187)";
    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '0'; c <= '9'; c++) {
            TOKEN[c] = true;
        }
        for (char c = 'A'; c <= 'Z'; c++) {
            TOKEN[c] = true;
            TOKEN[c + 32] = true;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private FieldSyntax() {}

    static String requireToken(String text, String what) {
        Objects.requireNonNull(text, what);
        if (text.isEmpty()) {
            throw new IllegalArgumentException("A " + what + " must have at least one character");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128 || !TOKEN[c]) {
                throw new IllegalArgumentException("Character " + describe(c) + " at index " + i
                        + " is not allowed in a " + what + "; letters, digits and !#$%&'*+-.^_`|~ are");
            }
        }
        return text;
    }

    /**
     * Refuses what would end the field early or could not be written as one byte. The text of the value is not repeated in
     * the message: it may be a secret.
     */
    static String requireValue(String name, String value) {
        if (value == null) {
            throw new NullPointerException("The value of field " + name + " is null");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127 || c > 255) {
                throw new IllegalArgumentException(
                        "Character " + describe(c) + " at index " + i + " of the value of field " + name
                                + " is not allowed; visible ISO-8859-1 characters, spaces and tabs are."
                                + (c > 255 ? OTHER_TEXT : ""));
            }
        }
        return value;
    }

    private static String describe(char c) {
        return c > ' ' && c < 127 ? "'" + c + "'" : String.format("U+%04X", (int) c);
    }
}
