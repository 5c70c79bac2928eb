package org.httpkit.internal.connection;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.channel.ChannelUpgrade;
import org.httpkit.internal.channel.RealChannel;
import org.httpkit.internal.channel.ResponseOutput;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ExchangeChannel;
import org.httpkit.internal.exchange.HttpStream;
import org.httpkit.internal.exchange.ProtocolSwitch;
import org.httpkit.internal.exchange.SavedRequest;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.ResponseEncoder;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream, which carries an exchange to the client and back (RFC 9113 section 8.1). See {@link HttpStream}
 * for threads.
 */
final class Http2Stream extends StreamOutput implements HttpStream {
    /** The connection, as its streams see it. The loop calls all methods. */
    interface Owner {
        /** Is called when the reader of a streamed body has taken enough for the client to send more. */
        void wantMoreBody(Http2Stream stream);

        /** Checks once more whether the client has ended its side. */
        void recheckInputEnd(Http2Stream stream);

        /** Is called when the exchange is over, if its body was streamed. */
        void exchangeOver(Http2Stream stream);

        /** Hands the bytes of the stream to the WebSocket that the exchange has become. */
        void upgrade(Http2Stream stream, WebSocketConnection webSocket);

        /** Is called when the client has taken everything that waited for it. */
        void drained(Http2Stream stream);

        /** Allows the client to send that many more bytes; 0 changes nothing. */
        void creditStream(Http2Stream stream, int increment);

        /** Reports to the input budget what the streams hold; returns false if it has to be released. */
        boolean noteHeld();

        /** Counts anew what the request of a stream holds. */
        void requestGrew(Http2Stream stream);

        /** Is called when the WebSocket has sent everything. */
        void leaveTunnel(Http2Stream stream);

        /** Resets the stream for this cause. */
        void reset(Http2Stream stream, @Nullable IOException cause);
    }

    /** Room for the fields of most answers. */
    private static final int USUAL_HEAD_BYTES = 160;

    private static final byte[] NOTHING = {};

    private final Owner connection;
    private final StreamScheduler scheduler;
    private final HpackEncoder hpack;
    private final Exchange exchange;

    // The loop's own.
    /** Takes in the request's body; null if there is none, or all has come. */
    @Nullable
    Http2Body body;

    /**
     * The tunnel of an extended CONNECT, for the bytes of another protocol if the exchange opens it; null for other
     * requests.
     */
    @Nullable
    Http2Tunnel tunnel;

    /** When we ended our side of a tunnel and began to wait for the client to end its own. */
    long leftNanos = Protocol.NO_DEADLINE;

    /** Whether the end of our side still waited for the client when the loop last looked. */
    boolean endWaited;

    /** Whether the handler's call has been given to a thread. */
    boolean called;

    /** The code with which the stream ends behind the page of a refusal. Set before the page can be sent. */
    volatile ErrorCode codeOfRefusal = ErrorCode.NO_ERROR;

    /** Bytes held of the request for its handler: the head, a body that was collected, trailers. */
    long requestBytes;

    // Any thread.
    private volatile boolean over;

    /** Whether another protocol has taken over the stream. */
    private volatile boolean upgraded;

    // Written by the thread that answers, before it says that it is over.
    private boolean aborted;
    /** Whether no content follows the head. */
    private boolean endedWithHead;

    Http2Stream(
            Owner connection,
            ServerContext context,
            StreamScheduler scheduler,
            HpackEncoder hpack,
            int id,
            StreamState state,
            int windowBytes,
            RequestHead head,
            long receivedNanos) {
        super(id, scheduler, state, windowBytes);
        this.connection = connection;
        this.scheduler = scheduler;
        this.hpack = hpack;
        this.exchange = new Exchange(this, context, scheduler.link(), head, receivedNanos);
    }

    Exchange exchange() {
        return exchange;
    }

    // ---- the thread that answers

