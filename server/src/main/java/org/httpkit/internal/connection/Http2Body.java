package org.httpkit.internal.connection;

import java.io.IOException;
import org.httpkit.http.Headers;
import org.httpkit.internal.exchange.BodyCollector;
import org.httpkit.internal.exchange.StreamedBody;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.BodyLength;
import org.httpkit.internal.http2.FlowWindow;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.Settings;
import org.httpkit.internal.http2.WindowCredit;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the body of one HTTP/2 request, and decides which credit its client gets. It has neither a socket nor a
 * clock. Confined to its loop thread.
 *
 * <p>It credits a collected body as it comes, up to its limit, and a streamed one as the reader takes it.
 */
final class Http2Body {
    enum State {
        /** The body is being collected; the handler has not been called. */
        COLLECTING,
        /** The handler reads the body as it arrives. */
        STREAMING,
        /** The rest is unwanted. */
        DISCARDING
    }

    /** Bytes of a collected body that may be on their way. */
    private static final long WIDE_WINDOW_BYTES = 1 << 20;

    private final FlowWindow window = FlowWindow.ofStream(Settings.DEFAULT_WINDOW_BYTES);
    private final WindowCredit credit = new WindowCredit(Settings.DEFAULT_WINDOW_BYTES);
    private final BodyLength length;
    private final long maxBytes;
    private final @Nullable BodyCollector collector;
    private @Nullable StreamedBody streamed;
    private State state;
    /** Bytes that have come and were not credited. */
    private int owedBytes;

    private boolean readerHasRoom = true;

    /** When the current wait began, and when input last came. */
    long sinceNanos;

    long inputNanos;

    private Http2Body(
            RequestHead head,
            long maxBytes,
            @Nullable BodyCollector collector,
            @Nullable StreamedBody streamed,
            long nowNanos) {
        this.length = new BodyLength(head.contentLength());
        this.maxBytes = maxBytes;
        this.collector = collector;
        this.streamed = streamed;
        this.state = streamed == null ? State.COLLECTING : State.STREAMING;
        this.sinceNanos = nowNanos;
        this.inputNanos = nowNanos;
    }

    static Http2Body collected(RequestHead head, long maxBytes, long nowNanos) {
        BodyCollector collector = new BodyCollector(head.contentLength(), 0); // the input at hand may be other streams'
        return new Http2Body(head, maxBytes, collector, null, nowNanos);
    }

    static Http2Body streamed(RequestHead head, StreamedBody body, long nowNanos) {
        return new Http2Body(head, Long.MAX_VALUE, null, body, nowNanos);
    }

    State state() {
        return state;
    }

    /** Begins a DATA frame. */
    void frame(int frameBytes, int contentBytes) throws Http2ViolationException {
        window.receive(frameBytes);
        length.receive(contentBytes);
    }

    /** Whether the body, together with the frame that has begun, exceeds what may be collected. */
    boolean isTooLarge() {
        return state == State.COLLECTING && length.received() > maxBytes;
    }

    /** Takes in a piece of the frame's content. */
    void piece(byte[] array, int offset, int count) {
        switch (state) {
            case COLLECTING -> {
                if (collector != null) {
                    collector.append(array, offset, count);
                }
            }
            case STREAMING -> {
                if (streamed != null) {
                    readerHasRoom = streamed.offer(array, offset, count);
                }
            }
            case DISCARDING -> {}
        }
    }

    /** Ends the frame; returns the credit to give now, or 0. */
    int frameEnded(int frameBytes) throws Http2ViolationException {
        owedBytes += frameBytes;
        return readerHasRoom ? creditOwed() : 0;
    }

    /** Is called when the reader has taken what it had no room for; returns the credit to give now, or 0. */
    int readerTook() throws Http2ViolationException {
        readerHasRoom = true;
        return creditOwed();
    }

    /**
     * Gives the client of a long body more room at once, so that it need not wait a round trip for each 64 KiB; returns
     * the credit.
     */
    int widen() throws Http2ViolationException {
        long more = Math.min(length.declared(), WIDE_WINDOW_BYTES) - Settings.DEFAULT_WINDOW_BYTES;
        if (state != State.COLLECTING || more <= 0) {
            return 0;
        }
        window.credit((int) more);
        return (int) more;
    }

    private int creditOwed() throws Http2ViolationException {
        int increment = state == State.DISCARDING ? 0 : credit.take(owedBytes);
        owedBytes = 0;
        if (increment > 0) {
            window.credit(increment);
        }
        return increment;
    }

    /** Is called when the client has ended its side. */
    void end() throws Http2ViolationException {
        length.end();
    }

    /** The collected body. */
    byte[] bytes() {
        return collector == null ? new byte[0] : collector.bytes();
    }

    /** Completes the body for its reader. */
    void endStreamed(Headers trailers) {
        if (streamed != null) {
            streamed.end(trailers);
        }
    }

    /** Fails the body: it will never be complete. */
    void fail(IOException cause) {
        state = State.DISCARDING;
        if (streamed != null) {
            streamed.fail(cause);
            streamed = null;
        }
    }

    /** Drops the rest of the body of a request that is answered. */
    void discard() {
        state = State.DISCARDING;
        if (streamed != null) {
            streamed.discard();
            streamed = null;
        }
    }

    /** Whether the reader waits for more. */
    boolean isReaderWaiting() {
        return streamed != null && streamed.wantsMore();
    }

    /** Bytes that have come. */
    long receivedBytes() {
        return length.received();
    }

    long heldBytes() {
        return switch (state) {
            case COLLECTING -> collector == null ? 0 : collector.heldBytes();
            case STREAMING -> streamed == null ? 0 : streamed.heldBytes();
            case DISCARDING -> 0;
        };
    }
}
