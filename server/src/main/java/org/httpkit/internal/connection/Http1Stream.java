package org.httpkit.internal.connection;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
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
import org.httpkit.internal.http1.ChunkEncoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.OptionalSegment;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.net.Segment;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.SharedForms;
import org.jspecify.annotations.Nullable;

/**
 * Carries one exchange over an HTTP/1.1 connection: writes the response as RFC 9112 frames it, and lets the connection
 * go on when the response is out. See {@link HttpStream} for threads.
 *
 * <pre>
 *                 tellLoop        exchangeOver or abort
 * RUNNING         LOOP_WAITS      DONE, and the connection looks when it next has something to do
 * LOOP_WAITS      LOOP_WAITS      DONE, and the connection is woken
 * DONE            DONE            does not happen
 * </pre>
 */
final class Http1Stream implements HttpStream {
    private enum Turn {
        /** The response is on its way. */
        RUNNING,
        /** As RUNNING, and the loop wants a call when the response is out. */
        LOOP_WAITS,
        /** The response has been handed to the link; the connection may go on. */
        DONE
    }

    /** The connection, as its stream sees it. The loop calls all methods. */
    interface Owner {
        /** Is called when the exchange is over. */
        void resume();

        /** Is called when the reader of a streamed body has taken enough for more to be read. */
        void wantMoreBody();

        /** Checks once more whether the client has ended its side. */
        void recheckInputEnd();

        /** Reports to the input budget what the connection holds. */
        void noteHeld();

        /** Is called when the connection has switched to another protocol, which goes on with the input behind the request. */
        void upgrade(UpgradedProtocol next);
    }

