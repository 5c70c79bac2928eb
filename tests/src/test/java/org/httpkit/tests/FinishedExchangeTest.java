package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.AccessLog;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Dispatch;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an observer learns when a request is over, whichever way it ended. */
final class FinishedExchangeTest extends ServerTest {
    private static final int SMALL_WINDOW = 4096;

    private final RecordingListener listener = new RecordingListener();

    @BeforeEach
    void wantExchanges() {
        observer.recordExchanges();
    }

    /** The only one; and nothing of it is left running, or told twice. */
    private FinishedExchange finished(HttpServer server) {
        eventually(() -> assertThat(observer.exchanges()).hasSize(1));
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        FinishedExchange exchange = observer.exchanges().get(0);
        assertThat(observer.statuses()).isEqualTo(exchange.status() == 0 ? List.of() : List.of(exchange.status()));
        return exchange;
    }

    // ---- answers

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void tellsWhatWasAskedAndAnswered(Dispatch dispatch) throws Exception {
        HttpServer server = serve(
                request -> Response.text("Hello, " + request.body().text()).status(201),
                options -> options.dispatch(dispatch));
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        RawClient client = connect(server).send(post("/greet?loudly", "World", "User-Agent: test"));
        client.read();

        FinishedExchange exchange = finished(server);
        Request request = exchange.request();
        assertThat(request.method().toString()).isEqualTo("POST");
        assertThat(request.target()).isEqualTo("/greet?loudly");
        assertThat(request.version().toString()).isEqualTo("HTTP/1.1");
        assertThat(request.headers().first("User-Agent")).isEqualTo("test");
        assertThat(exchange.remoteAddress()).isEqualTo(client.localAddress());
        assertThat(exchange.status()).isEqualTo(201);
        assertThat(exchange.outcome()).isEqualTo(Outcome.ANSWERED);
        assertThat(exchange.requestBodyBytes()).isEqualTo(5);
        assertThat(exchange.responseBodyBytes()).isEqualTo(12);
        assertThat(exchange.received()).isBetween(before, Instant.now());
    }

    @Test
    void theTimesAreThoseOfTheQueueTheHandlerAndTheResponse() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch queued = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch handling = new CountDownLatch(1);
        Handler handler = request -> {
            called.countDown();
            await(handling);
            return Response.bytes(new byte[16 << 20]);
        };
        HttpServer server = serve(
                handler,
                options -> options.worker(task -> {
                    arrived.countDown();
                    new Thread(() -> {
                                hold(queued);
                                task.run();
                            })
                            .start();
                }));
        RawClient client = connect(server, SMALL_WINDOW).send(get("/"));
        await(arrived);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        queued.countDown();
        await(called);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        handling.countDown();
        client.readHead();
        assertThat(connect(server).staysQuiet(A_MOMENT)).isTrue();
        assertThat(observer.exchanges())
                .as("while the client has not taken everything")
                .isEmpty();
        client.readBytes(16 << 20);

