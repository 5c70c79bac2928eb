package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However requests end, and whatever ends them first, an observer learns of each once, and nothing is left running. */
final class EachIsToldOnceTest extends ServerTest {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = Rounds.of(150);

    private final ChannelListener streaming = new ChannelListener() {
        @Override
        public void onOpen(AsyncChannel channel) {
            channel.send("begun", false);
            if (channel.request().path().endsWith("ends")) {
                channel.close();
            }
        }
    };

    private final Handler handler = new Handler() {
        @Override
        public boolean streamsBody(Request request) {
            return request.path().startsWith("/streamed");
        }

        @Override
        public Response handle(Request request) throws Exception {
            return switch (request.path()) {
                case "/fails" -> throw new IllegalStateException("on purpose");
                case "/large" -> Response.bytes(new byte[1 << 20]);
                case "/pulled" -> Response.stream(out -> out.write(new byte[300_000]));
                case "/breaks" ->
                    Response.stream(out -> {
                        out.write(new byte[60_000]);
                        throw new IOException("on purpose");
                    });
                case "/later" -> Response.later(CompletableFuture.supplyAsync(() -> Response.text("late")));
                case "/silent" -> request.asChannel(new ChannelListener() {});
                case "/stream", "/stream/ends" -> request.asChannel(streaming);
                default -> Response.text(request.body().text());
            };
        }
    };

    private static final List<String> ASKED = List.of(
            get("/"),
            get("/") + get("/fails") + get("/"),
            get("/large"),
            get("/pulled"),
            get("/breaks"),
            get("/later") + get("/later"),
            get("/silent"),
            get("/stream"),
            get("/stream/ends") + get("/"),
            post("/", "hello"),
            post("/streamed", "hello") + get("/"),
            request("POST / HTTP/1.1", "Content-Length: 100") + "half",
            request("POST /streamed HTTP/1.1", "Content-Length: 100") + "half",
            request("POST /streamed HTTP/1.1", "Transfer-Encoding: chunked") + "no chunk",
            request("POST / HTTP/1.1", "Expect: miracles"),
            get("/") + "NONSENSE\r\n\r\n",
            RawWebSocket.handshake("/stream"));

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void whateverClientsDo(Dispatch dispatch) throws Exception {
        observer.recordExchanges();
        long seed = System.nanoTime();
        HttpServer server = serve(handler, options -> options.dispatch(dispatch));
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                running.add(clients.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        askAndLeave(server, random);
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get(40, TimeUnit.SECONDS);
            }
        } finally {
            clients.shutdownNow();
        }
        // A connection that one of the clients has left may not even be accepted yet. Its end is the last that its loop
        // tells.
        eventually(() -> assertThat(observer.closed())
                .as("connections of clients that have gone, seed " + seed)
                .hasSize(CLIENTS * ROUNDS));
        assertThat(observer.opened()).hasSize(CLIENTS * ROUNDS);
        assertThat(server.stats().connectionsOpen()).isZero();
        eventually(() ->
                assertThat(server.stats().exchangesRunning()).as("seed " + seed).isZero());
        long understood = server.stats().requests();
        eventually(() -> assertThat(observer.exchanges().stream().filter(exchange -> exchange.request() != null))
                .as("seed " + seed)
                .hasSize((int) understood));
        assertThat(observer.exchanges().stream().map(FinishedExchange::request).filter(request -> request != null))
                .doesNotHaveDuplicates();
        eventually(() -> assertThat(observer.statuses())
                .as("seed " + seed)
                .containsExactlyInAnyOrderElementsOf(observer.exchanges().stream()
                        .map(FinishedExchange::status)
                        .filter(status -> status != 0)
                        .toList()));
        eventually(() -> assertThat(observer.webSocketCloses()).hasSameSizeAs(observer.webSockets()));
        eventually(() -> assertThat(server.stats().webSocketsOpen()).isZero());
        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
    }

    /** Sends something, and goes away at any time, in any way. */
    private static void askAndLeave(HttpServer server, Random random) throws IOException {
        try (RawClient client = RawClient.connect(server).patience(Duration.ofMillis(1 + random.nextInt(20)))) {
            String asked = ASKED.get(random.nextInt(ASKED.size()));
            client.send(random.nextInt(4) == 0 ? asked.substring(0, random.nextInt(asked.length())) : asked);
            switch (random.nextInt(5)) {
                case 0 -> client.reset();
                case 1 -> client.endOutput().skipToEnd();
                case 2 -> client.skipToEnd();
                case 3 -> client.readHead();
                default -> {}
            }
        } catch (IOException | AssertionError e) {
            // The server had enough of it, or the client of waiting.
        }
    }
}
