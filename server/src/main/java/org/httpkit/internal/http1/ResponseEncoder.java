package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.bytes.ByteQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the heads of responses (RFC 9112 sections 4 and 5): always as HTTP/1.1, with fields in the order and case of
 * the handler. Stateless.
 *
 * <p>The fields that frame the message or describe the connection belong to the server: it leaves out a handler's
 * Content-Length, Transfer-Encoding, Connection, Keep-Alive and Upgrade. It refuses text that is not a valid field,
 * whatever implementation of {@link Headers} it comes from, because it would split the response.
 */
public final class ResponseEncoder {
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    /** Spelled as in HTTP/1.0 clients (RFC 9112 appendix C.2.2), because some of them do not ignore case. */
    private static final byte[] KEEP_ALIVE = ascii("Connection: Keep-Alive\r\n");

    private static final byte[] UPGRADE = ascii("Connection: upgrade\r\n");
    private static final byte[] CLOSE_UPGRADE = ascii("Connection: close, upgrade\r\n");
    /**
     * Status lines by code, only for codes that have a reason: lines for all codes would add milliseconds to the start.
     */
    private static final byte[] @Nullable [] STATUS_LINES = new byte[600][];

    private static final int DATE_GIVEN = 1;
    private static final int SERVER_GIVEN = 2;
    private static final int UPGRADE_GIVEN = 4;

    static {
        for (int code = 100; code < STATUS_LINES.length; code++) {
            Status status = Status.of(code);
            if (!status.reason().isEmpty()) {
                STATUS_LINES[code] = statusLine(status);
            }
        }
    }

    private ResponseEncoder() {}

    /**
     * Appends the head of a final response, up to and including the empty line.
     *
     * @param out left as it was if this throws
     * @param status 200 to 599
     * @param fields the handler's
     * @param dateLine see {@link DateLine}; left out if the handler set a Date
     * @param serverLine see {@link #fieldLine}; left out if null, or if the handler set a Server
     * @throws IllegalArgumentException if a field cannot be written: see {@link Headers#of}
     */
    public static void encode(
            ByteQueue out,
            int status,
            Headers fields,
            ResponseFraming framing,
            byte[] dateLine,
            byte @Nullable [] serverLine) {
        int start = out.length();
        out.append(statusLine(status));
        int given = appendFields(out, start, status, fields);
        if ((given & DATE_GIVEN) == 0) {
            out.append(dateLine);
        }
        if (serverLine != null && (given & SERVER_GIVEN) == 0) {
            out.append(serverLine);
        }
        appendFraming(out, framing);
        appendConnection(out, framing.persistence(), (given & UPGRADE_GIVEN) != 0);
        out.append(CRLF);
    }

    /**
     * Appends the head of an interim response (1xx). Leaves out the given fields that belong to the server, but for 101,
     * which has to name the protocol, only those that frame a message (RFC 9110 section 8.6, RFC 9112 section 6.1).
     *
     * @param out left as it was if this throws
     * @throws IllegalArgumentException if a field cannot be written
     */
    public static void encodeInterim(ByteQueue out, int status, Headers fields) {
        int start = out.length();
        out.append(statusLine(status));
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            boolean left = status == Status.SWITCHING_PROTOCOLS.code() ? isFraming(name) : belongsToServer(name);
            if (!left) {
                appendField(out, start, name, fields.value(i));
            }
        }
        out.append(CRLF);
    }

    /**
     * Makes a field line once, to be written often.
     *
     * @throws IllegalArgumentException if the field cannot be written
     */
    public static byte[] fieldLine(String name, String value) {
        ByteQueue line = new ByteQueue(name.length() + value.length() + 4);
        appendField(line, 0, name, value);
        return line.toByteArray();
    }

    private static byte[] statusLine(int code) {
        byte[] line = STATUS_LINES[code];
        return line != null ? line : statusLine(Status.of(code));
    }

    private static byte[] statusLine(Status status) {
        return ascii("HTTP/1.1 " + status.code() + " " + status.reason() + "\r\n");
    }

    /**
     * Appends the handler's fields, except for those that belong to the server; returns which of the fields that the
     * server would add the handler set.
     */
    private static int appendFields(ByteQueue out, int start, int status, Headers fields) {
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
                        case 7 -> {
                            // Only 426 has to name protocols (RFC 9110 section 15.5.22).
                            boolean upgrade = name.equalsIgnoreCase("Upgrade");
                            boolean required = upgrade && status == Status.UPGRADE_REQUIRED.code();
                            given |= required ? UPGRADE_GIVEN : 0;
                            yield !upgrade || required;
                        }
                        default -> !belongsToServer(name);
                    };
            if (written) {
                appendField(out, start, name, fields.value(i));
            }
        }
        return given;
    }

    /** Whether the field frames a message or describes the connection. */
    static boolean belongsToServer(String name) {
        return isFraming(name) || isOfConnection(name);
    }

    private static boolean isFraming(String name) {
        return switch (name.length()) {
            case 14 -> name.equalsIgnoreCase("Content-Length");
            case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
            default -> false;
        };
    }

    private static boolean isOfConnection(String name) {
        return switch (name.length()) {
            case 7 -> name.equalsIgnoreCase("Upgrade");
            case 10 -> name.equalsIgnoreCase("Connection") || name.equalsIgnoreCase("Keep-Alive");
            default -> false;
        };
    }

    static void appendField(ByteQueue out, int start, String name, String value) {
        int at = out.length();
        int valueAt = at + name.length() + 2;
        out.ensureFree(name.length() + value.length() + 4);
        out.appendLatin1(name);
        out.append((byte) ':');
        out.append(Ascii.SP);
        out.appendLatin1(value);
        boolean writable = isToken(out.array(), at, valueAt - 2)
                && isFieldValue(out.array(), valueAt, out.length())
                && isLatin1(name)
                && isLatin1(value);
        if (!writable) {
            out.truncate(start);
            // Throws with a message that names the character but not the value.
            Headers.of(name, value);
            throw new IllegalArgumentException("The field " + name + " cannot be written");
        }
        out.append(CRLF);
    }

    private static boolean isToken(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isTokenChar(bytes[i])) {
            i++;
        }
        return i == to && from < to;
    }

    private static boolean isFieldValue(byte[] bytes, int from, int to) {
        int i = Ascii.indexOfControl(bytes, from, to);
        while (i < to && bytes[i] == Ascii.HTAB) {
            i = Ascii.indexOfControl(bytes, i + 1, to);
        }
        return i == to;
    }

    /** A character above 255 would be sent as a different one. */
    private static boolean isLatin1(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 255) {
                return false;
            }
        }
        return true;
    }

    private static void appendFraming(ByteQueue out, ResponseFraming framing) {
        if (framing.length() >= 0) {
            out.append(CONTENT_LENGTH);
            out.appendDecimal(framing.length());
            out.append(CRLF);
        } else if (framing.isChunked()) {
            out.append(CHUNKED);
        }
    }

    private static void appendConnection(ByteQueue out, ResponseFraming.Persistence persistence, boolean upgrade) {
        switch (persistence) {
            case CLOSE -> out.append(upgrade ? CLOSE_UPGRADE : CLOSE);
            case KEEP_ALIVE -> {
                if (upgrade) {
                    out.append(UPGRADE);
                }
            }
            case KEEP_ALIVE_SAID -> {
                out.append(KEEP_ALIVE);
                if (upgrade) {
                    out.append(UPGRADE);
                }
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
