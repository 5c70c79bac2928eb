package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.httpkit.testing.PlayedWebSocket.close;
import static org.httpkit.testing.PlayedWebSocket.frame;
import static org.httpkit.testing.PlayedWebSocket.text;

import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.httpkit.internal.tls.TestFiles;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.httpkit.testing.PlayedWebSocket;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;

/** What happens at a deadline, and not one nanosecond before it. All time counts from the connection's beginning. */
final class ExactDeadlinesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_1 = "HEADERS END_STREAM END_HEADERS stream=1";
    private static final String HEAD = "  GET /a";
    private static final Handler OK = request -> Response.of(200);

    private final ToldListener listener = new ToldListener();
    private ChannelOptions options = ChannelOptions.DEFAULT;
    private final Handler channel = request -> request.asChannel(options, listener);
    private PlayedConnection connection = serving(OK, server -> {});

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> server) {
        connection = PlayedConnection.serving(handler, server);
        return connection;
    }

    /** Looks at that time; returns when the connection wants to look next. */
    private long look(long nanos) {
        long[] next = new long[1];
        connection.loop.run(() -> next[0] = connection.link.protocol().onDeadline(nanos));
        return next[0];
    }

    /** Passes a deadline with all threads at work. */
    private void pass(long deadline) {
        assertThat(look(deadline - 1)).isEqualTo(deadline);
        connection.settle();
        assertThat(connection.wire.isEmpty()).isTrue();
        assertThat(connection.isClosed()).isFalse();
        look(deadline);
        connection.settle();
    }

    /** Passes a deadline while the worker does nothing. */
    private void passWithoutWorker(long deadline) {
        assertThat(look(deadline - 1)).isEqualTo(deadline);
        connection.runLoop();
        assertThat(connection.wire.isEmpty()).isTrue();
        assertThat(connection.isClosed()).isFalse();
        look(deadline);
        connection.runLoop();
    }

    private static Duration seconds(int count) {
        return Duration.ofSeconds(count);
    }

    // ---- HTTP/1.1

    @Test
    void closesASilentConnectionWhenItsFirstHeadIsDue() {
        serving(OK, server -> server.headerTimeout(seconds(3)));
        pass(3 * SECOND);

        assertThat(connection.events()).containsExactly("closed HEADER_TIMEOUT");
    }

    @Test
    void closesAnIdleConnectionWhenItsNextRequestIsDue() {
        serving(OK, server -> server.idleTimeout(seconds(9)));
        connection.ask(GET);
        pass(9 * SECOND);

        assertThat(connection.events()).endsWith("closed IDLE_TIMEOUT");
    }

    @Test
    void refusesAHeadWhenItsEndIsDue() {
        serving(OK, server -> server.headerTimeout(seconds(3)));
        connection.send("GET / HTTP/1.1\r\n");
        pass(3 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void refusesABodyWhenMoreOfItIsDue() {
        serving(OK, server -> server.bodyTimeout(seconds(3)));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na");
        pass(3 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void givesUpAPageWhenItIsDue() {
        serving(OK, server -> server.errorPages((status, reason, request) -> Response.html("page")));
        connection.send("GET / HTTP/1.1\r\n\r\n");
        passWithoutWorker(SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 400 ").contains("text/plain");
    }

    @Test
    void givesAPageItsTimeFromTheRefusalOn() {
        serving(OK, server -> server.headerTimeout(seconds(9))
                .errorPages((status, reason, request) -> Response.html("page")));
        connection.pass(5_000);
        connection.send("GET / HTTP/1.1\r\n\r\n");
        passWithoutWorker(6 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 400 ").contains("text/plain");
    }

    @Test
    void givesABodyItsTimeToBeginFromTheEndOfItsHeadOn() {
        serving(OK, server -> server.bodyTimeout(seconds(3)).headerTimeout(seconds(9)));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n");
        connection.pass(2_000);
        connection.send("Content-Length: 4\r\n\r\n");
        pass(5 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void closesAClientWhenItIsDueToTakeMore() {
        serving(request -> Response.text("x".repeat(1000)), server -> server.writeTimeout(seconds(4)));
        connection.makeRoom(300).ask(GET);
        pass(4 * SECOND);

        assertThat(connection.events()).endsWith("closed WRITE_TIMEOUT");
    }

    @Test
    void asksAChannelForItsAnswerWhenThatIsDue() {
        options = ChannelOptions.DEFAULT.answerTimeout(seconds(3));
        serving(channel, server -> {});
        connection.ask(GET);
        pass(3 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 503 ");
        assertThat(listener.take()).contains("unanswered");
    }

    @Test
    void closesAnEndedConnectionWhenTheClientsEndIsDue() {
        serving(request -> Response.of(200).header("Connection", "close"), server -> server.closeTimeout(seconds(2)));
        connection.ask(GET);
        pass(2 * SECOND);

        assertThat(connection.isClosed()).isTrue();
    }

    // ---- before HTTP

    @Test
    void closesAConnectionWhenTheHeaderOfItsProxyIsDue() {
        serving(OK, server -> server.proxyProtocol(ProxyProtocol.ENABLED).headerTimeout(seconds(3)));
        pass(3 * SECOND);

        assertThat(connection.events()).containsExactly("closed HEADER_TIMEOUT");
    }

    @Test
    void closesAConnectionWhenItsHandshakeIsDue() throws Exception {
        connection = PlayedConnection.serving(
                OK, TlsContext.load(TestFiles.tls()), server -> server.handshakeTimeout(seconds(3)));
        pass(3 * SECOND);

        assertThat(connection.events()).endsWith("closed HANDSHAKE_TIMEOUT");
    }

    @Test
    void takesAPrefaceForARequestWhenItsEndIsDue() {
        serving(OK, server -> server.headerTimeout(seconds(3)));
        connection.send("PRI");
        pass(3 * SECOND);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    // ---- HTTP/2

    private PlayedHttp2 http2(Handler handler, Consumer<HttpServer.Builder> server, String... settings) {
        return PlayedHttp2.on(serving(handler, server), settings);
    }

    @Test
    void endsAConnectionOfHttp2WhenItsFirstRequestIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.headerTimeout(seconds(3)));
        pass(3 * SECOND);

        assertThat(client.take()).containsExactly("GOAWAY 0 NO_ERROR");
    }

    @Test
    void endsAnIdleConnectionOfHttp2WhenItsNextRequestIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.idleTimeout(seconds(9)));
        client.ask(GET_1, HEAD);
        pass(9 * SECOND);

        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
        assertThat(connection.endInput().events()).endsWith("closed IDLE_TIMEOUT");
    }

    @Test
    void endsAConnectionWhenTheRestOfAFieldBlockIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.headerTimeout(seconds(3)));
        client.send("HEADERS END_STREAM stream=1", HEAD);
        pass(3 * SECOND);

        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR A field block took too long");
    }

    @Test
    void waitsForTheRestOfAFieldBlockThatHasBegunJustBeforeAnIdleConnectionIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.idleTimeout(seconds(9)).headerTimeout(seconds(3)));
        client.ask(GET_1, HEAD);
        client.ask("PING 0000000000000001");
        connection.pass(8_900);
        client.send("HEADERS END_STREAM stream=3", HEAD);
        connection.pass(1_000);
        assertThat(client.take()).isEmpty();

        assertThat(client.ask("CONTINUATION END_HEADERS stream=3"))
                .containsExactly("HEADERS 3 END 200 content-length=0");
        connection.pass(10_500); // the loop notices the end of an exchange within a second
        assertThat(client.take()).containsExactly("GOAWAY 3 NO_ERROR");
    }

    @Test
    void refusesABodyOfHttp2WhenMoreOfItIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.bodyTimeout(seconds(2)));
        client.send("HEADERS END_HEADERS stream=1", "  POST /");
        pass(2 * SECOND);

        assertThat(client.take()).first().asString().startsWith("HEADERS 1 408 ");
    }

    @Test
    void closesAClientOfHttp2WhenItIsDueToTakeMore() {
        PlayedHttp2 client =
                http2(request -> Response.text("x".repeat(1000)), server -> server.writeTimeout(seconds(4)));
        connection.makeRoom(100);
        client.ask(GET_1, HEAD);
        pass(4 * SECOND);

        assertThat(connection.events()).endsWith("closed WRITE_TIMEOUT");
    }

    @Test
    void resetsAStreamWhenItsClientIsDueToOpenItsWindow() {
        PlayedHttp2 client = http2(
                request -> Response.text("0123456789"),
                server -> server.writeTimeout(seconds(4)),
                "INITIAL_WINDOW_SIZE=4");
        client.ask(GET_1, HEAD);
        pass(4 * SECOND);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
    }

    @Test
    void pingsAClientTwiceAndThenClosesIt() {
        PlayedHttp2 client = http2(OK, server -> server.pingInterval(seconds(2)));
        client.send(GET_1, HEAD);
        for (int interval = 1; interval <= 2; interval++) {
            passWithoutWorker(2 * interval * SECOND);
            assertThat(client.take()).containsExactly("PING 616c6976653f");
        }
        passWithoutWorker(6 * SECOND);

        assertThat(connection.events()).contains("closed IDLE_TIMEOUT");
    }

    @Test
    void pingsNoClientThatHasEndedItsSide() {
        PlayedHttp2 client = http2(OK, server -> server.pingInterval(seconds(2)));
        client.send(GET_1, HEAD);
        connection.endInput();
        connection.loop.letPass(60 * SECOND);
        assertThat(connection.isClosed()).isFalse();

        assertThat(client.settled()).containsExactly("HEADERS 1 END 200 content-length=0");
        assertThat(connection.events()).endsWith("closed PEER_CLOSED");
    }

    @Test
    void takesNoMoreStreamsWhenTheClientMustKnowOfTheStop() {
        PlayedHttp2 client = http2(OK, server -> {});
        client.send(GET_1, HEAD);
        connection.context.stop();
        connection.loop.run(connection.link::stopping);
        client.take();
        passWithoutWorker(SECOND);

        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
    }

    @Test
    void givesUpAPageOfHttp2WhenItIsDue() {
        PlayedHttp2 client = http2(OK, server -> server.errorPages((status, reason, request) -> Response.html("page")));
        client.send(GET_1, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case");
        passWithoutWorker(SECOND);

        assertThat(client.take()).first().isEqualTo("HEADERS 1 400 content-type=text/plain; charset=utf-8");
    }

    @Test
    void asksAChannelOfHttp2ForItsAnswerWhenThatIsDue() {
        options = ChannelOptions.DEFAULT.answerTimeout(seconds(3));
        PlayedHttp2 client = http2(channel, server -> {});
        client.ask(GET_1, HEAD);
        pass(3 * SECOND);

        assertThat(client.take()).first().asString().startsWith("HEADERS 1 503 ");
    }

    // ---- WebSockets

    private PlayedWebSocket webSocket(Consumer<HttpServer.Builder> server) {
        PlayedWebSocket client = PlayedWebSocket.on(serving(channel, server));
        listener.take();
        return client;
    }

    @Test
    void pingsAWebSocketTwiceAndThenClosesIt() {
        PlayedWebSocket client = webSocket(server -> server.pingInterval(seconds(2)));
        for (int interval = 1; interval <= 2; interval++) {
            pass(2 * interval * SECOND);
            assertThat(client.take()).containsExactly("PING");
        }
        pass(6 * SECOND);

        assertThat(listener.take()).containsExactly("close 1006 IDLE_TIMEOUT");
    }

    @Test
    void pingsNoClientToWhichItDoesNotListen() {
        PlayedWebSocket client = webSocket(server -> server.pingInterval(seconds(2)));
        for (int i = 0; i < 65; i++) {
            client.send(text("x")); // for a listener that is not called
        }
        assertThat(connection.wire.wantsInput).isFalse();

        assertThat(look(3 * SECOND)).isEqualTo(3 * SECOND + 1);
        assertThat(client.take()).isEmpty();
    }

    @Test
    void givesUpAMessageWhenMoreOfItIsDue() {
        PlayedWebSocket client = webSocket(server -> server.bodyTimeout(seconds(3)));
        client.send(frame(0x01, new byte[5]));
        pass(3 * SECOND);

        assertThat(client.take()).containsExactly("CLOSE 1008 The message came too slowly");
    }

    @Test
    void closesAWebSocketWhenItsClientIsDueToTakeMore() {
        webSocket(server -> server.writeTimeout(seconds(3)));
        connection.makeRoom(0);
        listener.channel().send("x");
        connection.settle();
        pass(3 * SECOND);

        assertThat(listener.take()).containsExactly("close 1006 WRITE_TIMEOUT");
    }

    @Test
    void closesAWebSocketWhenTheClientsCloseIsDue() {
        PlayedWebSocket client = webSocket(server -> server.closeTimeout(seconds(2)));
        listener.channel().close();
        client.settled();
        pass(2 * SECOND);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void answersACloseWhenTheListenerIsDueToHaveFinished() {
        PlayedWebSocket client = webSocket(server -> server.closeTimeout(seconds(2)));
        client.send(text("question")).send(close(1000));
        passWithoutWorker(2 * SECOND);

        assertThat(client.take()).containsExactly("CLOSE 1000");
    }

    @Test
    void resetsTheStreamOfAWebSocketWhenTheClientsEndIsDue() {
        PlayedHttp2 client = http2(channel, server -> server.closeTimeout(seconds(2)));
        client.ask(
                "HEADERS END_HEADERS stream=1",
                "  :method: CONNECT",
                "  :protocol: websocket",
                "  :scheme: http",
                "  :authority: a",
                "  :path: /ws",
                "  sec-websocket-version: 13");
        client.ask("DATA stream=1 " + HexFormat.of().formatHex(close(1000)));
        pass(2 * SECOND);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
    }
}
