package org.httpkit.internal.exchange;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Iterator;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Reads a body piece by piece from its source, and closes the source. Blocks; stateless. */
public final class BodySource {
    private static final int READ_BYTES = 16 * 1024;
    private static final int GATHERED_BYTES = 8 * 1024;

    /** Receives the pieces; a piece is valid only until the call returns. */
    @FunctionalInterface
    public interface Sink {
        void take(byte[] bytes, int offset, int count) throws IOException, InterruptedException;
    }

    private BodySource() {}

    public static void pull(ResponseBody body, Sink sink) throws Exception {
        if (body instanceof ResponseBody.Stream stream) {
            pullStream(stream.stream(), stream.length() < 0 ? Long.MAX_VALUE : stream.length(), sink);
        } else if (body instanceof ResponseBody.File file) {
            pullStream(Files.newInputStream(file.path()), Long.MAX_VALUE, sink);
        } else if (body instanceof ResponseBody.Pieces pieces) {
            pullPieces(pieces.pieces().iterator(), sink);
        } else if (body instanceof ResponseBody.Written written) {
            try (OutputStream out = new BufferedOutputStream(new SinkStream(sink), GATHERED_BYTES)) {
                written.writer().writeTo(out);
            }
        } else {
            throw new IllegalArgumentException(body + " is not pulled");
        }
    }

    /** Reads no further than {@code most} bytes, because more may never come. */
    private static void pullStream(InputStream source, long most, Sink sink) throws IOException, InterruptedException {
        try (source) {
            byte[] buffer = new byte[READ_BYTES];
            for (long left = most; left > 0; ) {
                int count = source.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count < 0) {
                    return;
                }
                sink.take(buffer, 0, count);
                left -= count;
            }
        }
    }

    private static void pullPieces(Iterator<?> pieces, Sink sink) throws Exception {
        try {
            while (pieces.hasNext()) {
                byte[] piece = bytesOf(pieces.next());
                sink.take(piece, 0, piece.length);
            }
        } finally {
            if (pieces instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
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

    /** Presents a sink as a stream. */
    private static final class SinkStream extends OutputStream {
        private final Sink sink;

        SinkStream(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            try {
                sink.take(bytes, offset, count);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("Interrupted while sending").initCause(e);
            }
        }
    }
}
