package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.ToldListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a connection that the server has ended, and of input and output that wait. */
final class EndingsTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_1_0 = "GET / HTTP/1.0\r\n\r\n";
    private static final Handler LAST =
            request -> Response.text("x".repeat(1000)).header("Connection", "close");

    private PlayedConnection connection = PlayedConnection.serving(LAST);

    private void serving(Consumer<HttpServer.Builder> options) {
        connection = PlayedConnection.serving(LAST, options);
    }

    // ---- lingering

    @Test
    void dropsWhatAClientSendsAfterTheEndButNotWithoutALimit() {
        connection.ask(GET);
        for (int i = 0; i < 64; i++) {
            connection.send(new byte[64 * 1024]);
        }
        assertThat(connection.wire.wantsInput).isTrue();
        assertThat(connection.unreadBytes()).isZero();

        connection.send(new byte[1]);
        assertThat(connection.wire.wantsInput).isFalse();
    }

    @Test
    void givesAClientTheCloseTimeoutToEndItsSide() {
        serving(options -> options.closeTimeout(Duration.ofSeconds(2)));
        connection.pass(500).ask(GET);
        connection.pass(1_800);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(400);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed CLOSED");
    }

    @Test
    void looksAtAnEndedConnectionWhenAShortTimeoutIsOver() {
        serving(options -> options.closeTimeout(Duration.ofMillis(400)));
        connection.ask(GET);
        connection.pass(300);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(200);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void looksAgainSoonOnceALateClientHasTakenTheEnd() {
        serving(options -> options.closeTimeout(Duration.ofMillis(400)).writeTimeout(Duration.ofSeconds(10)));
        connection.makeRoom(300).ask(GET);
        connection.pass(4_100);
        connection.makeRoom(Integer.MAX_VALUE).settle();
        assertThat(connection.isClosed()).isFalse();

        connection.pass(500);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void closesAtOnceIfThatTimeoutIsZero() {
        serving(options -> options.closeTimeout(Duration.ZERO));

        assertThat(connection.ask(GET)).hasSizeGreaterThan(1000);
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void countsThatTimeFromTheLastBytesThatTheClientTook() {
        serving(options -> options.closeTimeout(Duration.ofSeconds(2)).writeTimeout(Duration.ofSeconds(10)));
        connection.makeRoom(300).ask(GET);
        connection.pass(5_000);
        assertThat(connection.isClosed()).isFalse();
        connection.makeRoom(Integer.MAX_VALUE).settle();
        assertThat(connection.wire.isOutputEnded).isTrue();
        connection.pass(1_700);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(600);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void closesAClientThatTakesNothingOfItsLastAnswer() {
        serving(options -> options.closeTimeout(Duration.ofSeconds(2)).writeTimeout(Duration.ofSeconds(4)));
        connection.makeRoom(300).ask(GET);
        connection.pass(3_800);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(400);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void sendsTheRestToAClientThatHasEndedItsSide() {
        connection.makeRoom(300).ask(GET);
        connection.endInput().settle();
        assertThat(connection.isClosed()).isFalse();

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.take()).hasSizeGreaterThan(700);
    }

    @Test
    void waitsOnlyASecondForAClientOnceTheServerStops() {
        serving(options -> options.closeTimeout(Duration.ofSeconds(20)));
        connection.ask(GET);
        connection.stopServer().pass(800);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(500);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void countsAnAnswerThatLeavesAfterTheStop() {
        connection.makeRoom(300);
        connection.send(GET);
        connection.context.stop();
        connection.loop.run(connection.link::stopping);
        connection.settle();
        assertThat(connection.context.counters().exchangesDrained()).isZero();

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.context.counters().exchangesDrained()).isEqualTo(1);
    }

    @Test
    void countsAnAnswerThatWasGivenBeforeTheStopAndLeavesAfterIt() {
        connection = PlayedConnection.serving(request -> Response.text("x".repeat(1000)));
        connection.makeRoom(300).ask(GET);
        connection.stopServer();

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.context.counters().exchangesDrained()).isEqualTo(1);
        assertThat(connection.isClosed()).isTrue();
    }

    // ---- a body that only the end of the connection delimits (RFC 9112 section 8)

    /** Begins a response of which the client gets some bytes. */
    private AsyncChannel begin(String request) {
        ToldListener listener = new ToldListener();
        connection = PlayedConnection.serving(
                asked -> asked.asChannel(ChannelOptions.DEFAULT, listener),
                options -> options.writeTimeout(Duration.ofSeconds(4)));
        connection.ask(request);
        listener.channel().trySend("begun");
        assertThat(connection.settled()).contains("begun");
        return listener.channel();
    }

    private void closeLink(@Nullable IOException cause) {
        connection.loop.run(() -> connection.link.close(cause));
    }

    @Test
    void endsInOrderBehindSuchABody() {
        begin(GET_1_0).close();
        connection.settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.wire.isCut).isFalse();
    }

    @Test
    void cutsSuchABodyIfItIsNotWhole() {
        begin(GET_1_0);
        closeLink(null);
        assertThat(connection.wire.isCut).isTrue();

        begin(GET_1_0);
        closeLink(new IOException("The disk is broken"));
        assertThat(connection.wire.isCut).isTrue();
    }

    @Test
    void cutsSuchABodyIfTheClientDoesNotTakeItsEnd() {
        AsyncChannel channel = begin(GET_1_0);
        connection.makeRoom(2);
        channel.trySend("end");
        channel.close();
        assertThat(connection.settled()).isEqualTo("en");
        assertThat(connection.isClosed()).isFalse();

        connection.pass(5_000);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.wire.isCut).isTrue();
    }

    @Test
    void cutsNoBodyWhoseChunksShowItsEnd() {
        begin(GET);
        closeLink(null);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.wire.isCut).isFalse();
    }

    // ---- refusals behind an answer

    @Test
    void endsQuietlyIfTheUnwantedRestOfABodyBreaksARule() {
        connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(Request request) {
                return Response.text("early");
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"))
                .endsWith("early");

        assertThat(connection.ask("no size\r\n")).isEmpty();
        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(connection.endInput().events()).endsWith("refused 400", "closed PROTOCOL_ERROR");
    }

    @Test
    void refusesTheNextRequestOnceTheAnswersBeforeAreSent() {
        connection = PlayedConnection.serving(request -> Response.text("first"));
        connection.send(GET + "GET / HTTP/1.1\r\n\r\n");

        assertThat(connection.settled()).contains("first", "HTTP/1.1 400 ");
    }

    // ---- parts

    @Test
    void joinsInputThatWaitsWithWhatComes() {
        ByteBuffer waiting =
                ByteBuffer.wrap("xab".getBytes(StandardCharsets.US_ASCII)).position(1);
        ByteBuffer input =
                ByteBuffer.wrap("cdy".getBytes(StandardCharsets.US_ASCII)).limit(2);

        ByteBuffer joined = WaitingInput.join(waiting, input);

        assertThat(StandardCharsets.US_ASCII.decode(joined.duplicate()).toString())
                .isEqualTo("abcd");
        assertThat(joined.capacity()).isEqualTo(4);
        assertThat(WaitingInput.join(joined, joined)).isSameAs(joined);
        ByteBuffer alone = ByteBuffer.wrap(new byte[] {'z'});
        assertThat(WaitingInput.join(null, alone)).isNotSameAs(alone).isEqualTo(ByteBuffer.wrap(new byte[] {'z'}));
    }

    @Test
    void gathersBytesOfAStreamUpToAFrame() {
        OutputPiece.Bytes bytes = new OutputPiece.Bytes(new byte[] {0, 'a', 'b', 0}, 1, 3);
        assertThat(bytes.ready()).isEqualTo(2);
        assertThat(bytes.append(new byte[] {0, 'c', 'd', 'e'}, 1, 3)).isTrue();
        assertThat(bytes.heldBytes()).isEqualTo(5);
        ByteBuffer out = ByteBuffer.allocate(10);
        bytes.put(out, 2);
        assertThat(bytes.append(new byte[16 * 1024 - 2], 0, 16 * 1024 - 2)).isFalse();
        assertThat(bytes.append(new byte[16 * 1024 - 3], 0, 16 * 1024 - 3)).isTrue();
        assertThat(bytes.isOver()).isFalse();
        bytes.put(out, 3);
        assertThat(new String(out.array(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("abcde");
        bytes.put(ByteBuffer.allocate(20_000), 16 * 1024 - 3);
        assertThat(bytes.isOver()).isTrue();
    }

    @Test
    void putsFramesIntoBuffersThatAreTooSmall() {
        OutputPiece.Frames frames = new OutputPiece.Frames(new byte[] {1, 2, 3, 4, 5, 9}, 5, null, null);
        assertThat(frames.heldBytes()).isEqualTo(5);
        ByteBuffer first = ByteBuffer.allocate(3);
        assertThat(frames.put(first)).isFalse();
        assertThat(frames.remaining()).isEqualTo(2);
        ByteBuffer second = ByteBuffer.allocate(3);
        assertThat(frames.put(second)).isTrue();
        assertThat(first.array()).containsExactly(1, 2, 3);
        assertThat(second.array()).containsExactly(4, 5, 0);
    }

    @Test
    void putsASegmentIntoFrames() {
        byte[] bytes = {1, 2, 3, 4, 5};
        OutputPiece.Large large = new OutputPiece.Large(new BytesSegment(bytes, 1, 3));
        assertThat(large.ready()).isEqualTo(3);
        assertThat(large.heldBytes()).isPositive();
        ByteBuffer out = ByteBuffer.allocate(10);
        large.put(out, 2);
        assertThat(out.limit()).isEqualTo(10);
        assertThat(out.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
        assertThat(large.isOver()).isFalse();
        large.put(ByteBuffer.allocate(1), 1);
        assertThat(large.isOver()).isTrue();
        List<String> told = new ArrayList<>();
        new OutputPiece.Notice(failure -> told.add(failure.getMessage())).dropped(new java.io.IOException("gone"));
        assertThat(told).containsExactly("gone");
    }
}
