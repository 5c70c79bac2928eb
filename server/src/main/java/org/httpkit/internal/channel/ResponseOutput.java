package org.httpkit.internal.channel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.httpkit.http.CloseCode;
import org.httpkit.http.Headers;
import org.httpkit.internal.exchange.ErrorAnswers;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.HttpStream;
import org.httpkit.internal.exchange.PieceCoder;
import org.httpkit.internal.exchange.ResponseWriter;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.exchange.Variant;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** A channel's data as one HTTP response: whole, or streamed with each send a chunk. See {@link ChannelOutput} for threads. */
public final class ResponseOutput implements ChannelOutput {
    private static final int TOGETHER_BYTES = 32 * 1024;
    /** Bytes that take some 10 microseconds to encode or copy. */
    private static final long LONG_BYTES = 64 * 1024;
    /** Bytes that take some 100 microseconds to compress. */
    private static final long LONG_CODED_BYTES = 4 * 1024;
    /** Bytes compressed at most at once under the channel's lock, for which its loop may wait. */
    private static final int CODED_PIECE_BYTES = 16 * 1024;

    /** How long an answer that is awaited when the server stops may take: much longer ones are waits for an event that does not come. */
    private static final long STOPPING_ANSWER_NANOS = 1_000_000_000L;

    private static final byte[] NOTHING = {};

    private final Exchange exchange;
    private final HttpStream stream;
    private final Function<ChannelOptions, ChannelUpgrade> upgrade;

    /** How long the answer may take to begin; {@link Protocol#NO_DEADLINE} for no limit. */
    private final long answerNanos;

    /** The application's answer for that case, or null. */
    private @Nullable Response unanswered;

    // The loop's own.
    private long answerDueNanos;
    private boolean toldOfStop;

    // Known from the first send on.
    private @Nullable Variant variant;
    /** Null if pieces are sent as they are. */
    private @Nullable PieceCoder coder;

    private @Nullable Response head;
    private boolean hasContent;
    /** Whether a line of an event stream may follow that does not belong to the event before. */
    private boolean betweenEvents = true;

    public ResponseOutput(
            Exchange exchange,
            HttpStream stream,
            Function<ChannelOptions, ChannelUpgrade> upgrade,
            Duration answerTimeout) {
        this.exchange = exchange;
        this.stream = stream;
        this.upgrade = upgrade;
        this.answerNanos = answerTimeout.isZero() ? Protocol.NO_DEADLINE : answerTimeout.toNanos();
        this.answerDueNanos = after(exchange.receivedNanos());
    }

    /**
     * Sets the answer that the client gets if the real one does not begin in time. To be called before anything else.
     */
    void answerAtLast(@Nullable Response response) {
        unanswered = response;
    }

    /**
     * Returns the answer that the client gets if the real one does not begin in time. May ask the application for a
     * page.
     */
    Response unanswered() {
        Response chosen = unanswered;
        Response plain = Responses.OVERLOADED;
        return chosen != null
                ? chosen
                : ErrorAnswers.shaped(exchange.context, plain, plain.status().reason(), exchange);
    }

    @Override
    public void send(ChannelData data) {
        chooseVariant(data);
        sendEncoded(data, encode(data));
    }

    @Override
    public boolean takesLong(ChannelData data) {
        chooseVariant(data);
        return data.contentBytes() > (coder == null ? LONG_BYTES : LONG_CODED_BYTES);
    }

    /** The coding of all pieces goes by the fields of the first. */
    private void chooseVariant(ChannelData data) {
        if (variant == null && exchange.context.codes()) {
            Variant chosen = Variant.of(exchange, data.head(), -1, exchange.context);
            coder = chosen.coder() == null ? null : new PieceCoder(chosen.coder());
            variant = chosen; // behind the coder, which may fail
        }
    }

    @Override
    public byte[] encode(ChannelData data) {
        byte[] content = data.content();
        PieceCoder coding = coder;
        if (coding == null) {
            return content;
        }
        noteEvents(content, 0, content.length);
        return coding.code(content, 0, content.length);
    }

    @Override
    public void sendEncoded(ChannelData data, byte[] encoded) {
        if (isUnbegun() && encoded.length <= TOGETHER_BYTES) {
            begin(data, encoded);
        } else {
            beginPieces(data);
            Message message = data.message();
            if (message != null && data.fansOut() && coder == null) {
                sendShared(message, encoded);
            } else {
                sendCoded(encoded, 0, encoded.length, data.fansOut());
            }
        }
    }

    /** Sends what many channels send, in a form that is made for the first of them. */
    private void sendShared(Message message, byte[] bytes) {
        if (bytes.length > 0 && hasContent) {
            sent(bytes, 0, bytes.length);
            stream.shared(message);
        }
    }

    @Override
    public void beginPieces(ChannelData data) {
        if (isUnbegun()) {
            chooseVariant(data);
            begin(data, NOTHING);
        }
    }

    /** Throws if a field cannot be written: then nothing has begun. */
    private void begin(ChannelData data, byte[] first) {
        Variant chosen = variant;
        // Data that is still being made has no other form, so a client that accepts none of the codings gets it
        // uncoded.
        Response response = chosen == null || chosen.kind() == Variant.Kind.REFUSED ? data.head() : chosen.response();
        exchange.responding();
        hasContent = stream.hasContent(response, -1);
        int count = hasContent ? first.length : 0;
        try {
            stream.begin(response, -1, first, 0, count);
        } catch (RuntimeException e) {
            release();
            variant = null; // another one may begin
            coder = null;
            throw e;
        }
        head = response;
        sent(first, 0, count);
    }

    private void sent(byte[] bytes, int offset, int count) {
        if (coder == null) {
            noteEvents(bytes, offset, count);
        }
        exchange.sent(count);
    }

