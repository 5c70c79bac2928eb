package org.httpkit.ring;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;

/** Converts what is sent on a channel and given as a stream. Stateless. */
final class StreamedMessage {
    /**
     * Up to this length a stream is held in memory, and is one frame of a WebSocket; a longer one leaves in pieces.
     */
    static final int MAX_FRAME_BYTES = 16 << 20;

    private StreamedMessage() {}

    /**
     * Returns the bytes of the stream, which it reads to the end and closes on the calling thread; or, if there are
     * more than {@link #MAX_FRAME_BYTES}, a stream of the same bytes.
     *
     * @param most how many bytes to read at most, since further ones may never come
     * @throws UncheckedIOException if it cannot be read
     */
    static Object of(InputStream stream, long most) {
        boolean keepsOpen = false;
        int wanted = (int) Math.min(most, MAX_FRAME_BYTES);
        try {
            byte[] bytes = stream.readNBytes(wanted);
            int next = bytes.length < wanted || wanted == most ? -1 : stream.read();
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