        FinishedExchange exchange = finished(server);
        long moment = A_MOMENT.toNanos() * 9 / 10;
        assertThat(exchange.queueNanos()).isGreaterThan(moment);
        assertThat(exchange.handlerNanos()).isGreaterThan(moment);
        assertThat(exchange.writeNanos()).isGreaterThan(moment);
        assertThat(exchange.totalNanos())
                .isGreaterThanOrEqualTo(exchange.queueNanos() + exchange.handlerNanos() + exchange.writeNanos());
    }

    @Test
    void countsBodiesWithoutTheirChunks() throws Exception {
        HttpServer server = serve(Handler.streaming(request -> {
            byte[] body = request.body().stream().readAllBytes();
            return Response.stream(out -> {
                out.write(body);
                out.flush();
                out.write(body);
            });
        }));
        RawClient client = connect(server)
                .send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked")
                        + chunk("abc")
                        + chunk("defg")
                        + chunk(""));
        assertThat(client.read().text()).isEqualTo("abcdefgabcdefg");

        FinishedExchange exchange = finished(server);
        assertThat(exchange.requestBodyBytes()).isEqualTo(7);
        assertThat(exchange.responseBodyBytes()).isEqualTo(14);
    }

    @Test
    void countsNoBodyThatIsNotSent() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"));
        connect(server).send(request("HEAD / HTTP/1.1")).readToHeadRequest();

        assertThat(finished(server).responseBodyBytes()).isZero();
    }

    @Test
    void countsAFileAndAStream(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[100_000]);
        HttpServer server = serve(request -> request.path().equals("/file")
                ? Response.file(file)
                : Response.stream(new ByteArrayInputStream(new byte[70_000])));
        RawClient client = connect(server);
        client.send(get("/file")).read();
        client.send(get("/stream")).read();

        eventually(() -> assertThat(observer.exchanges())
                .extracting(FinishedExchange::responseBodyBytes)
                .containsExactly(100_000L, 70_000L));
    }

    @Test
    void tellsOfPipelinedRequestsInOrder() throws Exception {
        HttpServer server = serve(request -> Response.text(request.path()));
        RawClient client = connect(server).send(get("/1") + get("/2") + get("/3"));
        for (int i = 0; i < 3; i++) {
            client.read();
        }

        eventually(() -> assertThat(observer.exchanges())
                .extracting(exchange -> exchange.request().path())
                .containsExactly("/1", "/2", "/3"));
    }

    @Test
    void timesALaterResponseUpToItsCompletion() throws Exception {
        CompletableFuture<Response> later = new CompletableFuture<>();
        CountDownLatch called = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            called.countDown();
            return Response.later(later);
        });
        RawClient client = connect(server).send(get("/"));
        await(called);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        later.complete(Response.text("late"));
        client.read();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.outcome()).isEqualTo(Outcome.ANSWERED);
        assertThat(exchange.handlerNanos()).isGreaterThan(A_MOMENT.toNanos() * 9 / 10);
    }

    // ---- channels

    @Test
    void tellsOfTheOneSendOfALongPoll() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawClient client = connect(server).send(get("/"));
        listener.channel().send("news");
        client.read();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.outcome()).isEqualTo(Outcome.ANSWERED);
        assertThat(exchange.responseBodyBytes()).isEqualTo(4);
    }

    @Test
    void tellsOfAStreamWhenItEnds() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawClient client = connect(server).send(get("/"));
        AsyncChannel channel = listener.channel();
        channel.send(Response.text("one").status(206), false);
        channel.send("two", false);
        client.readHead();
        assertThat(observer.exchanges()).isEmpty();
        channel.close();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(206);
        assertThat(exchange.responseBodyBytes()).isEqualTo(6);
        assertThat(exchange.outcome()).isEqualTo(Outcome.ANSWERED);
    }

    @Test
    void aStreamWhoseClientGoesAwayIsCut() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawClient client = connect(server).send(get("/"));
        listener.channel().send("one", false);
        client.readHead();
        client.reset();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.outcome()).isEqualTo(Outcome.CUT);
    }

    @Test
    void aChannelThatNeverSentIsUnanswered() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawClient client = connect(server).send(get("/"));
        listener.channel();
        client.reset();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isZero();
        assertThat(exchange.outcome()).isEqualTo(Outcome.UNANSWERED);
        assertThat(exchange.writeNanos()).isZero();
    }

    @Test
    void aChannelMadeAfterTheClientHasGoneIsUnansweredAndClosed() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            await(gone);
            return request.asChannel(listener);
        });
        RawClient client = connect(server).send(get("/"));
        eventually(() -> assertThat(server.stats().exchangesRunning()).isEqualTo(1));
        client.reset();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        gone.countDown();

        assertThat(finished(server).outcome()).isEqualTo(Outcome.UNANSWERED);
        assertThat(listener.nextClose()).startsWith("close -1 PEER_CLOSED");
    }

    @Test
    void aHandshakeEndsItsExchange() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/chat"));

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(exchange.outcome()).isEqualTo(Outcome.UPGRADED);
        client.text("after it");
        client.close(1000, "");
        assertThat(listener.nextClose()).startsWith("close 1000");
        assertThat(observer.exchanges()).hasSize(1);
    }

    // ---- logs

    /** A pipe that nobody reads, such as stdout may be, holds up no loop. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void anAccessLogWhoseReaderSleepsHoldsUpNobody(Dispatch dispatch) throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch awake = new CountDownLatch(1);
        OutputStream pipe = new OutputStream() {
            @Override
            public void write(int b) {
                entered.countDown();
                hold(awake);
            }
        };
        HttpServer server = serve(
                request -> Response.text("hello"),
                options -> options.dispatch(dispatch).eventLoops(1).observer(AccessLog.combined(pipe)));
        RawClient client = connect(server);
        for (int i = 0; i < 1000; i++) {
            assertThat(client.send(get("/")).read().text()).isEqualTo("hello");
        }

        await(entered);
        awake.countDown();
    }

    // ---- refusals

    @Test
    void aRequestThatCannotBeUnderstoodHasOnlyAnAddress() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"));
        RawClient client = connect(server).send("NONSENSE\r\n\r\n");
        client.read();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.request()).isNull();
        assertThat(exchange.status()).isEqualTo(400);
        assertThat(exchange.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(exchange.remoteAddress()).isEqualTo(client.localAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "417, 'POST / HTTP/1.1', 'Expect: miracles'",
        "413, 'POST / HTTP/1.1', 'Content-Length: 1001'",
        "405, 'CONNECT test:80 HTTP/1.1', 'Accept: a'",
        "501, 'POST / HTTP/1.1', 'Transfer-Encoding: gzip'",
        "505, 'GET / HTTP/2.0', 'Accept: a'",
    })
    void tellsOfEachRefusalOnce(int status, String requestLine, String field) throws Exception {
        HttpServer server = serve(request -> Response.text("hello"), options -> options.maxBodyBytes(1000));
        String host = requestLine.startsWith("CONNECT") ? "Host: test:80\r\n" : "Host: test\r\n";
        connect(server).send(requestLine + "\r\n" + host + field + "\r\n\r\n").read();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(status);
        assertThat(exchange.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(exchange.queueNanos()).isZero();
        assertThat(exchange.handlerNanos()).isZero();
    }

    @Test
    void countsTheBodyOfARefusal() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"), options -> options.maxBodyBytes(1000));
        List<Integer> lengths = new ArrayList<>();
        for (String input :
                List.of("NONSENSE\r\n\r\n", get("/", "Transfer-Encoding: gzip"), post("/", "x".repeat(1001)))) {
            lengths.add(connect(server).send(input).read().body().length);
        }

        eventually(() -> assertThat(observer.exchanges()).hasSize(3));
        assertThat(lengths).allMatch(length -> length > 0);
        assertThat(observer.exchanges())
                .extracting(exchange -> (int) exchange.responseBodyBytes())
                .containsExactlyInAnyOrderElementsOf(lengths);
    }

    @Test
    void countsNothingOfARefusalThatAnswersHead() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"));
        connect(server)
                .send(request("HEAD / HTTP/1.1", "Transfer-Encoding: gzip"))
                .readToHeadRequest();

        assertThat(finished(server).responseBodyBytes()).isZero();
    }

    @Test
    void aRequestForWhichTheWorkerHasNoRoomIsRefused() throws Exception {
        HttpServer server = serve(
                request -> Response.text("hello"),
                options -> options.worker(task -> {
                    throw new RejectedExecutionException("full");
                }));
        assertThat(connect(server).send(get("/busy")).read().status()).isEqualTo(503);

        FinishedExchange exchange = finished(server);
        assertThat(exchange.request().path()).isEqualTo("/busy");
        assertThat(exchange.status()).isEqualTo(503);
        assertThat(exchange.outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void aHeadThatComesTooSlowlyIsRefused() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"), options -> options.headerTimeout(A_WHILE));
        connect(server).send("GET / HTTP/1.1\r\nHo").read();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(408);
        assertThat(exchange.outcome()).isEqualTo(Outcome.REFUSED);
    }

    // ---- what is not answered

    @Test
    void aBodyThatNeverEndsIsUnanswered() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"));
        RawClient client = connect(server).send(request("POST / HTTP/1.1", "Content-Length: 100") + "only this");
        eventually(() -> assertThat(server.stats().exchangesRunning()).isEqualTo(1));
        client.close();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isZero();
        assertThat(exchange.outcome()).isEqualTo(Outcome.UNANSWERED);
        assertThat(exchange.requestBodyBytes()).isEqualTo(9);
    }

    @Test
    void anAnswerThatTheClientDoesNotTakeIsCut() throws Exception {
        HttpServer server = serve(request -> Response.bytes(new byte[16 << 20]));
        RawClient client = connect(server, SMALL_WINDOW).send(get("/"));
        client.readHead();
        client.reset();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.outcome()).isEqualTo(Outcome.CUT);
    }

    @Test
    void anAnswerThatBreaksOffIsCut() throws Exception {
        HttpServer server = serve(request -> Response.stream(out -> {
            out.write("begun".getBytes(UTF_8));
            out.flush();
            throw new IllegalStateException("and failed");
        }));
        RawClient client = connect(server).send(get("/"));
        client.readHead();

        FinishedExchange exchange = finished(server);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.outcome()).isEqualTo(Outcome.CUT);
        assertThat(exchange.responseBodyBytes()).isEqualTo(5);
    }

    // ---- who

    @Test
    void namesTheClientThatAProxyNames() throws Exception {
        HttpServer server = serve(
                request -> Response.text("hello"), options -> options.tls(null).proxyProtocol(ProxyProtocol.ENABLED));
        connect(server)
                .send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n" + get("/"))
                .read();

        assertThat(((InetSocketAddress) finished(server).remoteAddress())
                        .getAddress()
                        .getHostAddress())
                .isEqualTo("192.0.2.7");
    }

    @Test
    void nothingIsToldToWhomDoesNotWantIt() throws Exception {
        CompletableFuture<FinishedExchange> told = new CompletableFuture<>();
        HttpServer server = serve(
                request -> Response.text("hello"),
                options -> options.observer(new ServerObserver() {
                    @Override
                    public boolean wantsExchanges() {
                        return false;
                    }

                    @Override
                    public void exchangeFinished(FinishedExchange exchange) {
                        told.complete(exchange);
                    }
                }));
        connect(server).send(get("/")).read();
        connect(server).send("NONSENSE\r\n\r\n").read();
        server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);

        assertThat(told).isNotDone();
    }
}
