package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends a response body piece by piece, with the head before the first piece. Used by one thread, which blocks while
 * the client does not keep up.
 *
 * <p>The application may have passed it on to a thread that goes on when the response has ended or failed: nothing that
 * such a thread writes may reach the client, who would take it for the next response.
 */
final class BodyOutput extends OutputStream {
    private static final int GATHERED_BYTES = 8 * 1024;
    private static final int PIECE_BYTES = 48 * 1024;

    private static final byte[] NOTHING = {};

    private final AnswerProgress answer;
    private final HttpStream stream;
    private final Response response;
    private final ClientPace pace;
    private final long declaredBytes;

    private byte @Nullable [] gathered;
    private int gatheredBytes;

    // Written under the lock of this, read by any thread.
    private volatile boolean begun;
    private volatile boolean broken;
    /** Whether the response is complete, or has failed. */
    private volatile boolean over;

    // Guarded by this.
    private long sentBytes;

    BodyOutput(AnswerProgress answer, HttpStream stream, Response response, long declaredBytes) {
        this.answer = answer;
        this.stream = stream;
        this.response = response;
        this.pace = new ClientPace(stream.outflow(), answer.context());
        this.declaredBytes = declaredBytes;
    }

    /** Whether the client has seen anything of the response. */
    boolean isBegun() {
        return begun;
    }

    /** Whether the client has gone, so that a failure is not the application's fault. */
    boolean isBroken() {
        return broken;
    }

    /** Whether some written bytes have not been sent. */
    boolean hasGathered() {
        return gatheredBytes > 0;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        requireNotOver();
        if (count > GATHERED_BYTES - gatheredBytes) {
            flush();
        }
        if (count > GATHERED_BYTES) {
            send(bytes, offset, count);
            return;
        }
        if (gathered == null) {
            gathered = new byte[declaredBytes < 0 ? GATHERED_BYTES : (int) Math.min(GATHERED_BYTES, declaredBytes)];
        }
        System.arraycopy(bytes, offset, gathered, gatheredBytes, count);
        gatheredBytes += count;
    }

    @Override
    public void flush() throws IOException {
        if (gathered != null && gatheredBytes > 0) {
            int count = gatheredBytes;
            gatheredBytes = 0;
            send(gathered, 0, count);
        }
    }

    /** Sends the head alone, if nothing has been sent. */
    void begin() throws IOException {
        if (!begun) {
            sendPiece(NOTHING, 0, 0);
        }
    }

    /** Sends bytes at once; splits many bytes into pieces. */
    void send(byte[] bytes, int offset, int count) throws IOException {
        int end = offset + count;
        for (int at = offset; at < end; at += PIECE_BYTES) {
            sendPiece(bytes, at, Math.min(PIECE_BYTES, end - at));
        }
    }

    /** Completes the response. */
    void finish() throws IOException {
        if (begun) {
            flush();
        }
        Headers trailers = Responses.trailersOf(response);
        synchronized (this) {
            requireNotOver();
            if (begun) {
                requireWhole();
            } else {
                beginWhole();
            }
            over = true;
            stream.end(trailers);
        }
        answer.end(response.status().code());
    }

    /** Sends nothing from now on: the response has failed. */
    synchronized void cut() {
        over = true;
    }

    private void requireNotOver() throws IOException {
        if (over) {
            throw new IOException("The response is over");
        }
    }

    /** Begins a response of which nothing has left yet, so that its length is known. */
    private void beginWhole() throws IOException {
        boolean hasContent = stream.hasContent(response, declaredBytes);
        int count = hasContent ? gatheredBytes : 0;
        if (hasContent && declaredBytes > count) {
            requireWhole();
        }
        boolean known = hasContent && declaredBytes < 0 && response.trailers() == null;
        long length = known ? count : declaredBytes;
        answer.responding();
        stream.begin(response, length, gathered == null ? NOTHING : gathered, 0, count);
        answer.sent(count);
    }

    private void requireWhole() throws IOException {
        if (declaredBytes > sentBytes) {
            throw new IOException("The body ended after " + sentBytes + " of " + declaredBytes + " declared bytes");
        }
    }

    private void sendPiece(byte[] bytes, int offset, int count) throws IOException {
        int taken = handOver(bytes, offset, count);
        if (taken == 0 && count > 0) {
            return; // all that was declared has left
        }
        try {
            pace.awaitTaken(taken);
        } catch (IOException e) {
            broken = true;
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("Interrupted while the client takes its answer").initCause(e);
        }
    }

    /**
     * Returns how many bytes were sent, which is all of them, or those that were declared. A loop may take the lock, too:
     * its holder hands bytes to the link, and waits for nothing.
     */
    private synchronized int handOver(byte[] bytes, int offset, int most) throws IOException {
        requireNotOver();
        int count = (int) (declaredBytes < 0 ? most : Math.min(most, declaredBytes - sentBytes));
        boolean open = true;
        if (!begun) {
            answer.responding();
            open = stream.begin(response, declaredBytes, bytes, offset, count);
            begun = true;
        } else if (count > 0) {
            open = stream.data(bytes, offset, count, HttpStream.When.NOW);
        }
        sentBytes += count;
        answer.sent(count);
        if (!open) {
            broken = true;
            throw new IOException("The client has gone");
        }
        return count;
    }
}
