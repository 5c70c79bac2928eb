package org.httpkit.brotli;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A stream of decoded bytes, which passes on each byte as soon as its code has arrived; brotli4j's stream waits for
 * more input first. Confined to one thread at a time.
 */
final class BrotliDecoder extends InputStream {
    private static final int INPUT_BYTES = 8192;
    private static final int OUTPUT_BYTES = 16 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final InputStream coded;
    private final DecoderJNI.Wrapper decoder;
    private final byte[] input = new byte[INPUT_BYTES];
    private ByteBuffer output = NOTHING;
    /** The decoder may go on without more input once its output was taken, though it asks for input. */
    private boolean mayGoOn;

    private boolean isClosed;

    BrotliDecoder(InputStream coded) throws IOException {
        this.coded = coded;
        this.decoder = new DecoderJNI.Wrapper(INPUT_BYTES, OUTPUT_BYTES);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (isClosed) {
            throw new IOException("This stream is closed");
        }
        if (length == 0) {
            return 0;
        }
        if (!output.hasRemaining() && !decodeMore()) {
            return -1;
        }
        int read = Math.min(length, output.remaining());
        output.get(target, offset, read);
        return read;
    }

    /** Returns false at the end. */
    private boolean decodeMore() throws IOException {
        while (!decoder.hasOutput()) {
            switch (decoder.getStatus()) {
                case DONE -> {
                    if (coded.read() >= 0) {
                        throw new IOException("There is something behind the end of the Brotli stream");
                    }
                    return false;
                }
                case OK, NEEDS_MORE_OUTPUT -> decoder.push(0);
                case NEEDS_MORE_INPUT -> {
                    if (mayGoOn) {
                        mayGoOn = false;
                        decoder.push(0);
                    } else {
                        feed();
                    }
                }
                default -> throw new IOException("Malformed Brotli stream");
            }
        }
        output = decoder.pull();
        mayGoOn = true;
        return true;
    }

    private void feed() throws IOException {
        int read = coded.read(input, 0, INPUT_BYTES);
        if (read < 0) {
            throw new IOException("The Brotli stream ends early");
        }
        ByteBuffer buffer = decoder.getInputBuffer();
        buffer.clear();
        buffer.put(input, 0, read);
        decoder.push(read);
    }

    /** Frees the decoder's memory. */
    @Override
    public void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            output = NOTHING;
            decoder.destroy();
            coded.close();
        }
    }
}
