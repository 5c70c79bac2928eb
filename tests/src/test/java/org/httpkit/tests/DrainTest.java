package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a stop under load comes to, and that it does not send all clients to the successor at once. */
class DrainTest extends ServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int CLIENTS = 16;

    private final ConcurrentLinkedQueue<Long> toldNanos = new ConcurrentLinkedQueue<>();
    private final Handler sockets = request -> request.asChannel(new ChannelListener() {
        @Override
        public void onText(AsyncChannel channel, String text) {
            channel.send(text);
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            if (reason.cause() == Cause.SERVER_STOP) {
                toldNanos.add(System.nanoTime());
            }
        }
    });

    /** Opens them, and has each answered: before, the server may still be about to call the listener. */
    private List<RawWebSocket> open(HttpServer server, int count) throws IOException {
        List<RawWebSocket> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
            assertThat(client.text("open").read().text()).isEqualTo("open");
            opened.add(client);
        }
        return opened;
    }

    private static void assertToldToGo(List<RawWebSocket> clients) throws IOException {
        for (RawWebSocket client : clients) {
            assertThat(client.readClose().closeCode()).isEqualTo(1001);
            client.close(1001, "");
            client.close();
        }
    }

    private static DrainReport get(CompletableFuture<DrainReport> stopped) throws Exception {
        return stopped.get(30, TimeUnit.SECONDS);
    }

    // ---- WebSockets

    @Test
    void tellsWebSocketsAtTheRateItIsGiven() throws Exception {
        HttpServer server = serve(sockets, options -> options.drainRate(20));
        List<RawWebSocket> clients = open(server, 10);

        long startNanos = System.nanoTime();
        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        for (RawWebSocket client : clients) {
            client.client().patience(LONG);
        }
        assertToldToGo(clients);
        get(stopped);

        eventually(() -> assertThat(toldNanos).hasSize(10));
        long lastNanos = toldNanos.stream().mapToLong(Long::longValue).max().orElseThrow();
        // The one that was just opening closes at once. The last of the other nine has waited eight times.
        assertThat(Duration.ofNanos(lastNanos - startNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(8 * 1000 / 20));
    }

    @Test
    void tellsAllWebSocketsBeforeTheDeadlineHoweverLowTheRate() throws Exception {
        HttpServer server = serve(sockets, options -> options.drainRate(1));
        List<RawWebSocket> clients = open(server, 100);

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(3));

        assertToldToGo(clients);
        get(stopped);
        eventually(() -> assertThat(toldNanos).hasSize(100));
    }

    @Test
    void aStopThatIsHurriedTellsNobodyInTurnAnyMore() throws Exception {
        HttpServer server = serve(sockets, options -> options.drainRate(1));
        open(server, 50);
        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(60));

        server.stop(Duration.ZERO);

        assertThat(stopped.get(8, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void closesWebSocketsThatAreTurnedToOnlyAfterTheyHaveGone() throws Exception {
        HttpServer server = serve(sockets, options -> options.drainRate(1));
        List<RawWebSocket> clients = open(server, 20);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        for (RawWebSocket client : clients) {
            client.client().reset();
        }

        get(stopped);
        assertThat(server.stats().connectionsOpen()).isZero();
    }

    @Test
    void sendsWhatAListenerAnswersBeforeItTellsTheWebSocketToGo() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Handler handler = request -> request.asChannel(new ChannelListener() {
            @Override
            public void onText(AsyncChannel channel, String text) {
                try {
                    if (text.equals("question")) {
                        running.countDown();
                        await(release);
                    }
                    channel.send(text);
                } catch (InterruptedException e) {
                    channel.send("interrupted");
                }
            }
        });
        HttpServer server = serve(handler, options -> options.eventLoops(1).drainRate(0));
        List<RawWebSocket> clients = open(server, 2);
        clients.get(0).text("question");
        await(running);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        assertToldToGo(clients.subList(1, 2)); // so the turn of the other one comes, too
        release.countDown();

        assertThat(clients.get(0).read().text()).isEqualTo("question");
        assertToldToGo(clients.subList(0, 1));
        get(stopped);
    }

    @Test
    void givesAListenerItsTimeAlsoWhenAllClientsHaveGone() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Boolean> finished = new CompletableFuture<>();
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onText(AsyncChannel channel, String text) {
                running.countDown();
                try {
                    finished.complete(!new CountDownLatch(1).await(1300, TimeUnit.MILLISECONDS));
                } catch (InterruptedException e) {
                    finished.complete(false);
                }
            }
        }));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        client.text("question");
        await(running);
        client.client().reset();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());

        CompletableFuture<DrainReport> stopped = server.stop(LONG);

        assertThat(finished.get(10, TimeUnit.SECONDS)).as("not interrupted").isTrue();
        get(stopped);
    }

    @Test
    void endsSoonerIfALaterCallWantsItSo() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            running.countDown();
            return Response.later(new CompletableFuture<>());
        });
        connect(server).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await(running);

        CompletableFuture<DrainReport> first = server.stop(LONG);
        CompletableFuture<DrainReport> longer = server.stop(LONG.multipliedBy(10));
        CompletableFuture<DrainReport> shorter = server.stop(Duration.ofMillis(10));

        assertThat(shorter.get(10, TimeUnit.SECONDS)).isEqualTo(new DrainReport(0, 1));
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(longer.get(10, TimeUnit.SECONDS));
    }

    @Test
    void closesAWebSocketWhoseHandshakeIsAnsweredWhileItStops() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            running.countDown();
            await(release);
            return sockets.handle(request);
        });
        RawClient client = connect(server).send(RawWebSocket.handshake("/"));
        await(running);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        release.countDown();
        assertToldToGo(List.of(RawWebSocket.accepted(client)));

        get(stopped);
        eventually(() -> assertThat(toldNanos).hasSize(1));
    }

    // ---- event streams

    private RawClient stream(HttpServer server) throws IOException {
        RawClient client = connect(server).send(get("/"));
        client.readHead();
        client.readChunk();
        return client;
    }

    /** What comes up to the end of the stream. */
    private static String rest(RawClient client) throws IOException {
        StringBuilder rest = new StringBuilder();
        for (byte[] chunk = client.readChunk(); chunk != null; chunk = client.readChunk()) {
            if (chunk.length == 0) {
                return rest.toString();
            }
            rest.append(new String(chunk, StandardCharsets.UTF_8));
        }
        throw new EOFException("The stream has no end: " + rest);
    }

    private static Handler events(Event first) {
        return request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channel.sendEvent(first);
            }
        });
    }

    private static Handler stream(String contentType, String first) {
        return request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channel.send(Response.text(first).header("Content-Type", contentType), false);
            }
        });
    }

    @Test
    void tellsClientsOfEventStreamsEachAnotherTimeToWait() throws Exception {
        HttpServer server = serve(events(Event.of("first")), options -> options.drainRetry(Duration.ofSeconds(2)));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(stream(server));
        }

        CompletableFuture<DrainReport> stopped = server.stop(LONG);

        Set<Integer> waits = new HashSet<>();
        for (RawClient client : clients) {
            String rest = rest(client);
            assertThat(rest).matches("retry: [0-9]+\n\n");
            int wait = Integer.parseInt(rest.substring(7).strip());
            assertThat(wait).isBetween(1000, 3000);
            waits.add(wait);
            client.close();
        }
        assertThat(waits).hasSizeGreaterThan(1);
        assertThat(get(stopped)).isEqualTo(new DrainReport(12, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, 'data: x\n\n'",
        "text/event-stream, 'data: unfinished\n'",
        "text/event-stream, 'data: unfini'",
        "text/event-stream, 'data: unfinished\r\n'"
    })
    void addsNothingToOtherStreamsNorToAnUnfinishedEvent(String contentType, String sent) throws Exception {
        HttpServer server = serve(stream(contentType, sent));
        RawClient client = stream(server);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);

        assertThat(rest(client)).isEmpty();
        client.close();
        get(stopped);
    }

    @ParameterizedTest
    @CsvSource({"'data: x\r\n\r\n'", "'data: x\r\r'", "'data: x\n\n'"})
    void seesTheEndOfAnEventWhicheverWayItsLinesEnd(String sent) throws Exception {
        HttpServer server = serve(stream("Text/Event-Stream;charset=utf-8", sent));
        RawClient client = stream(server);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);

        assertThat(rest(client)).startsWith("retry: ");
        client.close();
        get(stopped);
    }

    @Test
    void saysNothingAboutRetryingIfThatIsSwitchedOff() throws Exception {
        HttpServer server = serve(events(Event.of("x")), options -> options.drainRetry(Duration.ZERO));
        RawClient client = stream(server);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);

        assertThat(rest(client)).isEmpty();
        client.close();
        get(stopped);
    }

    // ---- exchanges

    /** A client that asks again and again on kept connections, and counts what it gets. */
    private static final class Load {
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger saidClose = new AtomicInteger();
        final AtomicInteger unanswered = new AtomicInteger();
        final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

        /** Goes on until the server lets nobody in any more. */
        void run(HttpServer server, String path) {
            while (true) {
                try (RawClient client = RawClient.connect(server)) {
                    exchangeOn(client, path);
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void exchangeOn(RawClient client, String path) {
            while (true) {
                RawResponse response;
                try {
                    response = client.send(get(path)).read();
                } catch (IOException e) {
                    unanswered.incrementAndGet();
                    return;
                }
                if (response.status() != 200 || !response.isComplete()) {
                    wrong.add(response.toString());
                }
                answered.incrementAndGet();
                if (response.saysClose()) {
                    saidClose.incrementAndGet();
                    return;
                }
            }
        }
    }

    /** Small ones, large ones, ones that come later, and streams. */
    private static Response answer(String path) {
        return switch (path) {
            case "/large" -> Response.bytes(new byte[300_000]);
            case "/later" -> Response.later(CompletableFuture.supplyAsync(() -> Response.text("later")));
            case "/stream" ->
                Response.stream(out -> {
                    for (int i = 0; i < 10; i++) {
                        out.write(new byte[1000]);
                    }
                });
            default -> Response.text("small");
        };
    }

    private static final String[] PATHS = {"/small", "/large", "/later", "/stream"};

    private static List<Future<?>> start(ExecutorService threads, Load load, HttpServer server) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String path = PATHS[i % PATHS.length];
            running.add(threads.submit(() -> load.run(server, path)));
        }
        return running;
    }

    @Test
    void losesNoRequestThatWasTakenWhileItStopsUnderLoad() throws Exception {
        HttpServer server = serve(request -> answer(request.path()));
        Load load = new Load();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = start(threads, load, server);
            Awaitility.await().atMost(LONG).until(() -> load.answered.get() > 2000);

            DrainReport report = get(server.stop(LONG));
            for (Future<?> client : running) {
                client.get(20, TimeUnit.SECONDS);
            }

            assertThat(load.wrong).isEmpty();
            assertThat((long) load.answered.get())
                    .as("every request whose head arrived was answered in full")
                    .isEqualTo(server.stats().requests());
            assertThat(report.cut()).isZero();
            // An answer that was decided on right before the stop, and ended right after it, does not say close.
            assertThat(report.drained()).isBetween((long) load.saidClose.get(), (long) load.saidClose.get() + CLIENTS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void reportsAsManyDrainedAsClientsCount() throws Exception {
        Semaphore held = new Semaphore(0);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger served = new AtomicInteger();
        HttpServer server = serve(request -> {
            if (served.incrementAndGet() > 500) { // from here on all of the load is within its exchanges
                held.release();
                await(release);
            }
            return answer(request.path());
        });
        Load load = new Load();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = start(threads, load, server);
            assertThat(held.tryAcquire(CLIENTS, 20, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<DrainReport> stopped = server.stop(LONG);
            eventually(() ->
                    assertThatThrownBy(() -> RawClient.connect(server).close()).isInstanceOf(IOException.class));
            release.countDown();
            DrainReport report = get(stopped);
            for (Future<?> client : running) {
                client.get(20, TimeUnit.SECONDS);
            }

            assertThat(report).isEqualTo(new DrainReport(CLIENTS, 0));
            assertThat(load.saidClose).hasValue(CLIENTS);
            assertThat(load.answered).hasValue(500 + CLIENTS);
            assertThat(load.wrong).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void reportsThoseThatItCutAndThoseThatItDidNot() throws Exception {
        CountDownLatch inside = new CountDownLatch(2 * CLIENTS);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            inside.countDown();
            (request.path().equals("/quick") ? release : never).await();
            return Response.text("in time");
        });
        List<RawClient> quick = new ArrayList<>();
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            quick.add(connect(server).send(get("/quick")));
            slow.add(connect(server).send(get("/slow")));
        }
        await(inside);

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(2));
        release.countDown();
        for (RawClient client : quick) {
            assertThat(client.read().text()).isEqualTo("in time");
            client.close();
        }

        assertThat(get(stopped)).isEqualTo(new DrainReport(CLIENTS, CLIENTS));
        for (RawClient client : slow) {
            assertThat(client.skipToEnd()).isZero();
        }
    }

    @Test
    void countsNoExchangeAsCutWhoseClientHasGoneBefore() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            inside.countDown();
            never.await();
            return Response.text("for nobody");
        });
        RawClient client = connect(server).send(get("/"));
        await(inside);
        client.reset();
        Awaitility.await().atMost(LONG).until(() -> server.stats().connectionsOpen() == 0);

        assertThat(get(server.stop(Duration.ZERO))).isEqualTo(new DrainReport(0, 0));
    }

    /** Until the listener has closed, a connection that closes need not be the last one. */
    @Test
    void drainsAClientThatComesWhenTheOnlyOtherOneHasJustGone() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        List<HttpServer> servers = new ArrayList<>();
        List<RawClient> clients = new ArrayList<>();
        ServerObserver observer = new ServerObserver() {
            @Override
            public void drainBegun(int connections) {
                try {
                    clients.get(0).close();
                    Awaitility.await()
                            .atMost(LONG)
                            .until(() -> servers.get(0).stats().connectionsOpen() == 0);
                    clients.add(connect(servers.get(0)).send(get("/slow")));
                    await(inside);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
        HttpServer server = serve(
                request -> {
                    if (request.path().equals("/slow")) {
                        inside.countDown();
                        released.await();
                    }
                    return Response.text("whole");
                },
                options -> options.observer(observer));
        servers.add(server);
        clients.add(connect(server).send(get("/")));
        assertThat(clients.get(0).read().text()).isEqualTo("whole");

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        assertThatThrownBy(() -> stopped.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        released.countDown();

        assertThat(clients.get(1).read().text()).isEqualTo("whole");
        assertThat(get(stopped).cut()).isZero();
    }
}
