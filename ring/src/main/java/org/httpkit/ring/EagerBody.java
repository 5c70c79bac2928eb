package org.httpkit.ring;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.httpkit.http.Status;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Reads streams and realizes sequences on the calling thread, as http-kit does: the caller may close the stream
 * afterwards, its bindings are in force, and it learns what failed. Stateless.
 *
 * <p>What is longer than {@link #MAX_BYTES}, and may be endless, is read by the server behind that.
 */
final class EagerBody {
    static final int MAX_BYTES = StreamedMessage.MAX_FRAME_BYTES;

    private EagerBody() {}

    /**
     * Returns a body with the same bytes, in memory if there are not too many. A stream stays unread if the status has
     * no content: the server closes it.
     *
     * @throws java.io.UncheckedIOException if a stream cannot be read
     */
    static ResponseBody of(ResponseBody body, Status status) {
        if (body instanceof ResponseBody.Stream stream && hasContent(status)) {
            return ofStream(stream);
        }
        if (body instanceof ResponseBody.Pieces pieces && hasContent(status)) {
            return ofPieces(pieces.pieces().iterator());
        }
        return body;
    }

    private static boolean hasContent(Status status) {
        return !status.equals(Status.NO_CONTENT)
                && !status.equals(Status.RESET_CONTENT)
                && !status.equals(Status.NOT_MODIFIED);
    }

    private static ResponseBody ofStream(ResponseBody.Stream body) {
        long most = body.length() < 0 ? Long.MAX_VALUE : body.length();
        Object read = StreamedMessage.of(body.stream(), most);
        return read instanceof byte[] bytes
                ? new ResponseBody.Bytes(bytes)
                : new ResponseBody.Stream((InputStream) read, body.length());
    }

    private static ResponseBody ofPieces(Iterator<?> pieces) {
        ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        boolean isWhole = true;
        try {
            // Each counts for one byte more than it has: there may be endlessly many that are empty.
            for (long count = 0; isWhole && pieces.hasNext(); count++) {
                gathered.writeBytes(bytesOf(pieces.next()));
                isWhole = gathered.size() + count < MAX_BYTES;
            }
        } catch (Throwable e) { // Clojure throws checked ones, too
            close(pieces);
            throw e;
        }
        if (!isWhole) {
            Behind all = new Behind(gathered.toByteArray(), pieces);
            return new ResponseBody.Pieces(() -> all);
        }
        close(pieces);
        return new ResponseBody.Bytes(gathered.toByteArray());
    }

    private static byte[] bytesOf(@Nullable Object piece) {
        if (piece instanceof byte[] bytes) {
            return bytes;
        }
        if (piece instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return piece == null ? new byte[0] : piece.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void close(Iterator<?> pieces) {
        if (pieces instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception ignored) {
                // The pieces were only read, so nothing is lost.
            }
        }
    }

    /** What was gathered, and then the rest. */
    private static final class Behind implements Iterator<@Nullable Object>, AutoCloseable {
        private final Iterator<?> rest;
        private byte @Nullable [] gathered;

        Behind(byte[] gathered, Iterator<?> rest) {
            this.gathered = gathered;
            this.rest = rest;
        }

        @Override
        public boolean hasNext() {
            return gathered != null || rest.hasNext();
        }

        @Override
        public @Nullable Object next() {
            byte[] first = gathered;
            gathered = null;
            return first == null ? rest.next() : first;
        }

        @Override
        public void close() {
            EagerBody.close(rest);
        }
    }
}
