package org.httpkit.ring;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A body that one thread writes while another one waits for its end. */
final class LateStream extends FilterOutputStream {
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable IOException failure;

    LateStream(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        try {
            out.write(bytes, offset, count);
        } catch (IOException e) {
            failure = e;
            closed.countDown();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            flush();
        } finally {
            closed.countDown();
        }
    }

    /**
     * Waits until the stream has been closed, or a write has failed.
     *
     * @throws IOException if a write failed, or the wait was interrupted
     */
    void awaitClosed() throws IOException {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("Interrupted while a body was written").initCause(e);
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
