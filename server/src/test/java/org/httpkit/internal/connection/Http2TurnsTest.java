package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.httpkit.testing.PlayedWebSocket.close;
import static org.httpkit.testing.PlayedWebSocket.text;

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
import org.httpkit.testing.PlayedHttp2;
import org.httpkit.testing.PlayedWebSocket;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When an HTTP/2 connection takes its next step, what it counts, and when it is idle. */
final class Http2TurnsTest {
    private static final String GET_1 = "HEADERS END_STREAM END_HEADERS stream=1";
    private static final String GET_3 = "HEADERS END_STREAM END_HEADERS stream=3";
    private static final String POST_1 = "HEADERS END_HEADERS stream=1";
    private static final String HEAD = "  GET /a";
    private static final String POST_HEAD = "  POST /b";
    private static final Handler OK = request -> Response.of(200);

    private final ToldListener listener = new ToldListener();
    private PlayedConnection connection = PlayedConnection.serving(OK);
    private PlayedHttp2 client = PlayedHttp2.on(connection);

    private void serving(Handler handler, Consumer<HttpServer.Builder> server, String... settings) {
        connection = PlayedConnection.serving(handler, server);
        client = PlayedHttp2.on(connection, settings);
    }

    private long idleSinceNanos() {
        long[] since = new long[1];
        connection.loop.run(() -> since[0] = connection.link.protocol().idleSinceNanos());
        return since[0];
    }

    private void stop() {
        connection.context.stop();
        connection.loop.run(connection.link::stopping);
    }

    // ---- being idle

