package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;
import org.httpkit.internal.fields.HttpDate;

/** Writes the Date field (RFC 9110 section 6.6.1) for a second that the caller knows. Stateless. */
public final class DateLine {
    private DateLine() {}

    /**
     * The field line, CRLF included, as {@code Date: Sun, 06 Nov 1994 08:49:37 GMT}.
     *
     * @param epochSecond seconds since 1970, 0 up to the end of the year 9999
     */
    public static byte[] of(long epochSecond) {
        return ("Date: " + HttpDate.text(epochSecond) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