    private void noteEvents(byte[] bytes, int offset, int count) {
        betweenEvents = count == 0 ? betweenEvents : endsEvent(bytes, offset + count, count);
    }

    @Override
    public int mostPieceBytes() {
        return coder == null ? Integer.MAX_VALUE : CODED_PIECE_BYTES;
    }

    @Override
    public void sendPiece(byte[] bytes, int offset, int count) {
        PieceCoder coding = coder;
        if (coding == null) {
            sendCoded(bytes, offset, count, false);
        } else if (hasContent) {
            noteEvents(bytes, offset, count);
            byte[] coded = coding.code(bytes, offset, count);
            sendCoded(coded, 0, coded.length, false);
        }
    }

    /** Empty pieces are left out: an empty chunk would be the end of the response. */
    private void sendCoded(byte[] bytes, int offset, int count, boolean soon) {
        if (count == 0 || !hasContent) {
            return;
        }
        sent(bytes, offset, count);
        if (count <= TOGETHER_BYTES) {
            stream.data(bytes, offset, count, soon ? HttpStream.When.SOON : HttpStream.When.NOW);
        } else {
            stream.data(new BytesSegment(bytes, offset, count));
        }
    }

    @Override
    public void endPieces() {}

    @Override
    public boolean isUnbegun() {
        return head == null;
    }

    @Override
    public boolean endsWithHead(ChannelData data) {
        return isUnbegun() && !stream.hasContent(data.head(), -1);
    }

    /** The deadline for an answer that has not begun. Loop thread. */
    long answerDueNanos() {
        assert exchange.link.isHeldByCaller();
        if (exchange.context.isStopping() && !toldOfStop) {
            return Math.min(exchange.receivedNanos() + STOPPING_ANSWER_NANOS, exchange.context.answersDueNanos());
        }
        return answerDueNanos;
    }

    /** The application is asked for its answer now. Loop thread. */
    void answerIsDue(long nowNanos) {
        assert exchange.link.isHeldByCaller();
        toldOfStop = exchange.context.isStopping();
        answerDueNanos = after(nowNanos);
    }

    private long after(long nanos) {
        return answerNanos == Protocol.NO_DEADLINE ? Protocol.NO_DEADLINE : nanos + answerNanos;
    }

    /** The status of the response that has begun, or 0. */
    int begunStatus() {
        return head == null ? 0 : head.status().code();
    }

    @Override
    public void complete(ChannelData data, @Nullable Consumer<@Nullable Throwable> beforeEnd) {
        if (beforeEnd != null) {
            exchange.beforeEnd(beforeEnd);
        }
        new ResponseWriter(exchange, stream).write(data.asResponse());
    }

    @Override
    public void end(int code, String reason) {
        Response begun = head;
        if (begun == null) {
            new ResponseWriter(exchange, stream).write(Response.of(200));
            return;
        }
        Headers trailers;
        byte[] last = NOTHING;
        try { // what is the application's, or a coding's, may fail
            if (code == CloseCode.GOING_AWAY) {
                sendRetry(begun);
            }
            trailers = Responses.trailersOf(begun);
            if (coder != null && hasContent) {
                last = coder.end();
            }
        } catch (RuntimeException | Error e) {
            exchange.context.observer.handlerFailed(exchange, e);
            exchange.abort(begun.status().code(), e);
            return;
        }
        sendCoded(last, 0, last.length, false);
        stream.end(trailers);
        exchange.end(begun.status().code());
    }

    /**
     * Sends a time to wait before reconnecting: clients of an event stream connect again when it ends. When it ends
     * because the server stops, each gets a different time, so that they do not all return at once (WHATWG HTML,
     * section 9.2.6).
     */
    private void sendRetry(Response begun) {
        long millis = exchange.context.current().options().drainRetry().toMillis();
        if (millis == 0 || !betweenEvents || !isEventStream(begun)) {
            return;
        }
        long wait = millis / 2 + exchange.context.environment.random().get().nextLong(millis + 1);
        byte[] field = ("retry: " + wait + "\n\n").getBytes(StandardCharsets.US_ASCII);
        sendPiece(field, 0, field.length);
    }

    private static boolean isEventStream(Response response) {
        String type = response.headers().first("Content-Type");
        return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
    }

    /** An empty line ends an event, in each of the ways in which a line can end. */
    private static boolean endsEvent(byte[] bytes, int end, int count) {
        if (count < 2) {
            return false;
        }
        byte last = bytes[end - 1];
        byte before = bytes[end - 2];
        if (last == '\n' && before == '\r') {
            return count > 2 && (bytes[end - 3] == '\n' || bytes[end - 3] == '\r');
        }
        return (last == '\n' || last == '\r') && last == before;
    }

    @Override
    public void fail(Throwable cause) {
        if (head == null) {
            new ResponseWriter(exchange, stream).writeError(Responses.INTERNAL_ERROR);
        } else {
            exchange.abort(head.status().code(), cause);
        }
    }

    @Override
    public void release() {
        if (coder != null) {
            coder.close();
        }
    }

    @Override
    public boolean isComplete() {
        return stream.isOver() && !stream.isAborted();
    }

    @Override
    public boolean isCut() {
        return stream.isAborted();
    }

    @Override
    public boolean isWebSocket() {
        return false;
    }

    @Override
    public CloseReason ownClose(int code, String reason) {
        return new CloseReason(CloseReason.SERVER_CLOSE, "", CloseReason.Cause.CLOSED);
    }

    @Override
    public Outflow outflow() {
        return stream.outflow();
    }

    /** Returns the upgrade that turns the exchange into a WebSocket. */
    ChannelUpgrade upgrade(ChannelOptions options) {
        return upgrade.apply(options);
    }
}