    @Override
    public void interim(Status status, Headers fields, BooleanSupplier wanted) {
        ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES);
        int begin = FrameEncoder.beginHeaders(out);
        ResponseEncoder.encodeInterim(hpack, out, status.code(), fields);
        FrameEncoder.endHeaders(out, begin, id, false, StreamScheduler.BLOCK_BYTES);
        scheduler.submit(
                this, new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS, wanted), null);
    }

    @Override
    public boolean hasContent(Response head, long length) {
        return frame(head, length).hasBody();
    }

    @Override
    public boolean whole(Response head, long length, byte @Nullable [] small, @Nullable Segment large) {
        exchange.responseBegins();
        ResponseFraming decided = frame(head, length);
        boolean content = decided.hasBody() && length > 0;
        byte[] copied = content && small != null ? small : NOTHING;
        ByteQueue out = head(head, decided, !content, copied.length);
        int end = out.length();
        out.append(copied);
        OutputPiece.Frames first = new OutputPiece.Frames(
                out.array(), end, content ? StreamEvent.SEND_HEADERS : StreamEvent.SEND_HEADERS_AND_END, null);
        OutputPiece.Content second = null;
        if (content) {
            second = small != null || large == null
                    ? new OutputPiece.Bytes(out.array(), end, out.length())
                    : content(large);
            second.endsStream = true;
        }
        scheduler.submit(this, first, second);
        return decided.hasBody();
    }

    private static OutputPiece.Content content(Segment large) {
        return large.mayWait() ? new OutputPiece.OnDisk(large) : new OutputPiece.Large(large);
    }

    @Override
    public boolean begin(Response head, long length, byte[] bytes, int offset, int count) {
        exchange.responseBegins();
        ResponseFraming decided = frame(head, length);
        endedWithHead = !decided.hasBody() || (decided.length() == 0 && head.trailers() == null);
        ByteQueue out = head(head, decided, endedWithHead, count);
        int end = out.length();
        out.append(bytes, offset, count);
        StreamEvent event = endedWithHead ? StreamEvent.SEND_HEADERS_AND_END : StreamEvent.SEND_HEADERS;
        return scheduler.submit(
                this,
                new OutputPiece.Frames(out.array(), end, event, null),
                count == 0 ? null : new OutputPiece.Bytes(out.array(), end, out.length()));
    }

    /** The HEADERS frame of a response, with room for that much content behind it. */
    private ByteQueue head(Response head, ResponseFraming decided, boolean ends, int roomBytes) {
        ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES + roomBytes);
        int begin = FrameEncoder.beginHeaders(out);
        exchange.context.blocks.write(hpack, out, statusOf(head), head.headers(), decided.length());
        FrameEncoder.endHeaders(out, begin, id, ends, StreamScheduler.BLOCK_BYTES);
        return out;
    }

    /**
     * The status to send: to the client of an extended CONNECT, a success would mean that its tunnel is open (RFC 8441
     * section 5).
     */
    private Status statusOf(Response head) {
        Status status = head.status();
        boolean opens = exchange.head().isExtendedConnect() && status.code() < 300;
        return opens ? Status.NOT_IMPLEMENTED : status;
    }

    @Override
    public boolean data(byte[] bytes, int offset, int count, When when) {
        return scheduler.content(this, bytes, offset, count, when == When.SOON);
    }

    @Override
    public boolean data(Segment large) {
        return scheduler.submit(this, content(large), null);
    }

    /** Frames carry the stream's number, so only the bytes can be shared. */
    @Override
    public boolean shared(Message piece) {
        byte[] bytes = piece.bytes();
        return data(bytes, 0, bytes.length, When.SOON);
    }

    @Override
    public void end(Headers trailers) {
        if (endedWithHead) {
            return;
        }
        if (trailers.size() == 0) {
            scheduler.end(this);
            return;
        }
        ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES);
        int begin = FrameEncoder.beginHeaders(out);
        ResponseEncoder.encodeTrailers(hpack, out, trailers);
        FrameEncoder.endHeaders(out, begin, id, true, StreamScheduler.BLOCK_BYTES);
        scheduler.submit(
                this, new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS_AND_END, null), null);
    }

    @Override
    public void exchangeOver() {
        over = true;
        if (exchange.isStreamed()) {
            scheduler.link().execute(() -> connection.exchangeOver(this));
        }
    }

    @Override
    public void abort(IOException why) {
        aborted = true;
        over = true;
        closeSoon(why);
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public boolean isAborted() {
        return aborted;
    }

    @Override
    public Outflow outflow() {
        return this;
    }

    private ResponseFraming frame(Response response, long length) {
        return AnswerFraming.of(exchange, response, length, true);
    }

    /** A client that has more to send receives NO_ERROR: the rest is unwanted (RFC 9113 section 8.1). */
    @Override
    @Nullable
    ErrorCode codeAtEnd(boolean clientMaySend) {
        return codeOfRefusal != ErrorCode.NO_ERROR || (clientMaySend && !upgraded) ? codeOfRefusal : null;
    }

    @Override
    void drained() {
        scheduler.link().execute(() -> connection.drained(this));
    }

    // ---- any thread

    /** Is called when the loop has answered the request, or no answer will come. */
    void beOver() {
        over = true;
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        scheduler.link().execute(() -> connection.reset(this, cause));
    }

    @Override
    public void wantInput() {
        scheduler.link().execute(() -> connection.wantMoreBody(this));
    }

    @Override
    public void requestGrew() {
        scheduler.link().execute(() -> connection.requestGrew(this));
    }

    @Override
    public void recheckInputEnd() {
        scheduler.link().execute(() -> connection.recheckInputEnd(this));
    }

    /** HTTP/2 has no such switch (RFC 9113 section 8.6). */
    @Override
    public ProtocolSwitch newSwitch(Headers fields, Duration idleTimeout) {
        throw new UnsupportedOperationException("HTTP/2 has no switch to other protocols");
    }

    @Override
    public ExchangeChannel newChannel(ChannelOptions options, ChannelListener listener) {
        ResponseOutput output = new ResponseOutput(exchange, this, this::upgrade, options.answerTimeout());
        return new RealChannel(exchange, output, options, listener);
    }

    /** @throws IllegalStateException if the exchange has already ended as a WebSocket's handshake */
    private ChannelUpgrade upgrade(ChannelOptions options) {
        if (upgraded) {
            throw SavedRequest.isWebSocket();
        }
        Http2Tunnel opened = tunnel;
        return opened == null
                ? new RefusedUpgrade(exchange, options)
                : new Http2Upgrade(exchange, options, new Opening(), opened);
    }

    /** Opens the tunnel, and leaves it. */
    private final class Opening implements Http2Upgrade.Stream {
        @Override
        public Runnable opening(Headers fields) {
            ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES);
            int begin = FrameEncoder.beginHeaders(out);
            exchange.context.blocks.write(hpack, out, Status.OK, fields, -1);
            FrameEncoder.endHeaders(out, begin, id, false, StreamScheduler.BLOCK_BYTES);
            return () -> {
                upgraded = true;
                scheduler.submit(
                        Http2Stream.this,
                        new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS, null),
                        null);
            };
        }

        @Override
        public void takeOver(WebSocketConnection webSocket) {
            exchange.upgraded(Status.OK);
            over = true;
            scheduler.link().execute(() -> connection.upgrade(Http2Stream.this, webSocket));
        }

        @Override
        public void leave() {
            connection.leaveTunnel(Http2Stream.this);
        }
    }
}
