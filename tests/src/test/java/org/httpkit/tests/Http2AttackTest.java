package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawHttp2.Frame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that busy a server for free, each with its bound, and honest ones that look like them (RFC 9113 section 10.5): all of them
 * under each dispatch.
 */
@ParameterizedClass
@EnumSource(Dispatch.class)
final class Http2AttackTest extends ServerTest {
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int CANCEL = 8;
    private static final int COMPRESSION_ERROR = 9;

    @Parameter
    private Dispatch dispatch;

    @Override
    HttpServer serve(Handler handler, UnaryOperator<HttpServer.Builder> options) throws IOException {
        return super.serve(handler, builder -> options.apply(builder.dispatch(dispatch)));
    }

    /** Answers plain requests at once, and the others only when the test says so. */
    private HttpServer serveWhenReleased(CompletableFuture<Response> released, AtomicInteger calls) throws IOException {
        return serve(request -> {
            if (request.path().equals("/plain")) {
                return Response.text("x");
            }
            calls.incrementAndGet();
            return Response.later(released);
        });
    }

    private RawHttp2 http2(HttpServer server, int... settings) throws IOException {
        return closeLater(RawHttp2.connect(server, settings));
    }

    /** Sends a frame again and again until the server ends the connection for that. */
    private static void flood(RawHttp2 client, byte[] frame, int most) throws Exception {
        AtomicInteger code = new AtomicInteger(-1);
        int perWrite = 100;
        byte[] many = repeated(frame, perWrite);
        int sent = 0;
        Thread reader = new Thread(() -> {
            try {
                code.set(client.awaitGoAway());
            } catch (IOException e) {
                // The connection has ended.
            }
        });
        reader.start();
        try {
            while (sent < most && reader.isAlive()) {
                client.raw().send(many);
                sent += perWrite;
            }
        } catch (IOException e) {
            // It has ended while we were at it.
        }
        reader.join(10_000);
        assertThat(code.get()).as("after %d frames", sent).isEqualTo(ENHANCE_YOUR_CALM);
    }

