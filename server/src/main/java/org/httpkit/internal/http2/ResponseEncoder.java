package org.httpkit.internal.http2;

import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the field blocks of responses (RFC 9113 section 8.3.2): names in lower case, in the handler's order. Holds
 * nothing; safe from any thread.
 *
 * <p>Content-Length belongs to the server, and fields that describe an HTTP/1.1 connection have no meaning: it leaves
 * out a handler's. It refuses text that is not a valid field, whatever implementation of {@link Headers} it comes from.
 */
public final class ResponseEncoder {
    private static final int DATE_GIVEN = 1;
    private static final int SERVER_GIVEN = 2;

    private ResponseEncoder() {}

    /**
     * Appends the block of a final response.
     *
     * @param out left as it was if this throws
     * @param status 200 to 599
     * @param fields the handler's
     * @param contentLength the value of Content-Length, or -1 if that field is not sent
     * @param dateField see {@link #field}; left out if the handler set a Date
     * @param serverField see {@link #field}; left out if null, or if the handler set a Server
     * @throws IllegalArgumentException if a field cannot be written: see {@link Headers#of}
     */
    public static void encode(
            HpackEncoder hpack,
            ByteQueue out,
            int status,
            Headers fields,
            long contentLength,
            byte[] dateField,
            byte @Nullable [] serverField) {
        int start = out.length();
        hpack.begin(out);
        HpackEncoder.status(out, status);
        int given = appendFields(out, start, fields);
        if ((given & DATE_GIVEN) == 0) {
            out.append(dateField);
        }
        if (serverField != null && (given & SERVER_GIVEN) == 0) {
            out.append(serverField);
        }
        if (contentLength >= 0) {
            HpackEncoder.contentLength(out, contentLength);
        }
    }

    /**
     * Appends the block of an interim response, 100 or 103.
     *
     * @param out left as it was if this throws
     * @throws IllegalArgumentException if a field cannot be written, or for 101, which HTTP/2 lacks (section 8.6)
     */
    public static void encodeInterim(HpackEncoder hpack, ByteQueue out, int status, Headers fields) {
        if (status == 101) {
            throw new IllegalArgumentException("HTTP/2 has no status 101");
        }
        int start = out.length();
        hpack.begin(out);
        HpackEncoder.status(out, status);
        appendFields(out, start, fields);
    }

    /**
     * Appends the block of trailers.
     *
     * @param out left as it was if this throws
     * @throws IllegalArgumentException if a field cannot be written
     */
    public static void encodeTrailers(HpackEncoder hpack, ByteQueue out, Headers fields) {
        int start = out.length();
        hpack.begin(out);
        appendFields(out, start, fields);
    }

    /**
     * Encodes a field once, to be written often.
     *
     * @throws IllegalArgumentException if the field cannot be written
     */
    public static byte[] field(String name, String value) {
        return HpackEncoder.encoded(name, value);
    }

    /**
     * Appends the handler's fields, except for those that belong to the server; returns which of the fields that the
     * server would add the handler set.
     */
    private static int appendFields(ByteQueue out, int start, Headers fields) {
        int given = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            boolean written =
                    switch (name.length()) {
                        case 4 -> {
                            given |= name.equalsIgnoreCase("Date") ? DATE_GIVEN : 0;
                            yield true;
                        }
                        case 6 -> {
                            given |= name.equalsIgnoreCase("Server") ? SERVER_GIVEN : 0;
                            yield true;
                        }
                        case 7 -> !name.equalsIgnoreCase("Upgrade");
                        case 10 -> !name.equalsIgnoreCase("Connection") && !name.equalsIgnoreCase("Keep-Alive");
                        case 14 -> !name.equalsIgnoreCase("Content-Length");
                        case 16 -> !name.equalsIgnoreCase("Proxy-Connection");
                        case 17 -> !name.equalsIgnoreCase("Transfer-Encoding");
                        default -> true;
                    };
            if (written) {
                HpackEncoder.field(out, start, name, fields.value(i));
            }
        }
        return given;
    }
}