    private static final int INTERIM_BYTES = 128;
    private static final byte[] CRLF = {'\r', '\n'};
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(Http1Stream.class, "turn", Turn.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Link link;
    private final Exchange exchange;
    /** Null once another protocol owns the link: its channel may keep the exchange, which must not keep the connection. */
    private volatile @Nullable Owner connection;

    // Any thread.
    private volatile Turn turn = Turn.RUNNING;
    private volatile boolean last;

    // Written by the thread that answers, before it sets the turn to DONE.
    /** Null until the response begins. */
    private @Nullable ResponseFraming framing;

    private long sentBytes;
    private boolean aborted;
    private long endedNanos;

    Http1Stream(Owner connection, ServerContext context, Link link, RequestHead head, long receivedNanos) {
        this.connection = connection;
        this.link = link;
        this.exchange = new Exchange(this, context, link, head, receivedNanos);
    }

    Exchange exchange() {
        return exchange;
    }

    // ---- the loop

    /**
     * Makes the response the connection's last: the input behind this request cannot be understood, or none will come.
     */
    void beLast() {
        assert link.isHeldByCaller();
        last = true;
    }

    /**
     * Is called when the client has ended its side.
     *
     * @param last whether no further request waits behind this one
     */
    void endOfInput(boolean last) {
        assert link.isHeldByCaller();
        this.last = last;
    }

    /** Asks for a call on the loop when the response is out; returns false if it is out already. */
    boolean tellLoop() {
        assert link.isHeldByCaller();
        return turn == Turn.LOOP_WAITS || TURN.compareAndSet(this, Turn.RUNNING, Turn.LOOP_WAITS);
    }

    /** After the end: whether another request may follow on the connection. */
    boolean keepsConnection() {
        return !aborted && framing != null && framing.keepsConnection();
    }

    /** Whether only the end of the connection shows the client where the response ends. */
    boolean endsWithConnection() {
        return framing != null && framing.endsWithConnection();
    }

    /**
     * Whether the client would take the end of the connection for the end of a response that has not left as a whole.
     *
     * @param failure why the connection ends; null if that is no failure
     */
    boolean wouldEndEarly(@Nullable IOException failure) {
        boolean hasLeft = link.isDrained(); // first: a thread that has sent something has set the framing before
        boolean whole = hasLeft && failure == null && turn == Turn.DONE && !aborted;
        return !whole && endsWithConnection();
    }

    /** After the end: when the exchange ended. */
    long endedNanos() {
        return endedNanos;
    }

    // ---- the thread that answers

    @Override
    public void interim(Status status, Headers fields, BooleanSupplier wanted) {
        if (exchange.version() == HttpVersion.HTTP_1_0) {
            return; // that version knows no interim responses (RFC 9110 section 15.2)
        }
        ByteQueue bytes = new ByteQueue(INTERIM_BYTES);
        exchange.context.heads.writeInterim(bytes, status, fields);
        link.send(new OptionalSegment(bytes.toByteArray(), wanted));
    }

    @Override
    public boolean hasContent(Response head, long length) {
        return frame(head, length).hasBody();
    }

    @Override
    public boolean whole(Response head, long length, byte @Nullable [] small, @Nullable Segment large) {
        assert mayStillSend();
        exchange.responseBegins();
        ResponseFraming decided = frame(head, length);
        Scratch scratch = link.scratch();
        exchange.context.heads.write(scratch.bytes, head.status(), head.headers(), decided);
        framing = decided;
        if (!decided.hasBody() || large == null) {
            if (decided.hasBody() && small != null) {
                scratch.bytes.append(small);
            }
            link.send(scratch);
        } else {
            link.send(scratch, large);
        }
        return decided.hasBody();
    }

    @Override
    public boolean begin(Response head, long length, byte[] bytes, int offset, int count) {
        assert mayStillSend();
        exchange.responseBegins();
        ResponseFraming decided = frame(head, length);
        Scratch scratch = link.scratch();
        exchange.context.heads.write(scratch.bytes, head.status(), head.headers(), decided);
        framing = decided;
        if (count > 0) {
            append(scratch, decided, bytes, offset, count);
        }
        return link.send(scratch);
    }

    @Override
    public boolean data(byte[] bytes, int offset, int count, When when) {
        assert mayStillSend();
        Scratch scratch = link.scratch();
        append(scratch, framing(), bytes, offset, count);
        return switch (when) {
            case NOW -> link.send(scratch);
            case SOON -> link.sendSoon(scratch);
        };
    }

    private void append(Scratch scratch, ResponseFraming decided, byte[] bytes, int offset, int count) {
        if (decided.isChunked()) {
            ChunkEncoder.append(scratch.bytes, bytes, offset, count);
        } else {
            scratch.bytes.append(bytes, offset, count);
        }
        sentBytes += count;
        scratch.grewTo(sentBytes);
    }

    @Override
    public boolean data(Segment large) {
        if (!framing().isChunked()) {
            return link.send(large);
        }
        Scratch before = link.scratch();
        before.bytes.appendHex(large.remainingBytes());
        before.bytes.append(CRLF);
        link.send(before, large);
        Scratch behind = link.scratch();
        behind.bytes.append(CRLF);
        return link.send(behind);
    }

    @Override
    public boolean shared(Message piece) {
        byte[] bytes = piece.bytes();
        sentBytes += bytes.length;
        return link.sendSoon(
                framing().isChunked()
                        ? SharedForms.of(piece)
                                .encoded(SharedForms.Form.CHUNK, message -> ChunkEncoder.chunk(message.bytes()))
                        : bytes);
    }

    @Override
    public void end(Headers trailers) {
        if (framing().isChunked()) {
            Scratch scratch = link.scratch();
            ChunkEncoder.appendLast(scratch.bytes, trailers);
            link.send(scratch);
        }
    }

    @Override
    public void exchangeOver() {
        endedNanos = link.freshNanos();
        Turn before = (Turn) TURN.getAndSet(this, Turn.DONE);
        if (before == Turn.LOOP_WAITS || !keepsConnection() || exchange.isStreamed()) {
            onConnection(Owner::resume);
        }
    }

    @Override
    public void abort(IOException why) {
        aborted = true;
        link.closeSoon(why);
        turn = Turn.DONE; // set last, so that a thread that sees it may rely on the close
    }

    @Override
    public boolean isOver() {
        return turn == Turn.DONE;
    }

    @Override
    public boolean isAborted() {
        return aborted;
    }

    @Override
    public Outflow outflow() {
        return link;
    }

    private ResponseFraming frame(Response response, long length) {
        return AnswerFraming.of(
                exchange,
                response,
                length,
                mayKeepConnection() && !response.headers().lists("Connection", "close"));
    }

    /** Whether the response may keep the connection for another request. */
    private boolean mayKeepConnection() {
        // A client that still waits for 100 may or may not send its body after our answer: the framing is lost.
        return exchange.head().keepAlive() && !last && !exchange.context.isStopping() && !exchange.isContinueDue();
    }

    /** Not once the exchange is over: the client would take what comes then for the next response. */
    private boolean mayStillSend() {
        return turn != Turn.DONE || aborted;
    }

    private ResponseFraming framing() {
        if (framing == null) {
            throw new IllegalStateException("The response has not begun");
        }
        return framing;
    }

    // ---- any thread

    @Override
    public void wantInput() {
        onConnection(Owner::wantMoreBody);
    }

    @Override
    public void requestGrew() {
        onConnection(Owner::noteHeld);
    }

    @Override
    public void recheckInputEnd() {
        onConnection(Owner::recheckInputEnd);
    }

    private void onConnection(Consumer<Owner> task) {
        Owner current = connection;
        if (current != null) {
            link.execute(() -> task.accept(current));
        }
    }

    @Override
    public ExchangeChannel newChannel(ChannelOptions options, ChannelListener listener) {
        ResponseOutput output = new ResponseOutput(exchange, this, this::upgrade, options.answerTimeout());
        return new RealChannel(exchange, output, options, listener);
    }

    /** @throws IllegalStateException if the exchange has already ended as a WebSocket's handshake */
    private ChannelUpgrade upgrade(ChannelOptions options) {
        Owner current = connection;
        if (current == null) {
            throw SavedRequest.isWebSocket();
        }
        return new Http1Upgrade(exchange, link, options, webSocket -> takeOver(current, webSocket));
    }

    private void takeOver(Owner current, UpgradedProtocol next) {
        connection = null;
        exchange.upgraded(Status.SWITCHING_PROTOCOLS);
        link.execute(() -> current.upgrade(next));
    }

    @Override
    public ProtocolSwitch newSwitch(Headers fields, Duration idleTimeout) {
        Owner current = connection;
        if (current == null) {
            throw SavedRequest.isWebSocket();
        }
        ByteQueue answer = new ByteQueue(INTERIM_BYTES);
        exchange.context.heads.writeInterim(answer, Status.SWITCHING_PROTOCOLS, fields);
        return new UpgradedStreams(exchange, link, answer.toByteArray(), idleTimeout, next -> takeOver(current, next));
    }
}
