package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gathers small writes, splits large ones, and blocks while the client does not take what was handed over. Used by one thread. */
public abstract class PacedOutput extends OutputStream {
    private static final int GATHERED_BYTES = 8 * 1024;
    private static final int PIECE_BYTES = 48 * 1024;

    private final ClientPace pace;
    private final int gatherBytes;

    private byte @Nullable [] gathered;
    private int gatheredBytes;

    /**
     * Makes a stream with nothing in it.
     *
     * @param mostBytes how many bytes will be written at most, or -1 if that is unknown
     */
    protected PacedOutput(ClientPace pace, long mostBytes) {
        this.pace = pace;
        this.gatherBytes = mostBytes < 0 ? GATHERED_BYTES : (int) Math.min(GATHERED_BYTES, mostBytes);
    }

    /**
     * Checks whether more may be written.
     *
     * @throws IOException if not
     */
    protected abstract void requireOpen() throws IOException;

    /** Hands a piece to the client's way; returns how many bytes it took. */
    protected abstract int handOver(byte[] bytes, int offset, int count) throws IOException;

    /** Is called when the client has gone while the caller waited for it. */
    protected void broke() {}

    /** Whether some written bytes have not been handed over. */
    final boolean hasGathered() {
        return gatheredBytes > 0;
    }

    /** The array of the gathered bytes; null if there never were any. */
    final byte @Nullable [] gathered() {
        return gathered;
    }

    final int gatheredBytes() {
        return gatheredBytes;
    }

    @Override
    public final void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public final void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        requireOpen();
        if (count > GATHERED_BYTES - gatheredBytes) {
            flush();
        }
        if (count > GATHERED_BYTES) {
            send(bytes, offset, count);
            return;
        }
        if (gathered == null) {
            gathered = new byte[gatherBytes];
        }
        System.arraycopy(bytes, offset, gathered, gatheredBytes, count);
        gatheredBytes += count;
    }

    @Override
    public final void flush() throws IOException {
        if (gathered != null && gatheredBytes > 0) {
            int count = gatheredBytes;
            gatheredBytes = 0;
            send(gathered, 0, count);
        }
    }

    /** Sends bytes at once; splits many bytes into pieces. */
    final void send(byte[] bytes, int offset, int count) throws IOException {
        int end = offset + count;
        for (int at = offset; at < end; at += PIECE_BYTES) {
            sendPiece(bytes, at, Math.min(PIECE_BYTES, end - at));
        }
    }

    final void sendPiece(byte[] bytes, int offset, int count) throws IOException {
        int taken = handOver(bytes, offset, count);
        if (taken == 0 && count > 0) {
            return; // all that was declared has left
        }
        try {
            pace.awaitTaken(taken);
        } catch (IOException e) {
            broke();
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("Interrupted while the client takes what was sent").initCause(e);
        }
    }
}
