package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.HttpStream.When;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.IgnoringProtocol;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One stream of HTTP/2, and the bytes of another protocol that it carries. */
final class Http2TunnelTest {
    /** Writes down what a stream has its connection do. */
    private final class Connection implements Http2Stream.Owner {
        boolean mayHold = true;

        @Override
        public void wantMoreBody(Http2Stream of) {
            told.add("want more body");
        }

        @Override
        public void recheckInputEnd(Http2Stream of) {
            told.add("recheck the end of input");
        }

        @Override
        public void exchangeOver(Http2Stream of) {
            told.add("exchange over");
        }

        @Override
        public void upgrade(Http2Stream of, WebSocketConnection webSocket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void drained(Http2Stream of) {
            told.add("drained");
        }

        @Override
        public void creditStream(Http2Stream of, int increment) {
            told.add("credit " + increment);
        }

        @Override
        public boolean noteHeld() {
            told.add("holds " + tunnel.heldBytes());
            return mayHold;
        }

        @Override
        public void requestGrew(Http2Stream of) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void leaveTunnel(Http2Stream of) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reset(Http2Stream of, @Nullable IOException cause) {
            told.add("reset: " + (cause == null ? null : cause.getMessage()));
        }
    }

    /** Writes down what a tunnel tells its protocol. */
    private final class Inner extends IgnoringProtocol {
        long nextNanos = Protocol.NO_DEADLINE;

        @Override
        public void onInput(ByteBuffer input) {
            told.add("input " + StandardCharsets.US_ASCII.decode(input));
        }

        @Override
        public void onInputEnd() {
            told.add("input ended");
        }

        @Override
        public long onDeadline(long nowNanos) {
            told.add("deadline " + nowNanos);
            return nextNanos;
        }

        @Override
        public void onClosed(@Nullable IOException failure) {
            told.add("closed: " + (failure == null ? null : failure.getMessage()));
        }
    }

    private final List<String> told = new ArrayList<>();
    private final FakeLoop loop = new FakeLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);
    private final Connection connection = new Connection();
    private final Inner inner = new Inner();
    private final StreamScheduler scheduler = scheduler();
    private final Http2Stream stream = stream("GET", 65_535);
    private final Http2Tunnel tunnel = new Http2Tunnel(stream, scheduler, connection, false);

    private StreamScheduler scheduler() {
        link.start(new IgnoringProtocol());
        return new StreamScheduler(
                link,
                new StreamScheduler.Owner() {
                    @Override
                    public void streamsEnded() {}

                    @Override
                    public void heldBack() {}

                    @Override
                    public void streamsStuck() {}
                },
                new OddFrames(0));
    }

