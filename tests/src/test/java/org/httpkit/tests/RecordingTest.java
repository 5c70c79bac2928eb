package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events in a recording of the JDK's Flight Recorder. */
final class RecordingTest extends ServerTest {
    private static final List<String> EVENTS = List.of(
            "Request",
            "TlsHandshake",
            "StreamReset",
            "WebSocketHandshake",
            "SlowConsumer",
            "InputShed",
            "ConnectionGivenUp",
            "ConnectionClosed",
            "Drain");

    @TempDir
    private Path folder;

    private final RecordingListener listener = new RecordingListener();

    private interface Work {
        void run(HttpServer server) throws Exception;
    }

    private HttpServer start(UnaryOperator<HttpServer.Builder> more) throws IOException {
        return serve(
                request -> {
                    if (request.path().equals("/channel")) {
                        return request.asChannel(listener);
                    }
                    Thread.sleep(20);
                    return Response.text(request.body().text());
                },
                options -> more.apply(options.observer(new ServerObserver() {}).maxQueuedBytes(1 << 20)));
    }

    /** The events of what happens in the meantime to a server that stops in the end. */
    private List<RecordedEvent> record(List<String> enabled, Work work) throws Exception {
        return record(options -> options, enabled, work);
    }

    private List<RecordedEvent> record(UnaryOperator<HttpServer.Builder> more, List<String> enabled, Work work)
            throws Exception {
        HttpServer server = start(more);
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            for (String event : EVENTS) {
                if (enabled.contains(event)) {
                    recording.enable("org.httpkit." + event);
                } else {
                    recording.disable("org.httpkit." + event);
                }
            }
            recording.start();
            work.run(server);
            server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("org.httpkit."))
                .toList();
    }

    @Test
    void aRequestTellsWhereItsTimeWent() throws Exception {
        String[] client = new String[1];
        List<RecordedEvent> events = record(List.of("Request"), server -> {
            RawClient raw = connect(server);
            client[0] = "127.0.0.1:" + ((InetSocketAddress) raw.localAddress()).getPort();
            raw.send(post("/echo?q", "hello")).read();
        });

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getString("method")).isEqualTo("POST");
            assertThat(event.getString("path")).isEqualTo("/echo");
            assertThat(event.getString("client")).isEqualTo(client[0]);
            assertThat(event.getInt("status")).isEqualTo(200);
            assertThat(event.getString("outcome")).isEqualTo("ANSWERED");
            assertThat(event.getLong("requestBodyBytes")).isEqualTo(5);
            assertThat(event.getLong("responseBodyBytes")).isEqualTo(5);
            assertThat(event.getDuration("handlerTime")).isGreaterThanOrEqualTo(Duration.ofMillis(20));
            assertThat(event.getDuration("totalTime"))
                    .isGreaterThanOrEqualTo(event.getDuration("queueTime")
                            .plus(event.getDuration("handlerTime"))
                            .plus(event.getDuration("writeTime")));
        });
    }

    @Test
    void aRequestThatWasNotUnderstoodIsAnEventToo() throws Exception {
        List<RecordedEvent> events = record(
                List.of("Request"),
                server -> connect(server).send("NONSENSE\r\n\r\n").read());

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getString("method")).isNull();
            assertThat(event.getInt("status")).isEqualTo(400);
            assertThat(event.getString("outcome")).isEqualTo("REFUSED");
        });
    }

    @Test
    void handshakesSlowConsumersClosesAndTheDrainAreEvents() throws Exception {
        List<RecordedEvent> events =
                record(List.of("WebSocketHandshake", "SlowConsumer", "ConnectionClosed", "Drain"), server -> {
                    RawWebSocket.open(connect(server, 4096), "/channel");
                    AsyncChannel slow = listener.channel();
                    while (slow.trySend(new byte[1 << 20]) != SendResult.CLOSED) {}
                    eventually(
                            () -> assertThat(server.stats().connectionsOpen()).isZero());
                });

        assertThat(events)
                .extracting(event -> event.getEventType().getName())
                .containsExactlyInAnyOrder(
                        "org.httpkit.WebSocketHandshake",
                        "org.httpkit.SlowConsumer",
                        "org.httpkit.ConnectionClosed",
                        "org.httpkit.Drain");
        RecordedEvent handshake = event(events, "WebSocketHandshake");
        assertThat(handshake.getString("path")).isEqualTo("/channel");
        RecordedEvent slow = event(events, "SlowConsumer");
        assertThat(slow.getLong("queuedBytes")).isGreaterThanOrEqualTo(1 << 20);
        assertThat(slow.getBoolean("shed")).isFalse();
        assertThat(slow.getString("peer")).isEqualTo(handshake.getString("client"));
        assertThat(event(events, "ConnectionClosed").getString("cause")).isEqualTo("SLOW_CONSUMER");
        RecordedEvent drain = event(events, "Drain");
        assertThat(drain.getInt("connections")).isZero();
        assertThat(drain.getLong("drained")).isZero();
        assertThat(drain.getLong("cut")).isZero();
    }

    @Test
    void aConnectionThatEndsBecauseTooMuchIsHeldOfItIsAnEvent() throws Exception {
        List<RecordedEvent> events =
                record(options -> options.maxReceivedBytesTotal(150_000), List.of("InputShed"), server -> {
                    String part = request("POST /echo HTTP/1.1", "Content-Length: 200000") + "x".repeat(100_000);
                    RawClient first = connect(server).send(part);
                    eventually(() -> assertThat(server.stats().heldBytes()).isGreaterThan(100_000));
                    connect(server).send(part);
                    assertThat(first.read().status()).isEqualTo(503);
                });

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getLong("heldBytes")).isGreaterThan(100_000);
            assertThat(event.getString("peer")).startsWith("127.0.0.1:");
        });
    }

    @Test
    void anIdleConnectionThatIsClosedForANewOneIsAnEvent() throws Exception {
        List<RecordedEvent> events =
                record(options -> options.maxConnections(1), List.of("ConnectionGivenUp"), server -> {
                    RawClient idle = connect(server).send(get("/"));
                    assertThat(idle.read().status()).isEqualTo(200);
                    assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200);
                    assertThat(idle.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
                });

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getDuration("idleTime")).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(event.getString("peer")).startsWith("127.0.0.1:");
        });
    }

    @Test
    void aHandshakeOfTlsIsAnEventWhetherItFailsOrNot() throws Exception {
        List<RecordedEvent> events =
                record(options -> options.tls(TestCertificate.localhost().tls()), List.of("TlsHandshake"), server -> {
                    RawClient secure = closeLater(RawClient.connectInPlainText(server))
                            .secure(TestCertificate.trusting(TestCertificate.localhost()));
                    assertThat(secure.send(get("/")).read().status()).isEqualTo(200);
                    RawClient plain = closeLater(RawClient.connectInPlainText(server));
                    plain.send(new byte[] {22, 3, 1, 0, 4, 9, 9, 9, 9});
                    eventually(
                            () -> assertThat(server.stats().handshakesFailed()).isEqualTo(1));
                });

        assertThat(events).hasSize(2).allSatisfy(event -> assertThat(event.getString("peer"))
                .startsWith("127.0.0.1:"));
        assertThat(events)
                .filteredOn(event -> event.getString("failure") == null)
                .singleElement()
                .satisfies(event -> assertThat(event.getBoolean("resumed")).isFalse());
    }

    @Test
    void aStreamThatIsResetIsAnEvent() throws Exception {
        List<RecordedEvent> events = record(List.of("StreamReset", "Request"), server -> {
            RawHttp2 client = closeLater(RawHttp2.connect(server));
            int id = client.open(false, RawHttp2.request("POST", "/given/up"));
            client.reset(id, 8).roundTrip();
            int broken = client.open(false, RawHttp2.request("POST", "/broken", "content-length", "1"));
            client.data(broken, true, (byte) 1, (byte) 2).awaitReset(broken);
        });

        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().endsWith("StreamReset"))
                .extracting(
                        event -> event.getString("path"),
                        event -> event.getBoolean("byClient"),
                        event -> event.getString("code"))
                .containsExactly(tuple("/given/up", true, "CANCEL"), tuple("/broken", false, "PROTOCOL_ERROR"));
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().endsWith("Request"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getString("protocol")).isEqualTo("HTTP/2.0"));
    }

    @Test
    void whatIsNotEnabledIsNoEvent() throws Exception {
        List<RecordedEvent> events = record(
                List.of(),
                server -> connect(server).send(post("/echo", "hello")).read());

        assertThat(events).isEmpty();
    }

    @Test
    void theServerRunsWithoutTheModule() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--limit-modules",
                        "java.base",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutModules.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(output).isEqualTo("200 hello");
        } finally {
            process.destroyForcibly();
        }
    }

    private static RecordedEvent event(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("org.httpkit." + name))
                .findFirst()
                .orElseThrow();
    }

    /** A program on a JVM with {@code java.base} alone. */
    static final class WithoutModules {
        public static void main(String[] arguments) throws Exception {
            try (HttpServer server = HttpServer.builder()
                            .address("127.0.0.1", 0)
                            .handler(request -> Response.text("hello"))
                            .start();
                    RawClient client = RawClient.connect(server)) {
                var response = client.send(get("/")).read();
                System.out.print(response.status() + " " + response.text());
            }
        }
    }
}
