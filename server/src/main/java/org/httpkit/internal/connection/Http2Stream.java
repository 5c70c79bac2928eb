package org.httpkit.internal.connection;

import java.io.IOException;
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

/** One stream of HTTP/2, and the way of its exchange to the client and back (RFC 9113 section 8.1). See {@link HttpStream} for threads. */
final class Http2Stream extends StreamOutput implements HttpStream {
    /** The connection, as its streams see it. All methods are called on the loop. */
    interface Owner {
        /** The reader of a streamed body has taken enough for more to be sent. */
        void wantMoreBody(Http2Stream stream);

        /** Looks once more whether the client has ended its side. */
        void recheckInputEnd(Http2Stream stream);

        /** The exchange is over, and its body was streamed. */
        void exchangeOver(Http2Stream stream);

        /** The exchange has become a WebSocket: hands it the bytes of the stream. */
        void upgrade(Http2Stream stream, WebSocketConnection webSocket);

        /** The client has taken everything that waited for it. */
        void drained(Http2Stream stream);

        /** The client may send so much more through the tunnel. */
        void creditTunnel(Http2Stream stream, int increment);

        /** Has what is held of the input counted with that of others; false if it has to be let go of. */
        boolean noteHeld();

        /** The WebSocket has said all. */
        void leaveTunnel(Http2Stream stream);

        /** Resets the stream, for that cause. */
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
    /** Takes the request's body in; null if it has none, or has it all. */
    @Nullable
    Http2Body body;

    /** Of an extended CONNECT: the bytes of another protocol, if the exchange comes to that; null otherwise. */
    @Nullable
    Http2Tunnel tunnel;

    /** Since when the client may end what we have ended. */
    long leftNanos = Protocol.NO_DEADLINE;

    /** Whether the handler's call was given to somebody. */
    boolean called;

    /** What is held of the request, as far as it counts. */
    long heldInputBytes;

    // Any thread.
    private volatile boolean over;

    /** Whether it has become another protocol's. */
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
        FrameEncoder.endHeaders(out, begin, id, false, StreamScheduler.FRAME_BYTES);
        scheduler.submit(
                this, new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS, wanted), null);
    }

    @Override
    public boolean hasContent(Response head, long length) {
        return frame(head, length).hasBody();
    }

    @Override
    public boolean whole(Response head, long length, byte @Nullable [] small, @Nullable Segment large) {
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

    /** The HEADERS frame of a response, with room for so much content behind it. */
    private ByteQueue head(Response head, ResponseFraming decided, boolean ends, int roomBytes) {
        ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES + roomBytes);
        int begin = FrameEncoder.beginHeaders(out);
        exchange.context.blocks.write(hpack, out, statusOf(head), head.headers(), decided.length());
        FrameEncoder.endHeaders(out, begin, id, ends, StreamScheduler.FRAME_BYTES);
        return out;
    }

    /** A success would tell the client of an extended CONNECT that its tunnel is open (RFC 8441 section 5). */
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

    /** Frames have the stream's number, so there is nothing to share but the bytes. */
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
        FrameEncoder.endHeaders(out, begin, id, true, StreamScheduler.FRAME_BYTES);
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

    /** A client that has more to send is told that nobody wants it (RFC 9113 section 8.1). */
    @Override
    @Nullable
    ErrorCode codeAtEnd(boolean clientMaySend) {
        return clientMaySend && !upgraded ? ErrorCode.NO_ERROR : null;
    }

    @Override
    void drained() {
        scheduler.link().execute(() -> connection.drained(this));
    }

    // ---- any thread

    /** The loop has answered it, or nobody will. */
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
    public void recheckInputEnd() {
        scheduler.link().execute(() -> connection.recheckInputEnd(this));
    }

    @Override
    public ExchangeChannel newChannel(ChannelOptions options, ChannelListener listener) {
        ResponseOutput output = new ResponseOutput(exchange, this, this::upgrade, options.answerTimeout());
        return new RealChannel(exchange, output, options, listener);
    }

    /** @throws IllegalStateException if the exchange has ended as a WebSocket's handshake already */
    private ChannelUpgrade upgrade(ChannelOptions options) {
        if (upgraded) {
            throw SavedRequest.isWebSocket();
        }
        Http2Tunnel opened = tunnel;
        return opened == null
                ? new RefusedUpgrade(exchange, options)
                : new Http2Upgrade(exchange, options, new Opening(), opened);
    }

    /** How the tunnel is opened, and left. */
    private final class Opening implements Http2Upgrade.Stream {
        @Override
        public Runnable opening(Headers fields) {
            ByteQueue out = new ByteQueue(USUAL_HEAD_BYTES);
            int begin = FrameEncoder.beginHeaders(out);
            exchange.context.blocks.write(hpack, out, Status.OK, fields, -1);
            FrameEncoder.endHeaders(out, begin, id, false, StreamScheduler.FRAME_BYTES);
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