    private Http2Stream stream(String method, int windowBytes) {
        RequestHead head =
                RequestHead.of((method + " / HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        ServerContext context = ServerContext.of(
                HttpServer.builder().handler(request -> Response.of(200)).options(),
                Runnable::run,
                new ServerObserver() {});
        return new Http2Stream(
                connection, context, scheduler, new HpackEncoder(), 1, StreamState.OPEN, windowBytes, head, 0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void close(Http2Stream closed) {
        scheduler.close(closed, ErrorCode.CANCEL, new IOException("over"));
    }

    // ---- what the client sends

    @Test
    void keepsWhatComesBeforeItsProtocolAndPassesOnTheRest() {
        tunnel.piece(bytes("xab"), 1, 2);
        tunnel.piece(bytes("cd"), 0, 2);
        assertThat(tunnel.heldBytes()).isGreaterThanOrEqualTo(4);
        assertThat(tunnel.protocol()).isNull();

        ByteBuffer before = tunnel.begin(inner);
        assertThat(before).isEqualTo(ByteBuffer.wrap(bytes("abcd")));
        assertThat(tunnel.heldBytes()).isZero();
        assertThat(tunnel.protocol()).isSameAs(inner);
        tunnel.piece(bytes("xefx"), 1, 2);
        assertThat(told).containsExactly("input ef");
    }

    @Test
    void creditsNothingBeforeItsProtocolReads() throws Http2ViolationException {
        tunnel.frame(40_000);
        tunnel.frameEnded(40_000);
        assertThat(told).isEmpty();
        tunnel.resumeInput();
        assertThat(told).containsExactly("credit 40000");
        tunnel.resumeInput();
        tunnel.frame(32_766);
        tunnel.frameEnded(32_766);
        assertThat(told).hasSize(1);
        tunnel.frame(1);
        tunnel.frameEnded(1);
        assertThat(told).containsExactly("credit 40000", "credit 32767");

        tunnel.pauseInput();
        tunnel.frame(40_000);
        tunnel.frameEnded(40_000);
        assertThat(told).hasSize(2);
    }

    @Test
    void refusesMoreThanItsWindow() throws Http2ViolationException {
        tunnel.frame(65_535);

        assertThatThrownBy(() -> tunnel.frame(1)).isInstanceOf(Http2ViolationException.class);
    }

    @Test
    void widensItsWindowByTheCreditThatItGives() throws Http2ViolationException {
        tunnel.resumeInput();
        for (int i = 0; i < 4; i++) {
            tunnel.frame(40_000);
            tunnel.frameEnded(40_000);
        }

        assertThat(told).hasSize(4).containsOnly("credit 40000");
    }

    @Test
    void creditsNothingToAClientThatHasEndedItsSide() throws Http2ViolationException {
        tunnel.begin(inner);
        assertThat(tunnel.isInputEnded()).isFalse();
        tunnel.frame(40_000);
        tunnel.frameEnded(40_000);
        tunnel.endInput();
        tunnel.resumeInput();

        assertThat(told).containsExactly("input ended");
        assertThat(tunnel.isInputEnded()).isTrue();
    }

    @Test
    void tellsItsProtocolOnceThatItIsClosed() {
        tunnel.begin(inner);
        tunnel.closed(new IOException("reset"));
        tunnel.closed(null);
        tunnel.endInput();

        assertThat(told).containsExactly("closed: reset");
        assertThat(tunnel.protocol()).isNull();
    }

    @Test
    void dropsWhatItsProtocolWillNeverRead() {
        tunnel.piece(bytes("ab"), 0, 2);
        tunnel.closed(null);

        assertThat(tunnel.heldBytes()).isZero();
        assertThat(tunnel.begin(inner)).isNull();
    }

    @Test
    void asksItsProtocolAtItsDeadlineAlone() {
        assertThat(tunnel.onDeadline(5)).isEqualTo(Protocol.NO_DEADLINE);
        tunnel.begin(inner);
        inner.nextNanos = 9;
        tunnel.checkBy(5);
        tunnel.checkBy(6);
        assertThat(tunnel.onDeadline(4)).isEqualTo(5);
        assertThat(told).isEmpty();

        assertThat(tunnel.onDeadline(5)).isEqualTo(9);
        assertThat(told).containsExactly("deadline 5");
    }

    @Test
    void reportsWhatItsProtocolHolds() {
        tunnel.piece(bytes("ab"), 0, 2);
        long early = tunnel.heldBytes();
        assertThat(tunnel.holds(10, true)).isTrue();
        connection.mayHold = false;
        assertThat(tunnel.holds(20, true)).isFalse();
        tunnel.holdsNothing();

        assertThat(told).containsExactly("holds " + (10 + early), "holds " + (20 + early), "holds " + early);
    }

    // ---- what its protocol sends

    @Test
    void sendsInFramesOfItsStream() {
        assertThat(tunnel.isDrained()).isTrue();
        Scratch scratch = tunnel.scratch();
        scratch.bytes.append(bytes("ab"));
        assertThat(tunnel.send(scratch)).isTrue();
        assertThat(wire.written()).endsWith("\0\0\2\0\0\0\0\0\1ab");
        assertThat(tunnel.send(new BytesSegment(bytes("cd"), 0, 2))).isTrue();
        assertThat(wire.written()).endsWith("\0\0\2\0\0\0\0\0\1cd");

        assertThat(tunnel.sendSoon(bytes("ef"))).isTrue();
        assertThat(tunnel.isDrained()).isFalse();
        assertThat(tunnel.queuedBytes()).isEqualTo(2);
        tunnel.flushSoon();
        assertThat(wire.written()).endsWith("ef");
        tunnel.whenSent(failure -> told.add("sent " + failure));
        assertThat(told).containsExactly("sent null");
    }

    @Test
    void sendsNothingOnceItsStreamIsClosed() {
        assertThat(tunnel.isClosed()).isFalse();
        close(stream);

        assertThat(tunnel.isClosed()).isTrue();
        assertThat(tunnel.send(tunnel.scratch())).isFalse();
        assertThat(tunnel.send(new BytesSegment(bytes("cd"), 0, 2))).isFalse();
        assertThat(tunnel.sendSoon(bytes("ef"))).isFalse();
        assertThatThrownBy(tunnel::awaitDrained).isInstanceOf(IOException.class);
    }

    @Test
    void knowsSinceWhenItsClientTakesNothing() {
        Http2Stream narrow = stream("GET", 0);
        Http2Tunnel held = new Http2Tunnel(narrow, scheduler, connection, false);
        loop.letPass(5);
        assertThat(held.waitsForPeer()).isFalse();
        held.sendSoon(bytes("ab"));
        loop.letPass(2);

        assertThat(held.waitsForPeer()).isTrue();
        assertThat(held.progressNanos()).isEqualTo(5);
        assertThat(held.nanos()).isEqualTo(7);
        assertThat(held.freshNanos()).isEqualTo(7);
        assertThat(tunnel.progressNanos()).isEqualTo(7);
    }

    @Test
    void leavesItsEndToTheConnection() {
        tunnel.close(new IOException("now"));
        assertThat(told).containsExactly("reset: now");
        tunnel.closeSoon(new IOException("soon"));
        tunnel.execute(() -> told.add("executed"));
        assertThat(told).hasSize(1);
        loop.runCommands();

        assertThat(told).containsExactly("reset: now", "reset: soon", "executed");
    }

    // ---- the stream's answer

    @Test
    void sendsAnAnswerInPieces() {
        assertThat(stream.hasContent(Response.of(200), 5)).isTrue();
        assertThat(stream.begin(Response.of(200), 8, bytes("xab"), 1, 2)).isTrue();
        assertThat(wire.written()).endsWith("\0\0\2\0\0\0\0\0\1ab");
        assertThat(stream.data(bytes("xcd"), 1, 2, When.NOW)).isTrue();
        assertThat(wire.written()).endsWith("\0\0\2\0\0\0\0\0\1cd");
        assertThat(stream.data(bytes("e"), 0, 1, When.SOON)).isTrue();
        assertThat(stream.shared(Message.text("f"))).isTrue();
        assertThat(wire.written()).endsWith("cd");
        loop.runCommands();
        assertThat(wire.written()).endsWith("\0\0\2\0\0\0\0\0\1ef");
        assertThat(stream.data(new BytesSegment(bytes("gh"), 0, 2))).isTrue();
        stream.end(Headers.empty());

        assertThat(wire.written()).endsWith("gh\0\0\0\0\1\0\0\0\1\0\0\4\3\0\0\0\0\1\0\0\0\0");
        assertThat(scheduler.takeEnded()).isSameAs(stream);
    }

    @Test
    void saysThatItsAnswerDoesNotLeaveOnceItIsClosed() {
        close(stream);

        assertThat(stream.begin(Response.of(200), 6, bytes("ab"), 0, 2)).isFalse();
        assertThat(stream.data(bytes("cd"), 0, 2, When.NOW)).isFalse();
        assertThat(stream.shared(Message.text("f"))).isFalse();
        assertThat(stream.data(new BytesSegment(bytes("gh"), 0, 2))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"GET, 200, 5, true", "HEAD, 200, 5, false", "GET, 204, 0, false", "GET, 200, 0, true"})
    void saysWhetherContentFollowsAHead(String method, int status, long length, boolean follows) {
        Http2Stream answered = stream(method, 65_535);

        assertThat(answered.hasContent(Response.of(status), length)).isEqualTo(follows);
        assertThat(answered.whole(Response.of(status), length, new byte[(int) length], null))
                .isEqualTo(follows);
    }

    @Test
    void sendsLargeContentBehindAHead() {
        assertThat(stream.whole(Response.of(200), 3, null, new BytesSegment(bytes("abc"), 0, 3)))
                .isTrue();

        assertThat(wire.written()).contains("\0\0\3\0\1\0\0\0\1abc");
    }

    @Test
    void sendsNoContentBehindAHeadThatHasNone() {
        Http2Stream answered = stream("HEAD", 65_535);
        assertThat(answered.begin(Response.of(200), 5, new byte[0], 0, 0)).isTrue();
        int length = wire.written().length();
        answered.end(Headers.of("Sum", "1"));

        assertThat(wire.written()).hasSize(length);
        assertThat(scheduler.stateOf(answered)).isEqualTo(StreamState.RESET_BY_SERVER); // its client has not ended
    }

    @Test
    void sendsTrailersBehindTheContent() {
        stream.begin(Response.of(200).trailers(Headers.of("Sum", "1")), -1, bytes("a"), 0, 1);
        int length = wire.written().length();
        stream.end(Headers.of("Sum", "1"));

        assertThat(wire.written().substring(length)).contains("\1\5\0\0\0\1"); // HEADERS, END_STREAM and END_HEADERS
    }

    @Test
    void sendsAnInterimAnswerUnlessItIsNoLongerWanted() {
        stream.interim(Status.EARLY_HINTS, Headers.empty(), () -> false);
        assertThat(wire.writes).allMatch(String::isEmpty);
        stream.interim(Status.EARLY_HINTS, Headers.empty(), () -> true);

        assertThat(wire.written()).contains("\1\4\0\0\0\1"); // HEADERS, END_HEADERS
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.OPEN);
    }

    @Test
    void hasItsLoopActForOtherThreads() {
        stream.wantInput();
        stream.recheckInputEnd();
        stream.drained();
        stream.closeSoon(null);
        assertThat(told).isEmpty();
        loop.runCommands();

        assertThat(told).containsExactly("want more body", "recheck the end of input", "drained", "reset: null");
    }

    @Test
    void isOverWhenItsExchangeIs() {
        assertThat(stream.isOver()).isFalse();
        stream.exchangeOver();
        loop.runCommands();
        assertThat(stream.isOver()).isTrue();
        assertThat(stream.isAborted()).isFalse();
        assertThat(told).isEmpty();

        Http2Stream reading = stream("POST", 65_535);
        reading.exchange().beginStreamedBody(false);
        reading.exchangeOver();
        loop.runCommands();
        assertThat(told).containsExactly("exchange over");
    }

    @Test
    void isResetIfItsAnswerCannotBeCompleted() {
        stream.abort(new IOException("broken"));
        assertThat(stream.isOver()).isTrue();
        assertThat(stream.isAborted()).isTrue();
        loop.runCommands();

        assertThat(told).containsExactly("reset: broken");
    }
}
