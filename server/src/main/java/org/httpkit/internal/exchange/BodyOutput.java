package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Headers;
import org.httpkit.server.Response;

/**
 * Sends a response body piece by piece, with the head before the first piece. Used by one thread, which blocks while
 * the client does not keep up.
 *
 * <p>The application may have passed it on to a thread that goes on when the response has ended or failed: nothing that
 * such a thread writes may reach the client, who would take it for the next response.
 */
final class BodyOutput extends PacedOutput {
    private static final byte[] NOTHING = {};

    private final AnswerProgress answer;
    private final HttpStream stream;
    private final Response response;
    private final long declaredBytes;

    // Written under the lock of this, read by any thread.
    private volatile boolean begun;
    private volatile boolean broken;
    /** Whether the response is complete, or has failed. */
    private volatile boolean over;

    // Guarded by this.
    private long sentBytes;

    BodyOutput(AnswerProgress answer, HttpStream stream, Response response, long declaredBytes) {
        super(new ClientPace(stream.outflow(), answer.context()), declaredBytes);
        this.answer = answer;
        this.stream = stream;
        this.response = response;
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

    /** Sends the head alone, if nothing has been sent. */
    void begin() throws IOException {
        if (!begun) {
            sendPiece(NOTHING, 0, 0);
        }
    }

    /** Completes the response. */
    void finish() throws IOException {
        if (begun) {
            flush();
        }
        Headers trailers = Responses.trailersOf(response);
        synchronized (this) {
            requireOpen();
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

    @Override
    protected void requireOpen() throws IOException {
        if (over) {
            throw new IOException("The response is over");
        }
    }

    /** Begins a response of which nothing has left yet, so that its length is known. */
    private void beginWhole() throws IOException {
        boolean hasContent = stream.hasContent(response, declaredBytes);
        int count = hasContent ? gatheredBytes() : 0;
        if (hasContent && declaredBytes > count) {
            requireWhole();
        }
        boolean known = hasContent && declaredBytes < 0 && response.trailers() == null;
        long length = known ? count : declaredBytes;
        answer.responding();
        byte[] gathered = gathered();
        stream.begin(response, length, gathered == null ? NOTHING : gathered, 0, count);
        answer.sent(count);
    }

    private void requireWhole() throws IOException {
        if (declaredBytes > sentBytes) {
            throw new IOException("The body ended after " + sentBytes + " of " + declaredBytes + " declared bytes");
        }
    }

    @Override
    protected void broke() {
        broken = true;
    }

    /**
     * Returns how many bytes were sent, which is all of them, or those that were declared. A loop may take the lock, too:
     * its holder hands bytes to the link, and waits for nothing.
     */
    @Override
    protected synchronized int handOver(byte[] bytes, int offset, int most) throws IOException {
        requireOpen();
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
