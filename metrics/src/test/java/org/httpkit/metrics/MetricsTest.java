package org.httpkit.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.topics.Topics;
import org.httpkit.web.Routes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The meters of a server, in a registry. */
class MetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private HttpServer server;

    @AfterEach
    void stop() throws Exception {
        server.stop(Duration.ofSeconds(1)).get(10, TimeUnit.SECONDS);
        registry.close();
    }

    private void serve(Handler handler) throws IOException {
        serve(handler, options -> options);
    }

    private void serve(Handler handler, UnaryOperator<HttpServer.Builder> options) throws IOException {
        server = options.apply(HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler(handler)
                        .observer(new RequestMetrics(registry)))
                .start();
        new ServerMetrics(server).bindTo(registry);
    }

    private static String request(String method, String body) {
        return method + " /secret/path HTTP/1.1\r\nHost: test\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private double value(String name, String... tags) {
        return registry.get(name).tags(tags).meter().measure().iterator().next().getValue();
    }

    private static void eventually(ThrowingRunnable assertions) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(assertions);
    }

    private static Set<String> tags(Meter meter) {
        return meter.getId().getTags().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.toSet());
    }

    // ---- requests

    @Test
    void aRequestIsMeasuredUnderTheNamesOfOpenTelemetry() throws Exception {
        serve(request -> Response.text("hello, " + request.body().text()).status(201));
        try (RawClient client = RawClient.connect(server)) {
            client.send(request("POST", "world")).read();

            eventually(() -> assertThat(
                            registry.find("http.server.request.duration").timers())
                    .hasSize(1));
            Timer duration = registry.get("http.server.request.duration").timer();
            assertThat(tags(duration))
                    .containsExactlyInAnyOrder(
                            "http.request.method=POST",
                            "url.scheme=http",
                            "network.protocol.version=1.1",
                            "http.response.status_code=201",
                            "error.type=none");
            eventually(() -> assertThat(duration.count()).isEqualTo(1));
            assertThat(duration.totalTime(TimeUnit.NANOSECONDS)).isPositive();
            assertThat(duration.takeSnapshot().histogramCounts()).hasSize(14);
            eventually(() -> assertThat(registry.get("http.server.response.body.size")
                            .summary()
                            .totalAmount())
                    .isEqualTo(12));
            assertThat(registry.get("http.server.request.body.size").summary().totalAmount())
                    .isEqualTo(5);
        }
    }

    @Test
    void theTimeOfARequestIsDividedIntoQueueHandlerAndWriting() throws Exception {
        AtomicLong handlerNanos = new AtomicLong();
        serve(request -> {
            long begunNanos = System.nanoTime();
            byte[] body = new byte[1 << 20];
            handlerNanos.set(System.nanoTime() - begunNanos);
            return Response.bytes(body);
        });
        try (RawClient client = RawClient.connect(server)) {
            client.send(request("GET", "")).read();

            eventually(() -> assertThat(
                            registry.get("httpkit.server.request.write").timer().count())
                    .isEqualTo(1));
            assertThat(registry.get("httpkit.server.request.queue").timer().count())
                    .isEqualTo(1);
            assertThat(registry.get("httpkit.server.request.handler").timer().totalTime(TimeUnit.NANOSECONDS))
                    .isGreaterThanOrEqualTo(handlerNanos.get());
        }
    }

    @Test
    void clientsCannotMakeMetersWithoutEnd() throws Exception {
        serve(request -> Response.text("hello"));
        try (RawClient client = RawClient.connect(server)) {
            for (int i = 0; i < 100; i++) {
                String line = "INVENTED" + i + " /" + i + "?q=" + i + " HTTP/1." + (1 + i % 9);
                client.send(line + "\r\nHost: test" + i + "\r\nUser-Agent: " + i + "\r\n\r\n")
                        .read();
            }
            eventually(() -> assertThat(
                            registry.get("httpkit.server.request.write").timer().count())
                    .isEqualTo(100));
        }
        assertThat(registry.find("http.server.request.duration").timers())
                .singleElement()
                .satisfies(timer -> {
                    assertThat(timer.count()).isEqualTo(100);
                    assertThat(tags(timer)).contains("http.request.method=_OTHER");
                });
    }

    @Test
    void whatGoesWrongHasAnErrorType() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        serve(request -> switch (request.method().toString()) {
            case "PUT" -> throw new IllegalStateException("on purpose");
            case "DELETE" ->
                request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        opened.countDown();
                    }
                });
            default -> Response.text("hello");
        });
        try (RawClient client = RawClient.connect(server)) {
            client.send("NONSENSE\r\n\r\n").read();
        }
        try (RawClient client = RawClient.connect(server)) {
            client.send(request("PUT", "")).read();
            client.send(request("DELETE", ""));
            assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
            client.reset();
        }

        eventually(
                () -> assertThat(registry.find("http.server.request.duration").timers())
                        .extracting(MetricsTest::tags)
                        .containsExactlyInAnyOrder(
                                Set.of(
                                        "http.request.method=_OTHER",
                                        "url.scheme=none",
                                        "network.protocol.version=none",
                                        "http.response.status_code=400",
                                        "error.type=none"),
                                Set.of(
                                        "http.request.method=PUT",
                                        "url.scheme=http",
                                        "network.protocol.version=1.1",
                                        "http.response.status_code=500",
                                        "error.type=500"),
                                Set.of(
                                        "http.request.method=DELETE",
                                        "url.scheme=http",
                                        "network.protocol.version=1.1",
                                        "http.response.status_code=none",
                                        "error.type=unanswered")));
    }

    @Test
    void requestsAreMeasuredByRouteIfSomebodyKnowsTheRoutes() throws Exception {
        Routes routes = Routes.of().get("/users/{id}", request -> Response.text("hello"));
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .handler(routes)
                .observer(new RequestMetrics(registry).routes(routes::template))
                .start();
        try (RawClient client = RawClient.connect(server)) {
            for (String path : List.of("/users/1", "/users/2", "/nowhere")) {
                client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n").read();
            }
        }
        eventually(
                () -> assertThat(registry.find("http.server.request.duration").timers())
                        .extracting(timer -> timer.getId().getTag("http.route") + " " + timer.count())
                        .containsExactlyInAnyOrder("/users/{id} 2", "none 1"));
    }

    @Test
    void requestsOfHttp2HaveItsVersion() throws Exception {
        serve(request -> Response.text("hello"));
        try (RawHttp2 client = RawHttp2.connect(server)) {
            client.await(client.get("/"));
            eventually(() -> assertThat(
                            registry.find("http.server.request.duration").timers())
                    .singleElement()
                    .satisfies(timer -> assertThat(tags(timer)).contains("network.protocol.version=2")));
        }
    }

    /** Annotations such as <code>{request}</code> are no units, and would become a part of the name. */
    @Test
    void prometheusGetsNamesThatItsUsersExpect() throws Exception {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .handler(request -> Response.text("hello"))
                .observer(new RequestMetrics(prometheus))
                .start();
        new ServerMetrics(server).bindTo(prometheus);
        Topics topics = Topics.builder()
                .backplane(() -> {
                    throw new IOException("There is no broker");
                })
                .build();
        new TopicMetrics(topics).bindTo(prometheus);
        try (RawClient client = RawClient.connect(server)) {
            client.send(request("GET", "")).read();
        }
        eventually(() -> assertThat(prometheus.scrape()).contains("http_server_response_body_size_bytes_sum"));

        Set<String> names = prometheus
                .scrape()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.substring("# TYPE ".length()))
                .collect(Collectors.toSet());
        assertThat(names)
                .contains(
                        "http_server_active_requests gauge",
                        "http_server_request_duration_seconds histogram",
                        "http_server_request_body_size_bytes summary",
                        "httpkit_server_request_queue_seconds summary",
                        "httpkit_server_connections gauge",
                        "httpkit_server_connections_accepted_total counter",
                        "httpkit_server_connections_closed_total counter",
                        "httpkit_server_websockets gauge",
                        "httpkit_server_worker_queued gauge",
                        "httpkit_server_output_queued_bytes gauge",
                        "httpkit_server_input_held_bytes gauge",
                        "httpkit_server_accept_failures_total counter",
                        "httpkit_server_tls_handshakes_total counter",
                        "httpkit_server_streams gauge",
                        "httpkit_server_streams_opened_total counter",
                        "httpkit_server_streams_reset_total counter",
                        "httpkit_server_streams_held_back_total counter",
                        "httpkit_server_network_io_bytes_total counter",
                        "httpkit_topics_active gauge",
                        "httpkit_topics_subscriptions gauge",
                        "httpkit_topics_history_messages gauge",
                        "httpkit_topics_history_size_bytes gauge",
                        "httpkit_topics_undelivered gauge",
                        "httpkit_topics_published_total counter",
                        "httpkit_topics_delivered_total counter",
                        "httpkit_topics_skipped_total counter",
                        "httpkit_topics_stale_total counter",
                        "httpkit_topics_backplane_up gauge",
                        "httpkit_topics_backplane_lag_seconds gauge",
                        "httpkit_topics_backplane_waiting gauge",
                        "httpkit_topics_backplane_failures_total counter",
                        "httpkit_topics_backplane_gaps_total counter")
                .allMatch(name -> name.matches("[a-z0-9]+(_[a-z0-9]+)* [a-z]+"));
        topics.close();
        prometheus.close();
    }

    // ---- the server

    @Test
    void streamsOfHttp2AreBound() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        serve(request -> {
            answer.await();
            return Response.bytes(new byte[100_000]);
        });
        try (RawHttp2 client = RawHttp2.connect(server)) {
            int first = client.get("/");
            int second = client.get("/");
            eventually(() -> assertThat(value("httpkit.server.streams")).isEqualTo(2));
            client.reset(first, 8);
            eventually(() -> assertThat(value("httpkit.server.streams.reset", "by", "client"))
                    .isEqualTo(1));
            answer.countDown();
            client.await(second);
            assertThat(value("httpkit.server.streams.held.back")).isEqualTo(1);
            assertThat(value("httpkit.server.streams.opened")).isEqualTo(2);
            assertThat(value("httpkit.server.streams.reset", "by", "server")).isZero();
            client.get("/");
            eventually(() -> assertThat(value("httpkit.server.streams.opened")).isEqualTo(3));
        }
        eventually(() -> assertThat(value("httpkit.server.connections")).isZero());
        eventually(() -> assertThat(value("httpkit.server.streams")).isZero());
    }

    @Test
    void whatTheServerCountsIsBound() throws Exception {
        CountDownLatch handling = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        serve(request -> {
            handling.countDown();
            answer.await();
            return Response.text("hello");
        });
        try (RawClient client = RawClient.connect(server)) {
            client.send(request("GET", ""));
            assertThat(handling.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(value("http.server.active_requests")).isEqualTo(1);
            assertThat(value("httpkit.server.connections")).isEqualTo(1);
            assertThat(value("httpkit.server.connections.accepted")).isEqualTo(1);
            answer.countDown();
            client.read();
            eventually(() -> assertThat(value("http.server.active_requests")).isZero());
            assertThat(value("httpkit.server.network.io", "network.io.direction", "receive"))
                    .isEqualTo(request("GET", "").length());
            assertThat(value("httpkit.server.network.io", "network.io.direction", "transmit"))
                    .isGreaterThan(100);
        }
        eventually(() -> assertThat(value("httpkit.server.connections.closed", "cause", "peer_closed"))
                .isEqualTo(1));
        assertThat(value("httpkit.server.connections")).isZero();
        assertThat(value("httpkit.server.connections.closed", "cause", "slow_consumer"))
                .isZero();
        assertThat(value("httpkit.server.accept.failures")).isZero();
        assertThat(value("httpkit.server.output.queued")).isZero();
        assertThat(value("httpkit.server.input.held")).isZero();
    }

    @Test
    void openWebSocketsAreBound() throws Exception {
        serve(request -> request.asChannel(new ChannelListener() {}));
        try (RawClient client = RawClient.connect(server)) {
            RawWebSocket.open(client, "/");
            eventually(() -> assertThat(value("httpkit.server.websockets")).isEqualTo(1));
        }
        eventually(() -> assertThat(value("httpkit.server.websockets")).isZero());
    }

    @Test
    void whatWaitsForTheWorkerIsBound() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        Worker worker = Worker.builder().allowVirtual(false).threads(1).build();
        try (RawClient first = connectAndAsk(worker, answer);
                RawClient second = RawClient.connect(server)) {
            second.send(request("GET", ""));
            eventually(() -> assertThat(value("httpkit.server.worker.queued")).isEqualTo(1));
            answer.countDown();
            first.read();
            second.read();
            eventually(() -> assertThat(value("httpkit.server.worker.queued")).isZero());
        } finally {
            worker.pool().shutdown();
        }
    }

    private RawClient connectAndAsk(Worker worker, CountDownLatch answer) throws IOException, InterruptedException {
        CountDownLatch handling = new CountDownLatch(1);
        serve(
                request -> {
                    handling.countDown();
                    answer.await();
                    return Response.text("hello");
                },
                options -> options.worker(worker.pool()));
        RawClient client = RawClient.connect(server).send(request("GET", ""));
        assertThat(handling.await(10, TimeUnit.SECONDS)).isTrue();
        return client;
    }

    @Test
    void metersHoldAServerThatNothingElseHolds() throws Exception {
        serve(request -> Response.text("hello"));
        int port = server.port();
        WeakReference<HttpServer> held = new WeakReference<>(server);
        server = null;
        System.gc();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            eventually(() ->
                    assertThat(value("httpkit.server.connections.accepted")).isEqualTo(1));
            assertThat(value("httpkit.server.connections")).isEqualTo(1);
            assertThat(client.isConnected()).isTrue();
        } finally {
            server = held.get();
        }
    }

    @Test
    void severalServersOfAProcessAreToldApartByTags() throws Exception {
        serve(request -> Response.text("hello"));
        new ServerMetrics(server, List.of(Tag.of("server", "admin"))).bindTo(registry);

        assertThat(registry.find("httpkit.server.connections").gauges()).hasSize(2);
        assertThat(value("httpkit.server.connections", "server", "admin")).isZero();
    }
}
