package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client ends its side (a FIN) in every state that a connection can be in. It may still read: what it has asked for in full is
 * answered (RFC 9112 section 9.6); what it has not is dropped (section 8). The connection ends at once, by one cause.
 */
final class HalfCloseTest extends ServerTest {
    /** Longer than the client has patience: no connection here may end by a timeout. */
    private static final Duration NEVER = Duration.ofMinutes(1);

    private static final String HALF_BODY = "Content-Length: 5";
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    /** When the client ends its side of an HTTP connection, and what is to come of it. */
    private enum Moment {
        BEFORE_ANYTHING("", 0, List.of(), Cause.PEER_CLOSED),
        BEHIND_AN_EMPTY_LINE("\r\n", 0, List.of(), Cause.PEER_CLOSED),
        WITHIN_THE_REQUEST_LINE("GET / HT", 0, List.of(), Cause.PEER_CLOSED),
        WITHIN_THE_HEAD("GET / HTTP/1.1\r\nHost: te", 0, List.of(), Cause.PEER_CLOSED),
        WITHIN_A_WEBSOCKET_HANDSHAKE(
                RawWebSocket.handshake("/websocket").substring(0, 80), 0, List.of(), Cause.PEER_CLOSED),
        BEFORE_A_COLLECTED_BODY(
                request("POST / HTTP/1.1", HALF_BODY), 0, List.of(), Cause.PEER_CLOSED, Outcome.UNANSWERED),
        WITHIN_A_COLLECTED_BODY(
                request("POST / HTTP/1.1", HALF_BODY) + "ha", 0, List.of(), Cause.PEER_CLOSED, Outcome.UNANSWERED),
        WITHIN_A_COLLECTED_CHUNK(
                request("POST / HTTP/1.1", CHUNKED) + "5\r\nha", 0, List.of(), Cause.PEER_CLOSED, Outcome.UNANSWERED),
        BETWEEN_COLLECTED_CHUNKS(
                request("POST / HTTP/1.1", CHUNKED) + chunk("half"),
                0,
                List.of(),
                Cause.PEER_CLOSED,
                Outcome.UNANSWERED),
        WITHIN_THE_TRAILERS(
                request("POST / HTTP/1.1", CHUNKED) + "0\r\nX: y\r\n",
                0,
                List.of(),
                Cause.PEER_CLOSED,
                Outcome.UNANSWERED),
        // The handler learns of it by an EOFException, and answers.
        WITHIN_A_STREAMED_BODY(
                request("POST /streamed HTTP/1.1", HALF_BODY) + "ha",
                0,
                List.of("400 broken"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED),
        WITHIN_A_STREAMED_CHUNK(
                request("POST /streamed HTTP/1.1", CHUNKED) + "5\r\nha",
                0,
                List.of("400 broken"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED),
        BETWEEN_STREAMED_CHUNKS(
                request("POST /streamed HTTP/1.1", CHUNKED) + chunk("half"),
                0,
                List.of("400 broken"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED),
        BEHIND_A_STREAMED_BODY(
                request("POST /streamed HTTP/1.1", CHUNKED) + chunk("all") + "0\r\n\r\n",
                0,
                List.of("200 all"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED),
        WITHIN_A_BODY_THAT_IS_DISCARDED(
                request("POST /unread HTTP/1.1", HALF_BODY) + "ha",
                1,
                List.of("200 unread"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED),
        WHILE_THE_HANDLER_RUNS(get("/held"), 0, List.of("200 late"), Cause.PEER_CLOSED, Outcome.ANSWERED),
        WHILE_A_LATER_ANSWER_IS_PENDING(get("/later"), 0, List.of("200 late"), Cause.PEER_CLOSED, Outcome.ANSWERED),
        WHILE_A_STREAMED_ANSWER_GOES_OUT(
                get("/stream"), 0, List.of("200 first, last"), Cause.PEER_CLOSED, Outcome.ANSWERED),
        // Who waits for something to happen may as well be gone: there is no other sign of it.
        WHILE_A_LONG_POLL_WAITS(get("/poll"), 0, List.of(), Cause.PEER_CLOSED, Outcome.UNANSWERED),
        BETWEEN_REQUESTS(get("/"), 1, List.of("200 fine"), Cause.PEER_CLOSED, Outcome.ANSWERED),
        BEHIND_PIPELINED_REQUESTS(
                get("/held") + get("/") + post("/", "echo"),
                0,
                List.of("200 late", "200 fine", "200 echo"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED,
                Outcome.ANSWERED,
                Outcome.ANSWERED),
        WITHIN_A_PIPELINED_HEAD(
                get("/held") + get("/") + "GET / HT",
                0,
                List.of("200 late", "200 fine"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED,
                Outcome.ANSWERED),
        WITHIN_A_PIPELINED_BODY(
                get("/held") + get("/") + request("POST / HTTP/1.1", HALF_BODY) + "ha",
                0,
                List.of("200 late", "200 fine"),
                Cause.PEER_CLOSED,
                Outcome.ANSWERED,
                Outcome.ANSWERED,
                Outcome.UNANSWERED),
        WHILE_LINGERING(
                request("CONNECT test:1 HTTP/1.1"),
                1,
                List.of("405 This server is no proxy (RFC 9110 section 9.3.6)"),
                Cause.PROTOCOL_ERROR,
                Outcome.REFUSED);

        final String sent;
        /** How many answers the client takes before it ends its side. */
        final int takenBefore;

        final List<String> answers;
        final Cause cause;
        final List<Outcome> outcomes;

        Moment(String sent, int takenBefore, List<String> answers, Cause cause, Outcome... outcomes) {
            this.sent = sent;
            this.takenBefore = takenBefore;
            this.answers = answers;
            this.cause = cause;
            this.outcomes = List.of(outcomes);
        }

        /** Whether something goes on until the client's end has come. */
        boolean isHeld() {
            return Stream.of("/held", "/later", "/stream ", "/poll").anyMatch(sent::contains);
        }
    }

    /** When the client ends its side of a WebSocket, what it has sent before, and what is to come of it. */
    private enum WebSocketMoment {
        IDLE("", false, List.of(), "close 1006 PEER_CLOSED"),
        TOGETHER_WITH_THE_HANDSHAKE("", true, List.of(), "close 1006 PEER_CLOSED"),
        BEHIND_A_MESSAGE(frame(true, RawWebSocket.TEXT, "hi"), false, List.of("hi"), "close 1006 PEER_CLOSED"),
        BEHIND_A_MESSAGE_TOGETHER_WITH_THE_HANDSHAKE(
                frame(true, RawWebSocket.TEXT, "hi"), true, List.of("hi"), "close 1006 PEER_CLOSED"),
        WITHIN_A_FRAME_HEAD("\u0081", false, List.of(), "close 1006 PEER_CLOSED"),
        WITHIN_A_FRAME(
                frame(true, RawWebSocket.TEXT, "half").substring(0, 8), false, List.of(), "close 1006 PEER_CLOSED"),
        WITHIN_A_MESSAGE(frame(false, RawWebSocket.TEXT, "half"), false, List.of(), "close 1006 PEER_CLOSED"),
        BEHIND_ITS_CLOSE_FRAME(
                frame(true, RawWebSocket.CLOSE, "\u0003\u00e8"),
                false,
                List.of("close 1000"),
                "close 1000 PEER_CLOSED"),
        INSTEAD_OF_ITS_CLOSE_FRAME(
                frame(true, RawWebSocket.TEXT, "close"), false, List.of("close 1000"), "close 1000 CLOSED");

        final String sent;
        final boolean together;
        final List<String> frames;
        final String told;

        WebSocketMoment(String sent, boolean together, List<String> frames, String told) {
            this.sent = sent;
            this.together = together;
            this.frames = frames;
            this.told = told;
        }

        private static String frame(boolean fin, int opcode, String payload) {
            byte[] bytes = payload.getBytes(StandardCharsets.ISO_8859_1);
            return new String(RawWebSocket.masked(fin, 0, opcode, bytes, 0x01020304), StandardCharsets.ISO_8859_1);
        }
    }

    private final CompletableFuture<Request> running = new CompletableFuture<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final RecordingListener listener = new RecordingListener() {
        @Override
        void text(AsyncChannel channel, String text) {
            if (text.equals("close")) {
                channel.close();
            } else {
                channel.send(text);
            }
        }
    };

    private final Handler handler = new Handler() {
        @Override
        public boolean streamsBody(Request request) {
            return request.path().equals("/streamed") || request.path().equals("/unread");
        }

        @Override
        public Response handle(Request request) throws Exception {
            return switch (request.path()) {
                case "/streamed" -> streamed(request);
                case "/unread" -> Response.text("unread");
                case "/held" -> {
                    hold(request);
                    yield Response.text("late");
                }
                case "/later" -> {
                    CompletableFuture<Response> later = new CompletableFuture<>();
                    Thread completing = new Thread(() -> {
                        hold(request);
                        later.complete(Response.text("late"));
                    });
                    closeLater(completing::join);
                    completing.start();
                    yield Response.later(later);
                }
                case "/stream" ->
                    Response.stream(out -> {
                        out.write("first, ".getBytes(StandardCharsets.UTF_8));
                        out.flush();
                        hold(request);
                        out.write("last".getBytes(StandardCharsets.UTF_8));
                    });
                case "/poll" -> {
                    running.complete(request);
                    yield request.asChannel(listener);
                }
                case "/websocket" -> request.asChannel(listener);
                default ->
                    Response.text(
                            request.body().length() == 0
                                    ? "fine"
                                    : request.body().text());
            };
        }
    };

    private static Response streamed(Request request) {
        try {
            return Response.text(new String(request.body().stream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (EOFException e) {
            return Response.text("broken").status(400);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void hold(Request request) {
        running.complete(request);
        hold(release);
    }

    private HttpServer serve(Dispatch dispatch, ProxyProtocol proxies) throws Exception {
        observer.recordExchanges();
        return serve(handler, options -> (proxies == ProxyProtocol.DISABLED ? options : options.tls(null))
                .dispatch(dispatch)
                .proxyProtocol(proxies)
                .headerTimeout(NEVER)
                .bodyTimeout(NEVER)
                .closeTimeout(NEVER));
    }

    static Stream<Arguments> moments() {
        return Arrays.stream(Moment.values())
                .flatMap(moment -> Arrays.stream(Dispatch.values()).map(dispatch -> Arguments.of(moment, dispatch)));
    }

    @ParameterizedTest
    @MethodSource("moments")
    void answersWhatWasAskedInFullAndEnds(Moment moment, Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, ProxyProtocol.DISABLED);
        RawClient client = connect(server).send(moment.sent);
        List<String> answers = new ArrayList<>();
        while (answers.size() < moment.takenBefore) {
            answers.add(read(client));
        }
        if (moment.isHeld()) {
            running.get(10, TimeUnit.SECONDS);
        }

        client.endOutput();

        if (moment.isHeld()) {
            boolean onLoop = dispatch == Dispatch.INLINE && moment.sent.contains("/held");
            if (!onLoop) {
                eventually(() -> assertThat(running.join().isCancelled()).isTrue());
            }
            release.countDown();
        }
        while (answers.size() < moment.answers.size()) {
            answers.add(read(client));
        }
        assertThat(answers).isEqualTo(moment.answers);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertIsOver(server, moment.cause);
        eventually(() -> assertThat(observer.exchanges())
                .extracting(FinishedExchange::outcome)
                .isEqualTo(moment.outcomes));
        if (moment == Moment.WHILE_A_LONG_POLL_WAITS) {
            assertThat(listener.nextClose()).isEqualTo("close -1 PEER_CLOSED");
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    private static String read(RawClient client) throws Exception {
        RawResponse answer = client.read();
        assertThat(answer.isComplete()).as("%s is complete", answer).isTrue();
        return answer.status() + " " + answer.text();
    }

    @Test
    void theLastAnswerSaysThatTheConnectionCloses() throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        AtomicReference<Request> first = new AtomicReference<>();
        HttpServer server = serve(
                request -> {
                    if (request.path().equals("/1")) {
                        first.set(request);
                        return Response.later(answer);
                    }
                    return Response.text(request.path());
                },
                options -> options.dispatch(Dispatch.INLINE));
        RawClient client =
                connect(server).send(get("/1") + get("/2") + get("/3")).endOutput();
        eventually(() -> assertThat(first.get()).isNotNull().returns(true, Request::isCancelled));
        answer.complete(Response.text("/1"));

        assertThat(client.read().saysClose()).isFalse();
        assertThat(client.read().saysClose()).isFalse();
        assertThat(client.read().saysClose()).isTrue();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void theAnswerToALoneRequestSaysSoIfTheEndWasReadBefore(Dispatch dispatch) throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        AtomicReference<Request> asked = new AtomicReference<>();
        HttpServer server = serve(
                request -> {
                    asked.set(request);
                    return Response.later(answer);
                },
                options -> options.dispatch(dispatch));
        RawClient client = connect(server).send(get("/")).endOutput();
        eventually(() -> assertThat(asked.get()).isNotNull().returns(true, Request::isCancelled));

        answer.complete(Response.text("late"));

        assertThat(client.read().saysClose()).isTrue();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    /** Both sides end: whose end the server sees first is the cause. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void endsAtOnceIfTheAnswerSaidSo(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, ProxyProtocol.DISABLED);
        RawClient client = connect(server).send(get("/", "Connection: close"));
        assertThat(read(client)).isEqualTo("200 fine");

        client.endOutput();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(observer.closed()).hasSize(1));
        assertThat(observer.closed().get(0)).isIn(Cause.CLOSED, Cause.PEER_CLOSED);
    }

    /** What a stream on a channel has sent is delivered; then it is cut, for want of another sign that nobody listens. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void cutsAStreamOnAChannel(Dispatch dispatch) throws Exception {
        observer.recordExchanges();
        RecordingListener streaming = new RecordingListener() {
            @Override
            void opened(AsyncChannel channel) {
                channel.send("begun", false);
            }
        };
        HttpServer server = serve(request -> request.asChannel(streaming), options -> options.dispatch(dispatch));
        RawClient client = connect(server).send(get("/"));
        client.readHead();
        assertThat(client.readChunk()).asString().isEqualTo("begun");

        client.endOutput();

        assertThat(client.skipToEnd()).as("no last chunk").isZero();
        assertThat(streaming.nextClose()).isEqualTo("close -1 PEER_CLOSED");
        assertIsOver(server, Cause.PEER_CLOSED);
        assertThat(observer.exchanges()).extracting(FinishedExchange::outcome).containsExactly(Outcome.CUT);
    }

    static Stream<Arguments> webSocketMoments() {
        return Arrays.stream(WebSocketMoment.values())
                .flatMap(moment -> Arrays.stream(Dispatch.values()).map(dispatch -> Arguments.of(moment, dispatch)));
    }

    @ParameterizedTest
    @MethodSource("webSocketMoments")
    void tellsAWebSocketsListenerOnce(WebSocketMoment moment, Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, ProxyProtocol.DISABLED);
        RawClient client = connect(server).send(RawWebSocket.handshake("/websocket"));
        RawWebSocket socket;
        if (moment.together) {
            client.send(moment.sent).endOutput();
            socket = RawWebSocket.accepted(client);
        } else {
            socket = RawWebSocket.accepted(client);
            client.send(moment.sent);
            if (moment == WebSocketMoment.INSTEAD_OF_ITS_CLOSE_FRAME) {
                assertThat(describe(socket.read())).isEqualTo("close 1000");
            }
            client.endOutput();
        }

        if (moment != WebSocketMoment.INSTEAD_OF_ITS_CLOSE_FRAME) {
            for (String frame : moment.frames) {
                assertThat(describe(socket.read())).isEqualTo(frame);
            }
        }
        assertThat(socket.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo(moment.told);
        assertIsOver(server, moment.told.endsWith(" CLOSED") ? Cause.CLOSED : Cause.PEER_CLOSED);
        assertThat(observer.webSocketCloses()).hasSize(1);
        assertThat(server.stats().webSocketsOpen()).isZero();
    }

    /** Between the handler's call and the handshake's answer nobody can know yet that it will be a WebSocket. */
    @Test
    void answersAHandshakeWhoseClientEndsItsSideWhileTheChannelOpens() throws Exception {
        CompletableFuture<AsyncChannel> opening = new CompletableFuture<>();
        ChannelListener slowToOpen = new ChannelListener() {
            @Override
            public void init(AsyncChannel channel) {
                opening.complete(channel);
                hold(release);
            }

            @Override
            public void onClose(AsyncChannel channel, CloseReason reason) {
                closed.complete(reason);
            }
        };
        HttpServer server =
                serve(request -> request.asChannel(slowToOpen), options -> options.dispatch(Dispatch.WORKER));
        RawClient client = connect(server).send(RawWebSocket.handshake("/"));
        AsyncChannel channel = opening.get(10, TimeUnit.SECONDS);

        client.endOutput();
        eventually(() -> assertThat(channel.request().isCancelled()).isTrue());
        release.countDown();

        assertThat(RawWebSocket.accepted(client).awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(Cause.PEER_CLOSED);
        assertIsOver(server, Cause.PEER_CLOSED);
    }

    private static String describe(RawWebSocket.Frame frame) {
        byte[] payload = frame.payload();
        return frame.opcode() == RawWebSocket.CLOSE
                ? "close " + ((payload[0] & 0xff) << 8 | payload[1] & 0xff)
                : new String(payload, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void endsWithinOrBehindAProxyHeader(Dispatch dispatch) throws Exception {
        String line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
        for (ProxyProtocol mode : List.of(ProxyProtocol.ENABLED, ProxyProtocol.OPTIONAL)) {
            HttpServer server = serve(dispatch, mode);
            for (String sent : List.of("", "PRO", line.substring(0, 20), line, line + "GET / HT")) {
                int before = observer.closed().size();
                assertThat(connect(server).send(sent).endOutput().awaitEnd())
                        .as("%s, %s", mode, sent)
                        .isEqualTo(RawClient.End.CLOSED);
                eventually(() -> assertThat(observer.closed()).hasSize(before + 1));
            }
            int before = observer.closed().size();
            RawClient client = connect(server).send(line + get("/")).endOutput();
            assertThat(client.read().text()).isEqualTo("fine");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
            eventually(() -> assertThat(observer.closed()).hasSize(before + 1));
            assertThat(server.stats().connectionsOpen()).isZero();
        }
        assertThat(observer.closed()).hasSize(12).containsOnly(Cause.PEER_CLOSED);
        assertThat(observer.statuses()).containsExactly(200, 200);
    }

    private void assertIsOver(HttpServer server, Cause cause) {
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        eventually(() -> assertThat(observer.closed()).containsExactly(cause));
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
    }
}
