package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests hidden where a proxy in front, or a careless server, would not look for them: the handler never sees one. */
class SmugglingTest extends ServerTest {
    private static final String HIDDEN = get("/hidden");

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    private final Handler handler = new Handler() {
        @Override
        public boolean streamsBody(Request request) {
            return request.path().equals("/streamed");
        }

        @Override
        public Response handle(Request request) {
            seen.add(request.path());
            return request.path().equals("/ws") ? request.asChannel(new ChannelListener() {}) : Response.text("fine");
        }
    };

    /** CL.0 and its like: a handler that takes no notice of a body does not make a request of it. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE"})
    void bodyNobodyReadsIsNoRequest(String method) throws Exception {
        RawClient client = connect(serve(handler));

        client.send(
                request(method + " /ignored HTTP/1.1", "Content-Length: " + HIDDEN.length()) + HIDDEN + get("/next"));

        int status = (method.equals("HEAD") ? client.readToHeadRequest() : client.read()).status();
        assertThat(status).isEqualTo(200);
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(seen).containsExactly("/ignored", "/next");
    }

    /** A client that was not told to go on may send its body or not: what comes next cannot be told from it. */
    @Test
    void nothingIsReadBehindABodyThatWasNotAskedFor() throws Exception {
        RawClient client = connect(serve(handler));

        client.send(request("POST /streamed HTTP/1.1", "Expect: 100-continue", "Content-Length: 10"));
        assertThat(client.read().saysClose()).isTrue();
        client.send(HIDDEN);

        client.skipToEnd();
        assertThat(seen).containsExactly("/streamed");
    }

    /** Expect on a request without a need for it moves no boundary. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void expectationMovesNoBoundary(String method) throws Exception {
        RawClient client = connect(serve(handler));

        client.send(request(method + " /a HTTP/1.1", "Expect: 100-continue", "Content-Length: " + HIDDEN.length())
                + HIDDEN
                + get("/b"));

        assertThat(client.read().status()).isEqualTo(200);
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(seen).containsExactly("/a", "/b");
    }

    /** No tunnel is opened to HTTP/2: the request is answered, and HTTP/1.1 goes on. */
    @Test
    void upgradeToHttp2IsIgnored() throws Exception {
        RawClient client = connect(serve(handler));

        client.send(request(
                "GET /a HTTP/1.1",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"));

        assertThat(client.read().status()).isEqualTo(200);
        assertThat(client.send(get("/b")).read().status()).isEqualTo(200);
    }

    @Test
    void prefaceOfHttp2IsRefusedWhereThatIsNotSpoken() throws Exception {
        RawClient client = connect(serve(handler, options -> options.protocols(HttpVersion.HTTP_1_1)));

        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN);

        assertThat(client.read().status()).isEqualTo(505);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(seen).isEmpty();
    }

    /** A proxy may take any handshake for granted and open a tunnel: a refused one must not be followed by requests. */
    @Test
    void requestBehindAHandshakeThatFailsIsAnsweredAsOneOfItsOwn() throws Exception {
        RawClient client = connect(serve(handler));

        client.send(RawWebSocket.handshake("/ws").replace("Version: 13", "Version: 777") + get("/next"));

        assertThat(client.read().status()).isEqualTo(426);
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(seen).containsExactly("/ws", "/next");
    }

    @Test
    void bodyOfAHandshakeIsNoFrame() throws Exception {
        String frame = new String(
                RawWebSocket.masked(true, 0, RawWebSocket.PING, new byte[] {1}, 7), StandardCharsets.ISO_8859_1);
        RawClient client = connect(serve(handler));

        client.send(RawWebSocket.handshake("/ws", "Content-Length: " + frame.length()) + frame);

        RawWebSocket socket = RawWebSocket.accepted(client);
        socket.ping("mine");
        assertThat(socket.read().text()).as("the first pong").isEqualTo("mine");
    }

    /** What rapid resets are to HTTP/2: work that nobody waits for any more must not pile up. */
    @ParameterizedTest
    @EnumSource(value = Dispatch.class, names = "INLINE", mode = EnumSource.Mode.EXCLUDE)
    void clientsThatPipelineAndResetMakeNoMoreThanOneCallEach(Dispatch dispatch) throws Exception {
        int clients = 20;
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch letGo = new CountDownLatch(1);
        HttpServer server = serve(
                request -> {
                    calls.incrementAndGet();
                    boolean unused = letGo.await(20, TimeUnit.SECONDS);
                    return Response.text("late");
                },
                options -> options.dispatch(dispatch));
        List<RawClient> flood = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            flood.add(connect(server).send(get("/").repeat(100)));
        }
        eventually(() -> assertThat(calls).hasValue(clients));

        for (RawClient client : flood) {
            client.reset();
        }
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        letGo.countDown();
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        assertThat(calls).hasValue(clients);
    }
}
