package org.httpkit.internal.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.httpkit.internal.context.Coder;

/**
 * Encodes a content that comes in pieces, so that the client can decode each piece at once. Safe from any thread,
 * because one thread may close the channel while another sends.
 */
public final class PieceCoder implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final Coder coder;
    private final ByteArrayOutputStream coded = new ByteArrayOutputStream();
    private final OutputStream in;
    private boolean closed;

    public PieceCoder(Coder coder) {
        this.coder = coder;
        try {
            this.in = coder.open(coded);
        } catch (IOException e) {
            coder.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            coder.close();
            throw e;
        }
    }

    /** Returns the bytes that the client receives for a piece; nothing once this is closed. */
    public synchronized byte[] code(byte[] bytes, int offset, int count) {
        if (count == 0 || closed) {
            return NOTHING;
        }
        try {
            in.write(bytes, offset, count);
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return taken();
    }

    /** Returns the bytes for the client at the end of all pieces. */
    public synchronized byte[] end() {
        if (closed) {
            return NOTHING;
        }
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return taken();
    }

    private byte[] taken() {
        byte[] bytes = coded.toByteArray();
        coded.reset();
        return bytes;
    }

    @Override
    public synchronized void close() {
        closed = true;
        coder.close();
    }
}
