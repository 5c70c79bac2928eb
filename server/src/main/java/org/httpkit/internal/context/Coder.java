package org.httpkit.internal.context;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.internal.coding.GzipEncoder;
import org.jspecify.annotations.Nullable;

/**
 * A reserved encoder for one content. Used by one thread at a time; closed once, whatever happens to the content.
 *
 * <p>The application may have passed its stream on to a thread that goes on when the content has ended. So the encoder is
 * given back when no thread is at work in it, and the stream takes nothing from then on: another content may be using
 * the encoder, or its memory outside the heap may have been freed.
 */
public final class Coder implements AutoCloseable {
    private final Coders owner;
    private final String coding;
    private final int level;

    private @Nullable GzipEncoder gzip;
    /** The stream of a coding other than gzip. */
    private @Nullable OutputStream other;

    private @Nullable Target target;

    /** Held by the thread at work in the encoder; it does not pin a virtual thread whose client has to read first. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean closed;
    // Guarded by the lock.
    private boolean givenBack;

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
            return new Guarded(borrowed.begin(into, level));
        }
        OutputStream opened = owner.encode(coding, into);
        other = opened;
        return new Guarded(opened);
    }

    /** Gives the encoder back, or lets the thread at work in it do so. A content that is not complete stays incomplete. */
    @Override
    public void close() {
        closed = true;
        if (target != null) {
            target.isOpen = false;
        }
        giveBackUnlessInUse();
    }

    private void giveBackUnlessInUse() {
        if (!lock.tryLock()) {
            return; // the holder looks once more when it is done
        }
        try {
            if (!givenBack) {
                givenBack = true;
                giveBack();
            }
        } finally {
            lock.unlock();
        }
    }

    private void giveBack() {
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

    private interface Work {
        void run() throws IOException;
    }

    /** The encoder's stream, for one thread after the other and until the coder is closed. */
    private final class Guarded extends OutputStream {
        private final OutputStream encoder;

        Guarded(OutputStream encoder) {
            this.encoder = encoder;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            locked(() -> encoder.write(bytes, offset, count));
        }

        @Override
        public void flush() throws IOException {
            locked(encoder::flush);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                locked(encoder::close);
            }
        }

        private void locked(Work work) throws IOException {
            lock.lock();
            try {
                if (closed) {
                    throw new IOException("The response is over");
                }
                work.run();
            } finally {
                lock.unlock();
                if (closed) {
                    giveBackUnlessInUse();
                }
            }
        }
    }

    /** Keeps the underlying stream open, and drops what an encoder writes while it is released. */
    private static final class Target extends OutputStream {
        private final OutputStream coded;
        private volatile boolean isOpen = true;

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
