package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Event;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.WhenFull;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawHttp2.Answer;
import org.httpkit.testkit.RawHttp2.Frame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that are streamed, channels, and what ends streams of HTTP/2. */
final class Http2StreamingTest extends ServerTest {
    private static final int CANCEL = 8;

    @TempDir
    @Nullable
    Path folder;

    private RawHttp2 http2(HttpServer server, int... settings) throws IOException {
        return closeLater(RawHttp2.connect(server, settings));
    }

    /** A handler that reads its body as it comes. */
    private static Handler streaming(Handler handler) {
        return new Handler() {
            @Override
            public @Nullable Response handle(Request request) throws Exception {
                return handler.handle(request);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        };
    }

    // ---- bodies

    @Test
    void streamsABodyWhoseClientWaitsForCredit() throws Exception {
        HttpServer server =
                serve(streaming(request -> Response.bytes(request.body().bytes())));
        RawHttp2 client = http2(server);
        byte[] body = Http2Test.bytes(700_000);

        int id = client.open(false, RawHttp2.request("POST", "/"));
        Http2Test.sendWithinWindows(client, id, body);

        assertThat(client.await(id).body()).isEqualTo(body);
    }

    @Test
    void givesNoCreditForWhatTheHandlerDoesNotRead() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(streaming(request -> {
            await(release);
            return Response.text("" + request.body().bytes().length);
        }));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));

        int sent = 0;
        int credit = 65_535;
        while (credit > 0) {
            int count = Math.min(16_384, credit);
            client.data(id, false, new byte[count]);
            sent += count;
            credit -= count;
            client.roundTrip();
            for (Frame frame : List.copyOf(client.controls())) {
                if (frame.type() == RawHttp2.WINDOW_UPDATE && frame.streamId() == id) {
                    client.controls().remove(frame);
                    credit += frame.word(0);
                }
            }
        }

        assertThat(sent).isBetween(65_535, 200_000);
        assertThat(client.post("/other", "x")).isEqualTo(3); // others go on
        release.countDown();
        client.data(id, true);
        assertThat(client.await(id).text()).isEqualTo("" + sent);
    }

    @Test
    void echoesBothWaysAtOnce() throws Exception {
        HttpServer server = serve(streaming(request -> {
            InputStream in = request.body().stream();
            return Response.stream(out -> {
                byte[] piece = new byte[8192];
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    out.write(piece, 0, count);
                    out.flush();
                }
            });
        }));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));

        for (int i = 0; i < 50; i++) {
            client.data(id, false, ("message " + i + "\n").getBytes(StandardCharsets.US_ASCII));
            while (!client.answer(id).text().endsWith("message " + i + "\n")) {
                client.read();
            }
        }
        client.data(id, true);

        assertThat(client.await(id).isEnded()).isTrue();
    }

    @Test
    void readsATrailerOfAStreamedBody() throws Exception {
        HttpServer server = serve(streaming(request ->
                Response.text(request.body().text() + request.trailers().first("sum"))));
        RawHttp2 client = http2(server);

        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, (byte) 'a');
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, id, RawHttp2.block("sum", "7"));

        assertThat(client.await(id).text()).isEqualTo("a7");
    }

    @Test
    void asksForNoMoreOfABodyThatIsAnsweredEarly() throws Exception {
        HttpServer server = serve(streaming(request -> Response.text("enough")));
        RawHttp2 client = http2(server);

        int id = client.open(false, RawHttp2.request("POST", "/"));

        assertThat(client.await(id).text()).isEqualTo("enough");
        assertThat(client.awaitReset(id)).isZero();
        for (int i = 0; i < 200; i++) {
            client.data(id, false, new byte[16_000]); // on its way already, as far as the server knows
            client.roundTrip();
        }
        client.reset(id, CANCEL);
        assertThat(client.await(client.post("/", "x")).text()).isEqualTo("enough");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void streamsAnswersOfEachKind(Dispatch dispatch) throws Exception {
        byte[] large = Http2Test.bytes(400_000);
        Path file = Files.write(folder().resolve("large"), large);
        Path small = Files.write(folder().resolve("small"), Arrays.copyOf(large, 3000));
        HttpServer server = serve(
                request -> switch (request.path()) {
                    case "/stream" -> Response.stream(new ByteArrayInputStream(large));
                    case "/sized" -> Response.stream(new ByteArrayInputStream(large), large.length);
                    case "/written" -> Response.stream(out -> out.write(large));
                    case "/pieces" -> Response.pieces(List.of("one ", "two ", "three"));
                    case "/file" -> Response.file(file);
                    case "/small" -> Response.file(small);
                    case "/missing" -> Response.file(folder().resolve("missing"));
                    case "/buffer" ->
                        Response.bytes(java.nio.ByteBuffer.allocateDirect(large.length)
                                .put(large)
                                .flip());
                    default -> Response.bytes(large);
                },
                options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);

        for (String path : List.of("/stream", "/sized", "/written", "/file", "/buffer", "/bytes")) {
            Answer answer = client.await(client.get(path));
            assertThat(answer.body()).as(path).isEqualTo(large);
            assertThat(answer.resetCode()).as(path).isEqualTo(-1);
        }
        assertThat(client.await(client.get("/pieces")).text()).isEqualTo("one two three");
        assertThat(client.await(client.get("/small")).body()).isEqualTo(Arrays.copyOf(large, 3000));
        assertThat(client.await(client.get("/missing")).status()).isEqualTo(404);
        int head = client.open(true, RawHttp2.request("HEAD", "/file"));
        assertThat(client.await(head).field("content-length")).isEqualTo("400000");
        assertThat(client.await(head).dataFrames()).isZero();
    }

    private Path folder() {
        return java.util.Objects.requireNonNull(folder);
    }

    @Test
    void sendsManyLargeFilesSideBySide() throws Exception {
        byte[] large = Http2Test.bytes(300_000);
        Path file = Files.write(folder().resolve("large"), large);
        HttpServer server = serve(request -> Response.file(file));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 40; i++) {
            client.get("/" + i);
        }

        for (int i = 0; i < 40; i++) {
            assertThat(client.await(2 * i + 1).body()).isEqualTo(large);
        }
    }

    @Test
    void resetsAStreamWhoseFileIsCut() throws Exception {
        Path file = Files.write(folder().resolve("cut"), new byte[400_000]);
        HttpServer server = serve(request -> Response.file(file));
        RawHttp2 client = http2(server, 4, 1000).withoutCredit();
        int id = client.get("/");
        client.awaitContent(id, 1000);
        Files.write(file, new byte[70_000]);

        client.windowUpdate(id, 1 << 20).windowUpdate(0, 1 << 20);

        assertThat(client.awaitReset(id)).isEqualTo(2);
        eventually(() -> assertThat(observer.handlerFailures()).hasSize(1));
        client.roundTrip();
    }

    @Test
    void closesFilesOfStreamsThatAreReset() throws Exception {
        Path file = Files.write(folder().resolve("held"), new byte[400_000]);
        HttpServer server = serve(request -> Response.file(file));
        RawHttp2 client = http2(server, 4, 1000).withoutCredit();
        long before = openDescriptors(file);
        for (int i = 0; i < 20; i++) {
            int id = client.get("/");
            client.awaitContent(id, 1000);
            client.reset(id, CANCEL).roundTrip();
        }

        eventually(() -> assertThat(openDescriptors(file)).isEqualTo(before));
    }

    private static long openDescriptors(Path file) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        long count = 0;
        try (java.nio.file.DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                try {
                    count += Files.readSymbolicLink(descriptor).equals(file) ? 1 : 0;
                } catch (IOException e) {
                    // It is closed meanwhile.
                }
            }
        }
        return count;
    }

    @Test
    void hasTheClientNoticeAnAnswerThatIsCut() throws Exception {
        HttpServer server = serve(request -> Response.stream(out -> {
            out.write(new byte[100]);
            out.flush();
            throw new IOException("fault");
        }));
        RawHttp2 client = http2(server);

        int id = client.get("/");

        assertThat(client.awaitReset(id)).isEqualTo(2);
        assertThat(client.answer(id).isEnded()).isFalse();
        assertThat(client.await(client.get("/")).resetCode()).isEqualTo(2);
        assertThat(observer.handlerFailures()).hasSize(2);
    }

    // ---- trailers, interim responses, later

    @Test
    void sendsTrailersBehindBodiesOfEachKind() throws Exception {
        HttpServer server = serve(request -> switch (request.path()) {
            case "/text" -> Response.text("x").trailers(Headers.of("Sum", "1"));
            case "/empty" -> Response.of(200).trailers(Headers.of("Sum", "0"));
            case "/large" -> Response.bytes(new byte[100_000]).trailers(Headers.of("Sum", "2"));
            default -> {
                AtomicInteger count = new AtomicInteger();
                yield Response.stream(out -> {
                            out.write(new byte[10]);
                            count.addAndGet(10);
                        })
                        .trailers(() -> Headers.of("Sum", count.toString()));
            }
        });
        RawHttp2 client = http2(server);

        for (String path : List.of("/text 1", "/empty 0", "/large 2", "/stream 10")) {
            Answer answer = client.await(client.get(path.substring(0, path.indexOf(' '))));
            assertThat(answer.trailers()).as(path).isNotNull();
            assertThat(answer.trailers().first("sum")).isEqualTo(path.substring(path.indexOf(' ') + 1));
        }
        assertThat(client.answer(5).body()).hasSize(100_000);
        int head = client.open(true, RawHttp2.request("HEAD", "/text"));
        assertThat(client.await(head).trailers()).isNull();
    }

    @Test
    void sendsTrailersInChunksOfHttp1() throws Exception {
        HttpServer server = serve(request -> Response.text("body").trailers(Headers.of("Sum", "4")));

        String answer = new String(
                connect(server).send(get("/", "Connection: close")).readBytes(10_000), StandardCharsets.ISO_8859_1);

        assertThat(answer).endsWith("4\r\nbody\r\n0\r\nSum: 4\r\n\r\n");
    }

    @Test
    void sendsEarlyHintsAheadOfTheAnswer() throws Exception {
        HttpServer server = serve(request -> {
            request.sendEarlyHints(Headers.of("Link", "</a.css>"));
            return Response.text("done");
        });
        RawHttp2 client = http2(server);

        Answer answer = client.await(client.get("/"));

        assertThat(answer.interims()).hasSize(1);
        assertThat(answer.interims().get(0).first(":status")).isEqualTo("103");
        assertThat(answer.interims().get(0).first("link")).isEqualTo("</a.css>");
        assertThat(answer.text()).isEqualTo("done");
    }

    @Test
    void answersLater() throws Exception {
        CompletableFuture<Response> later = new CompletableFuture<>();
        HttpServer server = serve(request -> Response.later(later));
        RawHttp2 client = http2(server);
        int id = client.get("/");
        client.roundTrip();

        later.complete(Response.text("now"));

        assertThat(client.await(id).text()).isEqualTo("now");
    }

    // ---- channels

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersALongPoll(Dispatch dispatch) throws Exception {
        BlockingQueue<AsyncChannel> channels = new LinkedBlockingQueue<>();
        HttpServer server = serve(
                request -> request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        channels.add(channel);
                    }
                }),
                options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);
        int first = client.get("/1");
        int second = client.get("/2");

        AsyncChannel one = channels.take();
        AsyncChannel two = channels.take();
        two.send("two", true);
        one.send("one", true);

        assertThat(List.of(client.await(first).text(), client.await(second).text()))
                .contains("one", "two");
    }

    @Test
    void streamsEventsAndEndsThem() throws Exception {
        BlockingQueue<AsyncChannel> channels = new LinkedBlockingQueue<>();
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channels.add(channel);
            }
        }));
        RawHttp2 client = http2(server);
        int id = client.get("/");
        AsyncChannel channel = channels.take();

        channel.sendEvent(Event.of("first"));
        assertThat(client.awaitContent(id, 13).text()).isEqualTo("data: first\n\n");
        channel.sendEvent(Event.of("second"));
        client.awaitContent(id, 27);
        channel.close();

        assertThat(client.await(id).text()).isEqualTo("data: first\n\ndata: second\n\n");
        assertThat(client.answer(id).field("content-type")).isEqualTo("text/event-stream");
    }

    @Test
    void tellsAChannelThatItsClientHasCancelled() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        AtomicReference<Request> seen = new AtomicReference<>();
        HttpServer server = serve(request -> {
            seen.set(request);
            return request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    channel.send("begun", false);
                    opened.countDown();
                }

                @Override
                public void onClose(AsyncChannel channel, CloseReason reason) {
                    closed.complete(reason);
                }
            });
        });
        RawHttp2 client = http2(server);
        int id = client.get("/");
        await(opened);
        client.awaitContent(id, 5);

        client.reset(id, CANCEL);

        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(CloseReason.Cause.PEER_RESET);
        assertThat(seen.get().isCancelled()).isTrue();
        assertThat(client.awaitHead(client.get("/")).status()).isEqualTo(200);
    }

    /** As a page does whose event streams come and go. */
    @Test
    void goesOnHoweverManyChannelsWereCancelled() throws Exception {
        HttpServer server = serve(request -> switch (request.path()) {
            case "/poll" -> request.asChannel(new ChannelListener() {});
            case "/events" ->
                request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        channel.send("begun", false);
                    }
                });
            default -> Response.text("fine");
        });
        RawHttp2 client = http2(server);

        for (int i = 0; i < 150; i++) {
            int poll = client.get("/poll");
            int events = client.get("/events");
            client.awaitContent(events, 5);
            client.reset(poll, CANCEL).reset(events, CANCEL).roundTrip();
        }

        assertThat(client.await(client.get("/")).text()).isEqualTo("fine");
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
    }

    @Test
    void tellsAHandlerThatItsClientHasCancelled() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            begun.countDown();
            while (!request.isCancelled()) {
                Thread.sleep(1);
            }
            cancelled.countDown();
            return Response.text("nobody reads it");
        });
        RawHttp2 client = http2(server);
        int id = client.get("/");
        await(begun);

        client.reset(id, CANCEL);

        await(cancelled);
        client.roundTrip();
        assertThat(client.answer(id).hasHead()).isFalse();
    }

    @Test
    void failsAReaderWhoseClientHasCancelled() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        HttpServer server = serve(streaming(request -> {
            try {
                request.body().bytes();
            } catch (IOException e) {
                failure.complete(e);
            }
            return Response.of(200);
        }));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, new byte[10]).roundTrip();

        client.reset(id, CANCEL);

        assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessageContaining("reset");
    }

    @Test
    void holdsBackAChannelWhoseClientGivesNoCredit() throws Exception {
        BlockingQueue<AsyncChannel> channels = new LinkedBlockingQueue<>();
        CountDownLatch drained = new CountDownLatch(1);
        HttpServer server = serve(
                request -> request.path().equals("/other")
                        ? Response.text("quick")
                        : request.asChannel(ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT), new ChannelListener() {
                            @Override
                            public void onOpen(AsyncChannel channel) {
                                channels.add(channel);
                            }

                            @Override
                            public void onDrain(AsyncChannel channel) {
                                drained.countDown();
                            }
                        }),
                options -> options.maxQueuedBytes(100_000));
        RawHttp2 client = http2(server, 4, 1000).withoutCredit();
        int id = client.get("/");
        AsyncChannel channel = channels.take();

        int accepted = 0;
        while (channel.send("x".repeat(10_000), false)) {
            accepted++;
        }

        assertThat(accepted).isBetween(10, 12);
        assertThat(channel.queuedBytes()).isBetween(90_000L, 120_000L);
        assertThat(client.await(client.get("/other")).text()).isEqualTo("quick");
        client.windowUpdate(id, 1 << 20).windowUpdate(0, 1 << 20);
        client.awaitContent(id, accepted * 10_000);
        await(drained);
        assertThat(channel.queuedBytes()).isZero();
    }

    // ---- fairness and priorities

    @Test
    void letsASmallAnswerPassALargeOne() throws Exception {
        HttpServer server = serve(request ->
                request.path().equals("/small") ? Response.text("small") : Response.bytes(new byte[32 << 20]));
        RawHttp2 client = http2(server, 4, 32 << 20).withoutCredit();
        client.windowUpdate(0, 64 << 20);
        int large = client.get("/large");
        client.awaitContent(large, 100_000);

        int small = client.get("/small");

        assertThat(client.await(small).text()).isEqualTo("small");
        assertThat(client.answer(large).isEnded()).isFalse();
        assertThat(client.await(large).body()).hasSize(32 << 20);
    }

    @Test
    void servesUrgentStreamsFirst() throws Exception {
        HttpServer server = serve(request -> Response.bytes(new byte[500_000]));
        RawHttp2 client = http2(server, 4, 1 << 20).withoutCredit();
        int last = client.get("/", "priority", "u=6");
        int first = client.get("/", "priority", "u=1");
        client.awaitHead(last);
        client.awaitHead(first);
        client.roundTrip();
        int before = client.answer(last).body().length;

        client.windowUpdate(0, 1 << 21);
        client.await(first);

        // What is less urgent is not starved, but gets little.
        assertThat(client.answer(last).body().length - before).isLessThan(120_000);
        assertThat(client.await(last).body()).hasSize(500_000);
    }

    @Test
    void heedsAPriorityUpdate() throws Exception {
        HttpServer server = serve(request -> Response.bytes(new byte[500_000]));
        RawHttp2 client = http2(server, 4, 1 << 20).withoutCredit();
        int first = client.get("/", "priority", "u=1");
        int second = client.get("/", "priority", "u=6");
        client.awaitHead(first);
        client.awaitHead(second);
        byte[] update = Http2Test.concat(RawHttp2.word(second), "u=0".getBytes(StandardCharsets.US_ASCII));
        client.send(RawHttp2.PRIORITY_UPDATE, 0, 0, update).roundTrip();
        int before = client.answer(first).body().length;

        client.windowUpdate(0, 1 << 21);
        client.await(second);

        assertThat(client.answer(first).body().length - before).isLessThan(120_000);
    }

    // ---- time

    @Test
    void endsAStreamWhoseClientHoldsAZeroWindow() throws Exception {
        CompletableFuture<FinishedExchange.Outcome> outcome = new CompletableFuture<>();
        observer.recordExchanges();
        HttpServer server = serve(
                request -> Response.bytes(new byte[50_000]), options -> options.writeTimeout(Duration.ofMillis(300)));
        RawHttp2 client = http2(server, 4, 0).withoutCredit();

        int id = client.get("/");

        assertThat(client.awaitReset(id)).isEqualTo(CANCEL);
        eventually(() -> assertThat(observer.exchanges()).hasSize(1));
        outcome.complete(observer.exchanges().get(0).outcome());
        assertThat(outcome.get()).isEqualTo(FinishedExchange.Outcome.CUT);
        client.roundTrip();
    }

    @Test
    void refusesABodyThatStandsStill() throws Exception {
        HttpServer server = serve(request -> Response.of(200), options -> options.bodyTimeout(Duration.ofMillis(200)));
        RawHttp2 client = http2(server);

        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, (byte) 1);

        assertThat(client.await(id).status()).isEqualTo(408);
        client.roundTrip();
    }

    @Test
    void endsAConnectionWhoseFieldBlockStandsStill() throws Exception {
        HttpServer server = serve(request -> Response.of(200), options -> options.headerTimeout(A_WHILE));
        RawHttp2 client = http2(server);

        client.send(RawHttp2.HEADERS, 0, 1, RawHttp2.request("GET", "/"));

        assertThat(client.awaitGoAway()).isZero();
        client.awaitEnd();
    }

    @Test
    void endsAnIdleConnection() throws Exception {
        HttpServer server = serve(request -> Response.of(200), options -> options.idleTimeout(Duration.ofSeconds(3)));
        RawHttp2 client = http2(server);
        client.await(client.get("/"));

        assertThat(client.awaitGoAway()).isZero();
        client.awaitEnd();
        client.close();
        eventually(() -> assertThat(observer.closed()).contains(CloseReason.Cause.IDLE_TIMEOUT));
    }

    @Test
    void endsAConnectionWithoutARequest() throws Exception {
        HttpServer server = serve(request -> Response.of(200), options -> options.headerTimeout(A_WHILE));

        RawHttp2 client = http2(server);

        assertThat(client.awaitGoAway()).isZero();
        client.awaitEnd();
    }

    @Test
    void looksForASignOfLifeWhileStreamsAreOpen() throws Exception {
        HttpServer server = serve(
                request -> request.asChannel(new ChannelListener() {}),
                options -> options.pingInterval(Duration.ofSeconds(1)));
        RawHttp2 client = http2(server);
        client.get("/");

        for (int i = 0; i < 2; i++) {
            Frame ping = client.awaitControl(RawHttp2.PING);
            client.send(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
        }

        client.awaitEnd(); // no more of them
        eventually(() -> assertThat(observer.closed()).contains(CloseReason.Cause.IDLE_TIMEOUT));
    }

    @Test
    void gracesAStreamedBodyThatIsSilent() throws Exception {
        HttpServer server = serve(
                streaming(request -> Response.bytes(request.body().bytes())),
                options -> options.bodyTimeout(Duration.ofMillis(100)));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, (byte) 1).roundTrip();
        assertThat(client.raw().staysQuiet(Duration.ofMillis(400))).isTrue();

        client.data(id, true, (byte) 2);

        assertThat(client.await(id).body()).containsExactly(1, 2);
    }

    // ---- the stop

    @Test
    void warnsBeforeItStops() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            await(release);
            return Response.text("finished");
        });
        RawHttp2 client = http2(server);
        int running = client.get("/");
        client.roundTrip();

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(5));
        Frame warning = client.awaitControl(RawHttp2.GOAWAY);
        assertThat(warning.word(0)).isEqualTo(Integer.MAX_VALUE);
        int late = client.get("/late");
        Frame ping = client.awaitControl(RawHttp2.PING);
        client.send(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
        Frame last = client.awaitControl(RawHttp2.GOAWAY);
        assertThat(last.word(0)).isEqualTo(late);
        client.get("/too/late");
        release.countDown();

        assertThat(client.await(running).text()).isEqualTo("finished");
        assertThat(client.await(late).text()).isEqualTo("finished");
        client.awaitEnd();
        DrainReport report = stopped.get(10, TimeUnit.SECONDS);
        assertThat(report.drained()).isEqualTo(2);
        assertThat(report.cut()).isZero();
    }

    /** RFC 9113 section 6.8. */
    @Test
    void takesNoMoreStreamsThanItSaidWhateverFollows() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            await(release);
            return Response.text("finished");
        });
        RawHttp2 client = http2(server);
        int running = client.get("/");
        client.roundTrip();
        server.stop(Duration.ofSeconds(5));
        assertThat(client.awaitControl(RawHttp2.GOAWAY).word(0)).isEqualTo(Integer.MAX_VALUE);
        client.send(
                RawHttp2.PING,
                RawHttp2.ACK,
                0,
                client.awaitControl(RawHttp2.PING).payload());
        assertThat(client.awaitControl(RawHttp2.GOAWAY).word(0)).isEqualTo(running);

        client.get("/too/late");
        client.data(0, false, (byte) 1);
        Frame fault = client.awaitControl(RawHttp2.GOAWAY);
        release.countDown();

        assertThat(fault.word(4)).isEqualTo(1);
        assertThat(fault.word(0)).isEqualTo(running);
    }

    @Test
    void stopsSoonWithoutStreams() throws Exception {
        HttpServer server = serve(request -> Response.of(200));
        RawHttp2 client = http2(server);
        client.await(client.get("/"));

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(10));
        Frame ping = client.awaitControl(RawHttp2.PING);
        client.send(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
        client.awaitEnd();
        client.close();

        stopped.get(5, TimeUnit.SECONDS);
    }

    @Test
    void endsEventStreamsAsItStops() throws Exception {
        CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channel.sendEvent(Event.of("x"));
            }

            @Override
            public void onClose(AsyncChannel channel, CloseReason reason) {
                closed.complete(reason);
            }
        }));
        RawHttp2 client = http2(server);
        int id = client.get("/");
        client.awaitContent(id, 9);

        server.stop(Duration.ofSeconds(5));

        assertThat(client.await(id).text()).contains("retry: ");
        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(CloseReason.Cause.SERVER_STOP);
    }

    // ---- observing

    @Test
    void tellsOfExchangesAndCountsThem() throws Exception {
        observer.recordExchanges();
        HttpServer server = serve(request -> Response.text("hello"));
        RawHttp2 client = http2(server);

        client.await(client.post("/", "four"));

        eventually(() -> assertThat(observer.exchanges()).hasSize(1));
        FinishedExchange exchange = observer.exchanges().get(0);
        assertThat(exchange.outcome()).isEqualTo(FinishedExchange.Outcome.ANSWERED);
        assertThat(exchange.requestBodyBytes()).isEqualTo(4);
        assertThat(exchange.responseBodyBytes()).isEqualTo(5);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(server.stats().responses2xx()).isEqualTo(1);
    }
}
