package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;

/** Writes the chunked transfer coding (RFC 9112 section 7.1) around data that others write. Stateless. */
public final class ChunkEncoder {
    private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private ChunkEncoder() {}

    /**
     * Appends what stands before the data of a chunk.
     *
     * @param size more than 0: a chunk of size zero would be the last
     */
    public static void appendStart(ByteQueue out, long size) {
        if (size <= 0) {
            throw new IllegalArgumentException("Chunk size " + size + "; only sizes above 0 are legal");
        }
        out.appendHex(size);
        out.append(CRLF);
    }

    /** Appends what stands behind the data of a chunk. */
    public static void appendEnd(ByteQueue out) {
        out.append(CRLF);
    }

    /** Appends a whole chunk. */
    public static void append(ByteQueue out, byte[] data, int offset, int length) {
        appendStart(out, length);
        out.append(data, offset, length);
        appendEnd(out);
    }

    /** Data that is not empty as a whole chunk. */
    public static byte[] chunk(byte[] data) {
        ByteQueue out = new ByteQueue(data.length + 16);
        append(out, data, 0, data.length);
        return out.toByteArray();
    }

    /** Appends the last chunk and the end of the body. */
    public static void appendLast(ByteQueue out) {
        out.append(LAST_CHUNK);
        out.append(CRLF);
    }

    /**
     * Appends the last chunk, trailer fields and the end of the body. Leaves out fields that belong to the server: a
     * recipient could take them for the framing of the message (RFC 9110 section 6.5.1).
     *
     * @param out left as it was if this throws
     * @throws IllegalArgumentException if a field cannot be written
     */
    public static void appendLast(ByteQueue out, Headers trailers) {
        int start = out.length();
        out.append(LAST_CHUNK);
        for (int i = 0; i < trailers.size(); i++) {
            String name = trailers.name(i);
            if (!ResponseEncoder.belongsToServer(name)) {
                ResponseEncoder.appendField(out, start, name, trailers.value(i));
            }
        }
        out.append(CRLF);
    }
}
