package org.httpkit.web;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A field's value with parameters: {@code form-data; name="a"}. Immutable.
 *
 * <p>In quoted strings only {@code \"} and {@code \\} are escapes: some clients send {@code
 * filename="C:\dir\file.txt"}.
 *
 * @param value the text before the first semicolon, in lower case
 * @param parameters keyed by name in lower case
 */
record FieldParameters(String value, Map<String, String> parameters) {

    /**
     * Reads a field's value.
     *
     * @return null if it is malformed
     * @throws MultipartException if a parameter occurs twice
     */
    static @Nullable FieldParameters of(String field) throws MultipartException {
        int at = endOf(field, 0);
        String value = lowerCase(strip(field.substring(0, at)));
        if (value.isEmpty() || value.indexOf('"') >= 0) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        while (at < field.length()) {
            at = skipSpace(field, at + 1); // behind a semicolon
            if (at == field.length() || field.charAt(at) == ';') {
                continue;
            }
            int nameEnd = tokenEnd(field, at);
            if (nameEnd == at || nameEnd == field.length() || field.charAt(nameEnd) != '=') {
                return null;
            }
            String name = lowerCase(field.substring(at, nameEnd));
            text.setLength(0);
            at = readValue(field, nameEnd + 1, text);
            at = at < 0 ? at : skipSpace(field, at);
            if (at < 0 || (at < field.length() && field.charAt(at) != ';')) {
                return null;
            }
            if (parameters.put(name, text.toString()) != null) {
                throw new MultipartException(MultipartViolation.REPEATED);
            }
        }
        return new FieldParameters(value, parameters);
    }

    /** The end of the value that begins at {@code start}; -1 if the value is malformed. */
    private static int readValue(String field, int start, StringBuilder into) {
        if (start == field.length() || field.charAt(start) != '"') {
            int end = tokenEnd(field, start);
            into.append(field, start, end);
            return end == start ? -1 : end;
        }
        for (int i = start + 1; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '\\' && i + 1 < field.length() && "\"\\".indexOf(field.charAt(i + 1)) >= 0) {
                c = field.charAt(++i);
            }
            into.append(c);
        }
        return -1;
    }

    private static int endOf(String field, int start) {
        int semicolon = field.indexOf(';', start);
        return semicolon < 0 ? field.length() : semicolon;
    }

    private static int skipSpace(String field, int start) {
        int at = start;
        while (at < field.length() && (field.charAt(at) == ' ' || field.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    private static int tokenEnd(String field, int start) {
        int at = start;
        while (at < field.length() && isToken(field.charAt(at))) {
            at++;
        }
        return at;
    }

    /** RFC 9110 section 5.6.2. */
    static boolean isToken(char c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /**
     * Removes the spaces and tabs around the text; other white space is a mistake in a field (RFC 9110 section 5.6.3).
     */
    static String strip(String text) {
        int from = skipSpace(text, 0);
        int to = text.length();
        while (to > from && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == '\t')) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Lowers ASCII letters only: Unicode's rules turn some other letters into letters of a coding or a type. */
    static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c);
        }
        return lower.toString();
    }
}
