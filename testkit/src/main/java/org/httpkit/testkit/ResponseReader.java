package org.httpkit.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.httpkit.testkit.RawResponse.Field;
import org.httpkit.testkit.RawResponse.Framing;
import org.jspecify.annotations.Nullable;

/** Reads responses strictly by the rules of RFC 9112. Confined to its client's thread. */
public final class ResponseReader {
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9a-fA-F]{1,8}");
    private static final Pattern FIELD_LINE =
            Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.1 [1-5][0-9][0-9] [\\t\\x20-\\x7e\\x80-\\xff]*");

    /** The source of the bytes. */
    public interface Source {
        /** The next byte, or -1 at the end. */
        int next() throws IOException;

        /** Takes up to this many bytes that have come; returns -1 at the end. */
        int next(byte[] target, int count) throws IOException;
    }

    private final Source source;
    private final byte[] buffer = new byte[16 * 1024];

    public ResponseReader(Source source) {
        this.source = source;
    }

    /** Reads up to the end of the head; the body is empty, and marked incomplete unless there is none. */
    public RawResponse readHead(boolean answersHead) throws IOException {
        String statusLine = line();
        if (statusLine == null) {
            throw new EOFException("The connection ended before a response");
        }
        if (!STATUS_LINE.matcher(statusLine).matches()) {
            throw new IOException("No status line: " + statusLine);
        }
        List<Field> fields = fields();
        RawResponse bare = new RawResponse(statusLine, fields, Framing.NONE, new byte[0], List.of(), true);
        Framing framing = framingOf(bare, answersHead);
        return new RawResponse(statusLine, fields, framing, new byte[0], List.of(), framing == Framing.NONE);
    }

    /** Reads the body of a response whose head has been read. */
    public RawResponse readBody(RawResponse head) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        RawResponse end = readBody(head, body);
        return new RawResponse(
                end.statusLine(), end.fields(), end.framing(), body.toByteArray(), end.trailers(), end.isComplete());
    }

    /**
     * Reads the body of a response whose head has been read, and passes it on as it comes: the returned response has an
     * empty one. It passes on the bytes of a chunk even if the chunk's end does not come.
     */
    public RawResponse readBody(RawResponse head, OutputStream body) throws IOException {
        List<Field> trailers = List.of();
        boolean complete =
                switch (head.framing()) {
                    case NONE -> true;
                    case LENGTH -> copy(lengthOf(head), body);
                    case TO_END -> !copy(Long.MAX_VALUE, body);
                    case CHUNKED -> {
                        long length = copyChunk(body);
                        while (length > 0) {
                            length = copyChunk(body);
                        }
                        if (length == 0) {
                            trailers = fields();
                        }
                        yield length == 0;
                    }
                };
        return new RawResponse(head.statusLine(), head.fields(), head.framing(), new byte[0], trailers, complete);
    }

    /** The next chunk's content: empty for the last one, behind which the trailer section is still to come; null at the end. */
    byte @Nullable [] readChunk() throws IOException {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        return copyChunk(chunk) < 0 ? null : chunk.toByteArray();
    }

    /**
     * Passes on the content of the next chunk; returns its length: 0 for the last one, -1 if the connection ends before
     * the chunk does.
     */
    private long copyChunk(OutputStream out) throws IOException {
        String size = line();
        if (size == null) {
            return -1;
        }
        if (!CHUNK_SIZE.matcher(size).matches()) {
            throw new IOException("No chunk size: " + size);
        }
        long length = Long.parseLong(size, 16);
        if (!copy(length, out)) {
            return -1;
        }
        if (length > 0) {
            String end = line();
            if (end == null) {
                return -1;
            }
            if (!end.isEmpty()) {
                throw new IOException("No CRLF behind the chunk but " + end);
            }
        }
        return length;
    }

    private static Framing framingOf(RawResponse head, boolean answersHead) throws IOException {
        int status = head.status();
        List<String> codings = head.fields("Transfer-Encoding");
        List<String> lengths = head.fields("Content-Length");
        if (lengths.size() > 1 || codings.size() > 1 || (!codings.isEmpty() && !lengths.isEmpty())) {
            throw new IOException("Framed twice: " + head);
        }
        if (answersHead || status < 200 || status == 204 || status == 304) {
            return Framing.NONE;
        }
        if (!codings.isEmpty()) {
            if (!codings.get(0).equals("chunked")) {
                throw new IOException("Unknown transfer coding: " + head);
            }
            return Framing.CHUNKED;
        }
        return lengths.isEmpty() ? Framing.TO_END : Framing.LENGTH;
    }

    private static long lengthOf(RawResponse head) {
        return head.fields("Content-Length").stream()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    private List<Field> fields() throws IOException {
        List<Field> fields = new ArrayList<>();
        for (String line = line(); line == null || !line.isEmpty(); line = line()) {
            if (line == null) {
                throw new EOFException("The connection ended within the fields " + fields);
            }
            if (!FIELD_LINE.matcher(line).matches()) {
                throw new IOException("No field line: " + line);
            }
            int colon = line.indexOf(':');
            fields.add(new Field(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return List.copyOf(fields);
    }

    /** A line without its CRLF; null if the connection ended before it. */
    private @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = source.next(); b >= 0; b = source.next()) {
            if (b == '\n') {
                throw new IOException("Bare LF behind " + line.toString(StandardCharsets.ISO_8859_1));
            }
            if (b == '\r') {
                if (source.next() != '\n') {
                    throw new IOException("Bare CR behind " + line.toString(StandardCharsets.ISO_8859_1));
                }
                return line.toString(StandardCharsets.ISO_8859_1);
            }
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException("The line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(b);
        }
        if (line.size() > 0) {
            throw new EOFException("The connection ended within a line: " + line.toString(StandardCharsets.ISO_8859_1));
        }
        return null;
    }

    /** Copies this many bytes; returns false if the end comes first. */
    private boolean copy(long count, OutputStream out) throws IOException {
        long left = count;
        while (left > 0) {
            int taken = source.next(buffer, (int) Math.min(left, buffer.length));
            if (taken < 0) {
                return false;
            }
            out.write(buffer, 0, taken);
            left -= taken;
        }
        return true;
    }
}
