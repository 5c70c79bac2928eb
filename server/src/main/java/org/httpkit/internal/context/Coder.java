package org.httpkit.internal.context;

import java.io.IOException;
import java.io.OutputStream;
import org.httpkit.internal.coding.GzipEncoder;
import org.jspecify.annotations.Nullable;

/** A reserved encoder for one content. Used by one thread at a time; closed once, whatever happens to the content. */
public final class Coder implements AutoCloseable {
    private final Coders owner;
    private final String coding;
    private final int level;

    private @Nullable GzipEncoder gzip;
    /** The stream of a coding other than gzip. */
    private @Nullable OutputStream other;

    private @Nullable Target target;
    private boolean closed;

    Coder(Coders owner, String coding, int level) {
        this.owner = owner;
        this.coding = coding;
        this.level = level;
    }

    /** The name of the coding. */
    public String coding() {
        return coding;
    }

    /**
     * Returns the stream for the content; closing it completes the coding. The stream of coded bytes is never closed.
     */
    public OutputStream open(OutputStream coded) throws IOException {
        Target into = new Target(coded);
        target = into;
        if (coding.equals(Coders.GZIP)) {
            GzipEncoder borrowed = owner.borrowGzip();
            gzip = borrowed;
            return borrowed.begin(into, level);
        }
        OutputStream opened = owner.encode(coding, into);
        other = opened;
        return opened;
    }

    /** Gives the encoder back. A content that is not complete stays incomplete. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (target != null) {
            target.isOpen = false;
        }
        try {
            if (other != null) {
                other.close();
            }
        } catch (IOException ignored) {
            // Its remaining output is not needed.
        } finally {
            owner.giveBack(gzip);
            gzip = null;
        }
    }

    /** Keeps the underlying stream open, and drops what an encoder writes while it is released. */
    private static final class Target extends OutputStream {
        private final OutputStream coded;
        private boolean isOpen = true;

        Target(OutputStream coded) {
            this.coded = coded;
        }

        @Override
        public void write(int b) throws IOException {
            if (isOpen) {
                coded.write(b);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            if (isOpen) {
                coded.write(bytes, offset, count);
            }
        }

        @Override
        public void flush() throws IOException {
            if (isOpen) {
                coded.flush();
            }
        }
    }
}
