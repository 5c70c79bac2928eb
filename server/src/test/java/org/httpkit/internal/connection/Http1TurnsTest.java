package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When an HTTP/1.1 connection takes its next step, and what it holds and reads until then. */
final class Http1TurnsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final Handler OK = request -> Response.of(200);
    /** Answers when it has read four bytes of its body. */
    private static final Handler FOUR_BYTES = new Handler() {
        @Override
        public Response handle(Request request) throws Exception {
            request.body().stream().readNBytes(4);
            return Response.of(200);
        }

        @Override
        public boolean streamsBody(Request request) {
            return true;
        }
    };

    private final ToldListener listener = new ToldListener();
    private PlayedConnection connection = serving(OK, server -> {});

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> server) {
        connection = PlayedConnection.serving(handler, server);
        return connection;
    }

    private void servingChannels() {
        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener), server -> {});
    }

    private long held() {
        return connection.loop.inputBudget().bytes();
    }

    private boolean endsInTurn() {
        boolean[] ends = new boolean[1];
        connection.loop.run(() -> ends[0] = connection.link.protocol().endsInTurn());
        return ends[0];
    }

    // ---- the next step comes at once

    @Test
    void takesARequestThatComesBehindAnAnswerAtOnce() {
        connection.send(GET).runWorkersNext();
        connection.send(GET);

        assertThat(connection.workersTasks()).isEqualTo(1);
    }

    @Test
    void isIdleAtOnceBehindAnAnswer() {
        connection.send(GET);
        connection.loop.letPass(700);
        connection.runWorkersNext();

        connection.loop.run(
                () -> assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(700));
    }

    @Test
    void closesAtTheStopOnceTheUnwantedRestOfABodyHasCome() {
        serving(FOUR_BYTES, server -> {});
        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nfour"))
                .doesNotContain("Connection: close");
        connection.stopServer();
        assertThat(connection.isClosed()).isFalse();

        connection.ask("x".repeat(96));

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed SERVER_STOP");
    }

    // ---- what it reads

    @Test
    void stopsReadingExactlyAt16KiBThatWait() {
        connection.send(GET).send("x".repeat(16 * 1024 - 1));
        assertThat(connection.wire.wantsInput).isTrue();

        connection.send("x");

        assertThat(connection.wire.wantsInput).isFalse();
    }

    @Test
    void readsNothingMoreBehindABodyThatBreaksARule() {
        serving(FOUR_BYTES, server -> {});
        connection.send(CHUNKED).send("no size\r\n");

        assertThat(connection.wire.wantsInput).isFalse();
        assertThat(connection.settled()).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void knowsOfEachPipelinedRequestThatItsClientHasEnded() {
        List<Boolean> cancelled = new ArrayList<>();
        serving(
                request -> {
                    cancelled.add(request.isCancelled());
                    return Response.of(200);
                },
                server -> {});
        connection.send(GET + GET).endInput().settle();

        assertThat(cancelled).containsExactly(true, true);
    }

    @Test
    void countsTheRateOfABodyFromItsFirstByteOn() {
        serving(OK, server -> server.minBodyRate(1000).bodyTimeout(Duration.ofSeconds(30)));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n");
        connection.pass(4_000).send("x".repeat(6_300));
        connection.pass(6_250); // enough for these bytes from their first one on, but not from the head on
        assertThat(connection.take()).isEmpty();

        connection.pass(5_500);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    /** Their bytes came long ago, but the client may have waited for the answer before it sent more. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /b HTTP/1.1\r\nHo|st: a\r\n\r\n",
                "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123|456789"
            })
    void countsTheTimeOfARequestBehindASlowOneFromTheEndOfThatOneOn(String cut) {
        CompletableFuture<Response> slow = new CompletableFuture<>();
        serving(
                request -> request.path().equals("/a") ? Response.later(slow) : Response.text("second"),
                server -> server.headerTimeout(Duration.ofSeconds(5)).bodyTimeout(Duration.ofSeconds(5)));
        String[] halves = cut.split("\\|");
        connection.send(GET + halves[0]).pass(20_000);

        slow.complete(Response.text("first"));
        connection.settle().pass(4_000);

        assertThat(connection.ask(halves[1])).contains("first", "second").doesNotContain("408");
    }

    // ---- what it holds

    @Test
    void releasesWithinASecondWhatAnAnsweredRequestHeld() {
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
                .send("x".repeat(20_000))
                .settle();
        assertThat(held()).isGreaterThanOrEqualTo(20_000);

        connection.pass(1_100);

        assertThat(held()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void releasesWithinASecondWhatARequestHeldWhoseAnswerCameLater(Dispatch dispatch) {
        CompletableFuture<Response> later = new CompletableFuture<>();
        serving(request -> Response.later(later), server -> server.dispatch(dispatch));
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
                .send("x".repeat(20_000))
                .settle();
        later.complete(Response.of(200));
        assertThat(connection.settled()).startsWith("HTTP/1.1 200 ");
        assertThat(held()).isGreaterThanOrEqualTo(20_000);

        connection.pass(1_100);

        assertThat(held()).isZero();
    }

    @Test
    void countsARefusedRequestWhoseClientLeavesBeforeItsPageAsUnanswered() {
        serving(OK, server -> server.errorPages((status, reason, request) -> Response.html("page")));
        connection.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n");
        assertThat(connection.context.counters().exchangesRunning()).isEqualTo(1);
        connection.reset();

        assertThat(connection.take()).isEmpty();
        assertThat(connection.events()).containsExactly("refused 417", "finished UNANSWERED", "closed PROTOCOL_ERROR");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    @Test
    void holdsWhatWaitsTogetherWithTheExchangeBeforeIt() {
        connection.send(GET);
        assertThat(held()).isZero();
        connection.send("GET / HTTP");

        assertThat(held()).isGreaterThan(2 * "GET / HTTP".length());
    }

    // ---- channels

    @Test
    void endsInTurnWithOthersWhileAChannelMayTakeItsTime() {
        assertThat(endsInTurn()).isFalse();
        connection.send(GET);
        assertThat(endsInTurn()).isFalse();

        servingChannels();
        connection.ask(GET);
        assertThat(endsInTurn()).isTrue();
        listener.channel().trySend("begun");
        connection.settle();
        assertThat(endsInTurn()).isTrue();
        listener.channel().close();
        connection.settle();
        assertThat(endsInTurn()).isFalse();
    }

    @Test
    void endsAStreamAtTheStop() {
        servingChannels();
        connection.ask(GET);
        listener.channel().trySend("begun");
        connection.settled();

        connection.stopServer();

        assertThat(connection.take()).isEqualTo("0\r\n\r\n");
        assertThat(connection.endInput().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("finished ANSWERED", "closed SERVER_STOP");
    }

    @Test
    void tellsAStreamWhenItsClientHasCaughtUp() {
        servingChannels();
        connection.ask(GET);
        connection.makeRoom(0);
        listener.channel().trySend("x".repeat(1000));
        connection.settle();
        assertThat(listener.take()).containsExactly("open");

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(listener.take()).containsExactly("drain");
    }

    @Test
    void closesAChannelWhoseClientEndsItsSide() {
        servingChannels();
        connection.ask(GET);
        connection.endInput().settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(listener.take()).containsExactly("open", "close -1 PEER_CLOSED");
        assertThat(connection.events()).containsExactly("finished UNANSWERED", "closed PEER_CLOSED");
    }

    @Test
    void sendsLargeMessagesInOneChunk() {
        servingChannels();
        connection.ask(GET);
        listener.channel().trySend("begun");
        connection.settled();
        listener.channel().trySend(new byte[100_000]);
        String sent = connection.settled();

        assertThat(sent).startsWith("186a0\r\n").endsWith("\r\n").hasSize(5 + 2 + 100_000 + 2);
    }

    @Test
    void sendsTheContentOfHttp10WithoutChunks() {
        servingChannels();
        connection.ask("GET /a HTTP/1.0\r\nHost: a\r\n\r\n");
        listener.channel().trySend("begun");
        listener.channel().trySend("more");
        listener.channel().trySend(new byte[100_000]);
        listener.channel().close();

        assertThat(connection.settled())
                .doesNotContain("Transfer-Encoding")
                .contains("\r\n\r\nbegunmore\0")
                .hasSizeGreaterThan(100_000);
        assertThat(connection.isClosed()).isTrue();
    }
}
