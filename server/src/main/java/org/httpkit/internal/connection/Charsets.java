package org.httpkit.internal.connection;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import org.httpkit.http.Headers;

/** The charset that a Content-Type names (RFC 9110 section 8.3.2). */
final class Charsets {
    private static final String PARAMETER = "charset=";

    private Charsets() {}

    /** UTF-8 if the field names none, or one that this machine does not know. */
    static Charset of(Headers headers) {
        String type = headers.first("Content-Type");
        int start = type == null ? -1 : type.toLowerCase(Locale.ROOT).indexOf(PARAMETER);
        if (type == null || start < 0) {
            return StandardCharsets.UTF_8;
        }
        int end = type.indexOf(';', start);
        String name = type.substring(start + PARAMETER.length(), end < 0 ? type.length() : end)
                .strip();
        if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
            name = name.substring(1, name.length() - 1);
        }
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
