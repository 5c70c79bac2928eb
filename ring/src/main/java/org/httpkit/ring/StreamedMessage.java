package org.httpkit.ring;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;

/** Converts a WebSocket message given as a stream. Stateless. */
final class StreamedMessage {
    /**
     * Up to this length a stream is one frame; a longer one is not held in memory, and leaves as a message in
     * fragments.
     */
    static final int MAX_FRAME_BYTES = 16 << 20;

    private StreamedMessage() {}

    /**
     * Returns the bytes of the stream, which it reads to the end and closes on the calling thread; or, if there are
     * more than {@link #MAX_FRAME_BYTES}, a stream of the same bytes.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    static Object of(InputStream stream) {
        boolean keepsOpen = false;
        try {
            byte[] bytes = stream.readNBytes(MAX_FRAME_BYTES);
            int next = bytes.length < MAX_FRAME_BYTES ? -1 : stream.read();
            if (next < 0) {
                return bytes;
            }
            keepsOpen = true;
            byte[] behind = {(byte) next};
            return new SequenceInputStream(
                    new ByteArrayInputStream(bytes), new SequenceInputStream(new ByteArrayInputStream(behind), stream));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!keepsOpen) {
                close(stream);
            }
        }
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException ignored) {
            // The stream was only read, so nothing is lost.
        }
    }
}