    private static byte[] repeated(byte[] frame, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            out.writeBytes(frame);
        }
        return out.toByteArray();
    }

    private void assertOthersAreServed(HttpServer server) throws IOException {
        RawHttp2 other = http2(server);
        assertThat(other.await(other.get("/plain")).status()).isEqualTo(200);
    }

    // ---- streams that come to nothing

    /** CVE-2023-44487. What is answered before its reset comes is a request like any other: so nothing is. */
    @Test
    void endsAConnectionThatOpensStreamsOnlyToResetThem() throws Exception {
        HttpServer server = serveWhenReleased(new CompletableFuture<>(), new AtomicInteger());
        RawHttp2 client = http2(server);
        Thread reader = new Thread(() -> {
            try {
                client.awaitEnd();
            } catch (IOException e) {
                // It has ended.
            }
        });
        reader.start();

        int opened = 0;
        try {
            while (opened < 50_000 && reader.isAlive()) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                for (int i = 0; i < 100; i++) {
                    int id = 2 * opened++ + 1;
                    out.writeBytes(RawHttp2.frame(
                            RawHttp2.HEADERS,
                            RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                            id,
                            RawHttp2.request("GET", "/")));
                    out.writeBytes(RawHttp2.frame(RawHttp2.RST_STREAM, 0, id, RawHttp2.word(CANCEL)));
                }
                client.raw().send(out.toByteArray());
            }
        } catch (IOException e) {
            // It has ended while we were at it.
        }
        reader.join(10_000);

        assertThat(reader.isAlive()).isFalse();
        assertThat(client.controls()).anySatisfy(frame -> {
            assertThat(frame.type()).isEqualTo(RawHttp2.GOAWAY);
            assertThat(frame.word(4)).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(frame.word(0)).isLessThan(2 * 10_000); // the client may have sent far more, which nobody read
        });
        assertOthersAreServed(server);
    }

    @Test
    void givesNoMoreWorkToAClientThatLetsItsStreamsGoOnWithoutIt() throws Exception {
        CompletableFuture<Response> released = new CompletableFuture<>();
        AtomicInteger running = new AtomicInteger();
        HttpServer server = serveWhenReleased(released, running);
        RawHttp2 client = http2(server);

        for (int i = 0; i < 300; i++) {
            int id = client.get("/");
            client.reset(id, CANCEL);
            if (i % 50 == 49) {
                client.roundTrip();
            }
        }
        client.roundTrip();

        assertThat(running.get()).isLessThanOrEqualTo(200);
        released.complete(Response.text("x"));
        assertOthersAreServed(server);
    }

    /** CVE-2025-8671. */
    @Test
    void endsAConnectionThatMakesTheServerResetItsStreams() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 1000; i++) {
            int id = client.get("/");
            client.send(RawHttp2.WINDOW_UPDATE, 0, id, RawHttp2.word(0));
        }

        assertThat(client.awaitGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
        assertOthersAreServed(server);
    }

    @Test
    void endsAConnectionOfMalformedRequests() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        byte[] malformed = RawHttp2.request("GET", "/", "Upper", "x");

        for (int i = 0; i < 2000; i++) {
            client.open(true, malformed);
        }

        assertThat(client.awaitGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
    }

    // ---- field blocks

    /** CVE-2024-27316, CVE-2026-33871. */
    @ParameterizedTest
    @ValueSource(ints = {0, 100, 16_384})
    void endsAConnectionThatContinuesAFieldBlockWithoutEnd(int bytes) throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        client.send(RawHttp2.HEADERS, 0, 1, RawHttp2.request("GET", "/"));
        byte[] filler = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            filler[i] = (byte) 0x82;
        }

        flood(client, RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, filler), 100_000);

        assertThat(observer.refusals().get(0).rule()).contains("RFC 9113 section 10.5");
        assertOthersAreServed(server);
    }

    /** CVE-2026-49975, CVE-2026-47774: few bytes that refer to a large field again and again. */
    @Test
    void refusesALargeListOfTinyReferences() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        byte[] large = Http2Test.concat(
                new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'h', 0x40, 1, 'x', 127, (byte) 0xa1, 0x1e},
                new byte[4000]);
        java.util.Arrays.fill(large, 12, large.length, (byte) 'v');
        byte[] bomb = new byte[12_000];
        java.util.Arrays.fill(bomb, (byte) 0xbe);

        int id = client.open(true, Http2Test.concat(large, bomb));
        int next = client.get("/");

        assertThat(client.await(id).status()).isEqualTo(431);
        assertThat(client.await(next).status()).isEqualTo(200);
    }

    @Test
    void refusesALargeListOfCrumbs() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        ByteArrayOutputStream crumbs = new ByteArrayOutputStream();
        crumbs.writeBytes(RawHttp2.request("GET", "/"));
        for (int i = 0; i < 5000; i++) {
            crumbs.writeBytes(new byte[] {0x0f, 0x11, 1, 'c'}); // cookie: c
        }
        byte[] block = crumbs.toByteArray();
        client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, java.util.Arrays.copyOf(block, 16_000));
        client.send(
                RawHttp2.CONTINUATION,
                RawHttp2.END_HEADERS,
                1,
                java.util.Arrays.copyOfRange(block, 16_000, block.length));

        assertThat(client.await(1).status()).isEqualTo(431);
    }

    @Test
    void endsAConnectionWhoseCompressionIsBroken() throws Exception {
        RawHttp2 client = http2(serve(request -> Response.text("x")));

        client.open(true, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f});

        assertThat(client.awaitGoAway()).isEqualTo(COMPRESSION_ERROR);
    }

    // ---- frames that carry nothing

    /** CVE-2019-9512, 9515, 9513, 9511, 9518, and others of their kind. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping",
                "settings",
                "priority",
                "window",
                "unknown",
                "settings ack",
                "ping ack",
                "priority update"
            })
    void endsAConnectionThatFloodsWith(String kind) throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        byte[] frame =
                switch (kind) {
                    case "ping" -> RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);
                    case "ping ack" -> RawHttp2.frame(RawHttp2.PING, RawHttp2.ACK, 0, new byte[8]);
                    case "settings" -> RawHttp2.frame(RawHttp2.SETTINGS, 0, 0);
                    case "settings ack" -> RawHttp2.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0);
                    case "priority" -> RawHttp2.frame(RawHttp2.PRIORITY, 0, 99, new byte[5]);
                    case "priority update" ->
                        RawHttp2.frame(
                                RawHttp2.PRIORITY_UPDATE, 0, 0, Http2Test.concat(RawHttp2.word(99), new byte[] {'u'}));
                    case "window" -> RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, RawHttp2.word(1));
                    default -> RawHttp2.frame(77, 0, 0, new byte[3]);
                };

        flood(client, frame, 1_000_000);

        assertOthersAreServed(server);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endsAConnectionThatSendsEmptyData(boolean padded) throws Exception {
        HttpServer server =
                serve(streaming(request -> Response.bytes(request.body().bytes())));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        byte[] frame = padded
                ? RawHttp2.frame(RawHttp2.DATA, 8, id, new byte[] {3, 0, 0, 0})
                : RawHttp2.frame(RawHttp2.DATA, 0, id);

        flood(client, frame, 1_000_000);

        assertOthersAreServed(server);
    }

    @Test
    void chargesForChangesOfTheWindowsOfManyStreams() throws Exception {
        HttpServer server = serveWhenReleased(new CompletableFuture<>(), new AtomicInteger());
        RawHttp2 client = http2(server);
        for (int i = 0; i < 100; i++) {
            client.get("/");
        }
        byte[] one = RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 1, 0});
        byte[] two = RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 2, 0});

        flood(client, Http2Test.concat(one, two), 100_000);
    }

    @Test
    void holdsLittleForAClientThatAsksAndDoesNotRead() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);
        client.raw().patience(Duration.ofMillis(500));
        byte[] pings = repeated(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]), 50);

        try {
            for (int i = 0; i < 10_000; i++) {
                client.raw().send(pings);
            }
        } catch (SocketTimeoutException held) {
            // It takes no more.
        } catch (IOException ended) {
            // It has ended the connection.
        }

        assertThat(server.stats().queuedBytes()).isLessThan(1 << 20);
        assertOthersAreServed(server);
    }

    // ---- windows

    @Test
    void endsAStreamWhoseClientGivesByteByByte() throws Exception {
        HttpServer server = serve(
                request -> Response.bytes(new byte[100_000]),
                // No client that gives one byte after the other is as fast as that, and no other limit ends the stream.
                options -> options.writeTimeout(Duration.ofMillis(500))
                        .minResponseRate(1_000_000)
                        .headerTimeout(Duration.ZERO)
                        .idleTimeout(Duration.ZERO));
        RawHttp2 client = http2(server, 4, 1).withoutCredit();
        int id = client.get("/");
        client.raw().patience(Duration.ofMillis(20));
        long until = System.nanoTime() + 30_000_000_000L;

        while (client.answer(id).resetCode() < 0 && System.nanoTime() < until) {
            client.windowUpdate(id, 1);
            try {
                client.read();
            } catch (SocketTimeoutException e) {
                // The next byte.
            }
        }

        assertThat(client.answer(id).resetCode()).isEqualTo(CANCEL);
    }

    @Test
    void refusesWindowsThatOverflow() throws Exception {
        RawHttp2 client = http2(serve(request -> Response.later(new java.util.concurrent.CompletableFuture<>())));
        int id = client.get("/");

        client.windowUpdate(id, Integer.MAX_VALUE);
        assertThat(client.awaitReset(id)).isEqualTo(3);
        client.windowUpdate(0, Integer.MAX_VALUE);

        assertThat(client.awaitGoAway()).isEqualTo(3);
    }

    @Test
    void letsGoOfWhatAResetStreamHeld() throws Exception {
        HttpServer server = serve(request -> Response.bytes(new byte[1 << 20]));
        RawHttp2 client = http2(server, 4, 0).withoutCredit();
        for (int i = 0; i < 50; i++) {
            client.awaitHead(client.get("/"));
        }
        eventually(() -> assertThat(server.stats().queuedBytes()).isGreaterThanOrEqualTo(50L << 20));

        for (int i = 0; i < 50; i++) {
            client.reset(2 * i + 1, CANCEL);
        }
        client.roundTrip();

        eventually(() -> assertThat(server.stats().queuedBytes()).isLessThan(1 << 20));
    }

    // ---- requests that try to be two (RFC 9113 section 10.3)

    @ParameterizedTest
    @ValueSource(
            strings = {
                "transfer-encoding|chunked",
                "x\r\ny|1",
                "x|a\r\nHost: b",
                "x|a\0b",
                "x y|1",
                "x:y|1",
                ":x|1",
                "|1",
                "x|a\n",
                "host|other",
                "connection|x",
                "upgrade|h2c",
                "te|gzip",
                "keep-alive|1",
                "proxy-connection|x",
                "content-length|+1",
                "content-length|1, 1",
                "X|1",
                "x| a",
                "x|a "
            })
    void refusesFieldsThatSmuggle(String field) throws Exception {
        RawHttp2 client = http2(serve(request -> Response.text("x")));
        int bar = field.indexOf('|');

        int id = client.get("/", field.substring(0, bar), field.substring(bar + 1));

        assertThat(client.await(id).status()).isEqualTo(400);
        assertThat(client.awaitReset(id)).isEqualTo(1);
        assertThat(client.await(client.get("/")).status()).isEqualTo(200);
    }

    // ---- honest clients

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

    /** As gRPC's clients do: messages of a few bytes, two WINDOW_UPDATE frames and a PING for each that comes back. */
    @Test
    void bearsAChattyClient() throws Exception {
        HttpServer server = serve(streaming(request -> {
            java.io.InputStream in = request.body().stream();
            return Response.stream(out -> {
                byte[] piece = new byte[5];
                while (in.readNBytes(piece, 0, 5) == 5) {
                    out.write(piece);
                    out.flush();
                }
            });
        }));
        RawHttp2 client = http2(server, 3, 0, 6, 8192).withoutCredit();
        int id = client.open(false, RawHttp2.request("POST", "/"));
        byte[] update = RawHttp2.word(5);

        for (int i = 1; i <= 3000; i++) {
            client.data(id, false, new byte[5]);
            client.awaitContent(id, 5 * i);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, update));
            out.writeBytes(RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, id, update));
            out.writeBytes(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
            client.raw().send(out.toByteArray());
        }
        client.data(id, true);

        assertThat(client.await(id).body()).hasSize(15_000);
    }

    @Test
    void bearsATenThousandSmallFrames() throws Exception {
        HttpServer server =
                serve(streaming(request -> Response.text("" + request.body().bytes().length)));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        byte[] frames = repeated(RawHttp2.frame(RawHttp2.DATA, 0, id, new byte[5]), 100);

        for (int i = 0; i < 100; i++) {
            client.raw().send(frames);
        }
        client.data(id, true);

        assertThat(client.await(id).text()).isEqualTo("50000");
    }

    @Test
    void bearsPrioritiesForEachRequest() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 2000; i++) {
            int next = client.nextId();
            for (int j = 0; j < 3; j++) {
                client.send(RawHttp2.PRIORITY, 0, next, new byte[] {0, 0, 0, 0, (byte) j});
            }
            assertThat(client.await(client.get("/")).status()).isEqualTo(200);
        }
    }

    /** A thousand calls in some seconds, most of them given up before an answer. */
    @Test
    void bearsManyCancels() throws Exception {
        HttpServer server = serve(request -> {
            if (request.path().equals("/plain")) {
                return Response.text("x");
            }
            return request.asChannel(new ChannelListener() {}); // which ends with its stream
        });
        RawHttp2 client = http2(server);

        for (int i = 0; i < 25; i++) {
            int first = client.nextId();
            for (int j = 0; j < 40; j++) {
                client.get("/");
            }
            client.roundTrip();
            for (int j = 0; j < 40; j++) {
                client.reset(first + 2 * j, CANCEL);
            }
            client.roundTrip();
        }

        // The server refuses streams for as long as too many calls that were given up still run.
        eventually(() -> assertThat(client.await(client.get("/plain")).text()).isEqualTo("x"));
    }

    @Test
    void bearsAFirstStreamOf3AndManySettings() throws Exception {
        HttpServer server = serve(request -> Response.bytes(new byte[100_000]));
        RawHttp2 client = http2(server);
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, RawHttp2.request("GET", "/"));

        for (int i = 0; i < 8; i++) {
            client.settings(4, 65_535 + 1000 * i);
        }

        assertThat(client.await(3).body()).hasSize(100_000);
    }

    @Test
    void bearsFramesOnAStreamThatHasJustEnded() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 200; i++) {
            int id = client.get("/");
            client.await(id);
            client.windowUpdate(id, 1);
            client.reset(id, CANCEL);
            client.send(RawHttp2.PRIORITY, 0, id, new byte[5]);
        }
        client.roundTrip();

        for (Frame frame : client.controls()) {
            assertThat(frame.type()).isNotEqualTo(RawHttp2.GOAWAY);
        }
        assertThat(client.answer(1).resetCode()).isEqualTo(-1);
    }
}
