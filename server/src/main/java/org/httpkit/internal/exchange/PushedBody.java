package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * A response body that the application writes at any time, on any thread. One thread writes at a time; the first thread
 * that ends the body decides how, so that the loop and the handler's thread can cut it while another writes.
 *
 * <pre>
 *            close         a write or a handler that fails   the connection closes
 * OPEN       COMPLETE      CUT                               GONE
 * COMPLETE   COMPLETE      COMPLETE                          COMPLETE
 * CUT        CUT           CUT                               CUT
 * GONE       GONE          GONE                              GONE
 * </pre>
 */
final class PushedBody extends OutputStream implements BegunAnswer {
    private enum State {
        OPEN,
        /** The writer has closed it, and ends the exchange. */
        COMPLETE,
        /** It failed: nothing more of it is sent. */
        CUT,
        /** The client has gone. */
        GONE
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(PushedBody.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AnswerProgress answer;
    private final ResponseWriter writer;
    private final BodyOutput out;
    private final Response head;
    private final long declaredBytes;
    private final boolean hasContent;

    // Any thread.
    private volatile State state = State.OPEN;

    // Confined to the writer.
    private long writtenBytes;
    /** Whether an exception has informed the writer that nothing more is sent. */
    private boolean told;

    PushedBody(AnswerProgress answer, HttpStream stream, Response head, long declaredBytes) {
        this.answer = answer;
        this.writer = new ResponseWriter(answer, stream);
        this.out = new BodyOutput(answer, stream, head, declaredBytes);
        this.head = head;
        this.declaredBytes = declaredBytes;
        this.hasContent = stream.hasContent(head, declaredBytes);
    }

    // ---- any thread

    /** Sends no other answer, because the writer may be about to begin. */
    @Override
    public void cut(Throwable failure) {
        if (moveTo(State.CUT)) {
            answer.abort(head.status().code(), failure);
        }
    }

    @Override
    public boolean connectionClosed(@Nullable IOException failure) {
        return moveTo(State.GONE);
    }

    @Override
    public int begunStatus() {
        return out.isBegun() ? head.status().code() : 0;
    }

    // ---- the writer

    /** Sends the head of a response without content, and ends the exchange. */
    void endIfEmpty() throws IOException {
        if (!hasContent) {
            close();
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        if (!hasContent || count == 0) {
            return;
        }
        requireOpen();
        if (declaredBytes >= 0 && count > declaredBytes - writtenBytes) {
            throw fail(new IOException("The body has more than the " + declaredBytes + " declared bytes"));
        }
        writtenBytes += count;
        try {
            out.write(bytes, offset, count);
        } catch (IOException | RuntimeException | Error e) {
            throw fail(e);
        }
    }

    /** Sends everything written so far, or the head alone. */
    @Override
    public void flush() throws IOException {
        if (!hasContent || state == State.COMPLETE || (out.isBegun() && !out.hasGathered())) {
            return;
        }
        requireOpen();
        try {
            out.flush();
            out.begin();
        } catch (IOException | RuntimeException | Error e) {
            throw fail(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (moveTo(State.COMPLETE)) {
            try {
                out.finish();
            } catch (Throwable e) {
                writer.streamFailed(head, out, e);
                throw asIoException(e);
            }
        } else if (!told && isLost()) {
            requireOpen();
        }
    }

    /** Whether a part of the response, not only its end, was never sent. */
    private boolean isLost() {
        return switch (state) {
            case OPEN, COMPLETE -> false;
            case CUT -> true;
            case GONE -> !out.isBegun() || out.hasGathered() || declaredBytes > writtenBytes;
        };
    }

    private void requireOpen() throws IOException {
        switch (state) {
            case OPEN -> {}
            case COMPLETE -> throw new IOException("The response is complete");
            case CUT -> {
                told = true;
                throw new IOException("The response was cut, since its handler has failed");
            }
            case GONE -> {
                told = true;
                throw new IOException("The client has gone");
            }
        }
    }

    private IOException fail(Throwable failure) {
        told = true;
        if (moveTo(State.CUT)) {
            writer.streamFailed(head, out, failure);
        }
        return asIoException(failure);
    }

    private static IOException asIoException(Throwable failure) {
        return failure instanceof IOException known ? known : new IOException("The response cannot be sent", failure);
    }

    private boolean moveTo(State end) {
        return STATE.compareAndSet(this, State.OPEN, end);
    }
}