    @Test
    void isIdleAtOnceBehindAnAnswer() {
        client.send(GET_1, HEAD);
        assertThat(idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
        connection.loop.letPass(700);
        connection.runWorkersNext();

        assertThat(idleSinceNanos()).isEqualTo(700);
    }

    @Test
    void isNotIdleWithinAFieldBlock() {
        client.ask(GET_1, HEAD);
        client.send("HEADERS END_STREAM stream=3", HEAD);
        assertThat(idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
        connection.loop.run(() -> connection.link.protocol().giveUpIdle());

        assertThat(client.take()).isEmpty();
    }

    @Test
    void isNotIdleWhileTheClientHasNotTakenEverything() {
        connection.makeRoom(5);
        client.ask(GET_1, HEAD);
        assertThat(idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(idleSinceNanos()).isZero();
    }

    @Test
    void isNotIdleOnceItsClientIsWarnedOfTheStop() {
        stop();

        assertThat(idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
    }

    // ---- the stop

    @Test
    void takesNoAnswerToAWarningThatItHasNotSentForOne() {
        assertThat(client.ask("PING ACK 0000 7761726e696e", GET_1, HEAD))
                .containsExactly("HEADERS 1 END 200 content-length=0");
    }

    @Test
    void warnsItsClientOnce() {
        client.send(GET_1, HEAD);
        stop();
        assertThat(client.take()).containsExactly("GOAWAY 2147483647 NO_ERROR", "PING 7761726e696e");
        stop();
        assertThat(client.take()).isEmpty();

        client.send("PING ACK 0000 7761726e696e", "PING ACK 0000 7761726e696e");
        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
    }

    @Test
    void neverAnnouncesALaterStreamThanBefore() {
        client.send(GET_1, HEAD);
        stop();
        client.send("PING ACK 0000 7761726e696e", GET_3, HEAD).take();

        assertThat(client.ask("WINDOW_UPDATE stream=0 u31=0")).last().asString().startsWith("GOAWAY 1 PROTOCOL_ERROR");
    }

    @Test
    void endsWithItsLastStreamThatIsReset() {
        serving(
                request -> Response.text("0123456789"),
                server -> server.writeTimeout(Duration.ofSeconds(4)),
                "INITIAL_WINDOW_SIZE=4");
        client.ask(GET_1, HEAD);
        stop();
        client.send("PING ACK 0000 7761726e696e").take();
        assertThat(connection.wire.isOutputEnded).isFalse();
        connection.pass(4_200);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void answersARequestOfWhichAPartHasComeWhenItTakesNoMoreStreams() {
        stop();
        client.send("HEADERS END_STREAM stream=1", HEAD).take();
        connection.pass(1_100);
        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
        assertThat(connection.wire.isOutputEnded).isFalse();

        assertThat(client.ask("CONTINUATION END_HEADERS stream=1"))
                .containsExactly("HEADERS 1 END 200 content-length=0");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void waitsForNoRequestThatItWillNotTake() {
        stop();
        connection.pass(500);
        client.send(GET_1, HEAD, "PING ACK 0000 7761726e696e");
        client.send("HEADERS END_STREAM stream=3", HEAD);
        connection.settle();

        assertThat(client.take()).contains("GOAWAY 1 NO_ERROR");
        client.send("CONTINUATION stream=3");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void waitsForNoRestOfARequestWhoseClientHasEndedItsSide() {
        client.send("HEADERS END_STREAM stream=1", HEAD);
        connection.endInput().settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed PEER_CLOSED");
    }

    // ---- deadlines

    @Test
    void looksInTimeAtAFieldBlockThatBeginsLate() {
        serving(OK, server -> server.headerTimeout(Duration.ofSeconds(3)).idleTimeout(Duration.ofSeconds(60)));
        client.ask(GET_1, HEAD);
        connection.pass(5_000);
        client.send("HEADERS END_STREAM stream=3", HEAD);
        connection.pass(2_900);
        assertThat(client.take()).isEmpty();

        connection.pass(300);

        assertThat(client.take()).containsExactly("GOAWAY 3 NO_ERROR A field block took too long");
    }

    @Test
    void countsTheRateOfABodyFromItsFirstByteOn() {
        serving(OK, server -> server.minBodyRate(1000).bodyTimeout(Duration.ofSeconds(30)));
        client.send(POST_1, POST_HEAD);
        connection.pass(4_000);
        client.send("DATA stream=1 00 x6300");
        connection.pass(6_250); // enough for these bytes from their first one on, but not from the head on
        assertThat(client.take()).isEmpty();

        connection.pass(5_500);

        assertThat(client.take()).first().asString().startsWith("HEADERS 1 408 ");
    }

    // ---- what it counts

    @Test
    void countsStreamsAndExchangesWhileTheyRun() {
        client.send(GET_1, HEAD, GET_3, HEAD);
        assertThat(connection.context.counters().exchangesRunning()).isEqualTo(2);
        assertThat(connection.context.counters().streamsOpen()).isEqualTo(2);

        client.settled();
        client.ask("PING 0000000000000001");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
        assertThat(connection.context.counters().streamsOpen()).isZero();
        assertThat(connection.context.counters().streamsOpened()).isEqualTo(2);
    }

    @Test
    void countsTheContentOfItsRefusals() {
        client.ask(GET_1, HEAD, "  expect: tea");
        client.ask(GET_3, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case");

        assertThat(connection.seen.finished).hasSize(2);
        assertThat(connection.seen.finished.get(0).responseBodyBytes()).isPositive();
        assertThat(connection.seen.finished.get(1).responseBodyBytes()).isPositive();
    }

    @Test
    void dropsTheRestOfABodyThatItHasRefused() {
        serving(OK, server -> server.maxBodyBytes(4));
        assertThat(client.ask(POST_1, POST_HEAD, "DATA stream=1 \"12345\""))
                .first()
                .asString()
                .startsWith("HEADERS 1 413 ");

        assertThat(client.ask("DATA stream=1 \"6\"", "DATA END_STREAM stream=1 \"7\"", GET_3, HEAD))
                .containsExactly("HEADERS 3 END 200 content-length=0");
    }

    @Test
    void dropsABodyThatWasRefusedWhileItsHandlerWorks() {
        List<String> read = new ArrayList<>();
        serving(
                new Handler() {
                    @Override
                    public Response handle(Request request) throws Exception {
                        read.add(request.body().text());
                        return Response.of(200);
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        return true;
                    }
                },
                server -> {});
        client.send(POST_1, POST_HEAD, "DATA stream=1 \"ab\"");
        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));
        client.send("DATA stream=1 \"cd\"", "DATA END_STREAM stream=1 \"ef\"");

        assertThat(client.settled()).first().asString().startsWith("HEADERS 1 503 ");
        assertThat(read).isEmpty();
    }

    // ---- calls

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void goesOnWithoutAnAnswerThatComesLater(Dispatch dispatch) {
        CompletableFuture<Response> later = new CompletableFuture<>();
        serving(
                request -> request.path().equals("/b") ? Response.later(later) : Response.of(201),
                server -> server.dispatch(dispatch));
        client.send(POST_1.replace("HEADERS ", "HEADERS END_STREAM "), POST_HEAD, GET_3, HEAD);

        assertThat(client.settled()).containsExactly("HEADERS 3 END 201 content-length=0");
        later.complete(Response.of(202));
        assertThat(client.settled()).containsExactly("HEADERS 1 END 202 content-length=0");
    }

    @Test
    void callsNoHandlerForAStreamThatWasResetWhileItWaitedForTheLoop() {
        List<String> called = new ArrayList<>();
        serving(
                request -> {
                    called.add(request.path());
                    return Response.of(200);
                },
                server -> server.dispatch(Dispatch.ADAPTIVE));
        client.send(GET_1, HEAD, GET_3, "  GET /c", "RST_STREAM stream=3 code=CANCEL");
        client.settled();

        assertThat(called).containsExactly("/a");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    // ---- WebSockets

    @Test
    void readsNothingBehindACloseThatWaitsForTheListener() {
        connection = PlayedConnection.serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener));
        PlayedWebSocket webSocket = PlayedWebSocket.on(connection);
        webSocket.send(text("question")).send(close(1000));

        assertThat(connection.wire.wantsInput).isFalse();
        assertThat(connection.loop.inputBudget().bytes()).isZero();
        assertThat(webSocket.settled()).containsExactly("CLOSE 1000");
    }

    @Test
    void drainsTheChannelOfAStreamAlone() {
        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener), server -> {}, "INITIAL_WINDOW_SIZE=3");
        client.ask(GET_1, HEAD);
        listener.channel().trySend("0123456789");
        client.settled();
        assertThat(listener.take()).containsExactly("open");

        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=100")).hasSize(1);
        assertThat(listener.take()).containsExactly("drain");
    }
}
