package org.httpkit.ring;

import org.jspecify.annotations.Nullable;

/**
 * Splits a Content-Type into two values of a request map: {@code :content-type} and {@code :character-encoding}. A
 * value without a charset stays whole, as in http-kit. Stateless.
 */
final class ContentType {
    private static final String CHARSET = "charset";

    private ContentType() {}

    /** The type without its parameters if a charset is among them, otherwise the whole value; null for null. */
    static @Nullable String type(@Nullable String value) {
        int end = value == null ? -1 : value.indexOf(';');
        return value == null || end < 0 || charset(value, "").isEmpty() ? value : value.substring(0, end);
    }

    /** The value of the parameter {@code charset} (RFC 9110 section 8.3.2), or otherwise the given one. */
    static String charset(@Nullable String value, String otherwise) {
        if (value == null) {
            return otherwise;
        }
        int at = 0;
        while (at <= value.length()) {
            int end = endOfParameter(value, at);
            String charset = charset(value.substring(at, end));
            if (charset != null) {
                return charset.isEmpty() ? otherwise : charset;
            }
            at = end + 1;
        }
        return otherwise;
    }

    /** The position of the next semicolon outside of quoted strings (RFC 9110 section 5.6.4), or the value's end. */
    private static int endOfParameter(String value, int from) {
        boolean quoted = false;
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == ';' && !quoted) {
                return i;
            }
        }
        return value.length();
    }

    /** The value of a parameter named charset; null for any other one. */
    private static @Nullable String charset(String parameter) {
        int equals = parameter.indexOf('=');
        if (equals < 0 || !parameter.substring(0, equals).strip().equalsIgnoreCase(CHARSET)) {
            return null;
        }
        String value = parameter.substring(equals + 1).strip();
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? unquoted(value.substring(1, value.length() - 1))
                : value;
    }

    private static String unquoted(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            boolean escapes = text.charAt(i) == '\\' && i + 1 < text.length();
            plain.append(text.charAt(escapes ? ++i : i));
        }
        return plain.toString();
    }
}
