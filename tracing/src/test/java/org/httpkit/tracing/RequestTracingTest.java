package org.httpkit.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.httpkit.http.Method;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.web.Params;
import org.httpkit.web.RequestId;
import org.httpkit.web.Routes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The spans of a server, as an exporter gets them. */
class RequestTracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetry openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    private final RequestTracing tracing = new RequestTracing(openTelemetry);
    private HttpServer server;

    @AfterEach
    void stop() throws Exception {
        server.stop(Duration.ofSeconds(1)).get(10, TimeUnit.SECONDS);
    }

    private void serve(RequestTracing observer, Handler handler) throws IOException {
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .observer(observer)
                .handler(handler)
                .start();
    }

    private void serveTraced(Handler handler) throws IOException {
        serve(tracing, tracing.around(handler));
    }

    private void serveRoutes(Routes routes) throws IOException {
        RequestTracing withRoutes = tracing.routes(routes::template);
        serve(withRoutes, withRoutes.around(routes));
    }

    private static String get(String target, String... fields) {
        return request("GET", target, fields);
    }

    private static String request(String method, String target, String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return method + " " + target + " HTTP/1.1\r\nHost: example.org:8090\r\n" + lines + "\r\n";
    }

    private void ask(String request) throws IOException {
        try (RawClient client = RawClient.connect(server)) {
            client.send(request).read();
        }
    }

    private List<SpanData> spans(int count) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(exporter::getFinishedSpanItems, spans -> spans.size() >= count);
    }

    private SpanData span() {
        List<SpanData> spans = spans(1);
        assertThat(spans).hasSize(1);
        return spans.get(0);
    }

    private static Object attribute(SpanData span, String name) {
        return span.getAttributes().asMap().entrySet().stream()
                .filter(entry -> entry.getKey().getKey().equals(name))
                .map(entry -> entry.getValue())
                .findFirst()
                .orElse(null);
    }

    private void makeChild() {
        openTelemetry.getTracer("handler").spanBuilder("child").startSpan().end();
    }

    // ---- what a span says

    @Test
    void aSpanFollowsTheConventionsForServers() throws Exception {
        serveRoutes(Routes.of()
                .get("/users/{id}", request -> Response.text(Params.of(request).get("id"))));

        ask(get("/users/7?token=secret"));

        SpanData span = span();
        assertThat(span.getName()).isEqualTo("GET /users/{id}");
        assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(span.getParentSpanId()).isEqualTo(SpanId.getInvalid());
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put("http.request.method", "GET")
                        .put("http.route", "/users/{id}")
                        .put("url.path", "/users/7")
                        .put("url.scheme", "http")
                        .put("network.protocol.version", "1.1")
                        .put("server.address", "example.org")
                        .put("server.port", 8090)
                        .put("http.response.status_code", 200)
                        .build()
                        .asMap());
        assertThat(span.getEndEpochNanos()).isGreaterThanOrEqualTo(span.getStartEpochNanos());
    }

    @Test
    void aSpanWithoutARouteIsNamedByItsMethod() throws Exception {
        serveRoutes(Routes.of().get("/known", request -> Response.text("x")));

        ask(get("/unknown"));

        SpanData span = span();
        assertThat(span.getName()).isEqualTo("GET");
        assertThat(attribute(span, "http.route")).isNull();
        assertThat(attribute(span, "http.response.status_code")).isEqualTo(404L);
        assertThat(attribute(span, "error.type")).isNull();
    }

    @Test
    void methodsThatClientsMakeUpShareOneName() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask(request("BREW", "/pot"));

        SpanData span = span();
        assertThat(span.getName()).isEqualTo("HTTP");
        assertThat(attribute(span, "http.request.method")).isEqualTo("_OTHER");
        assertThat(attribute(span, "http.request.method_original")).isEqualTo("BREW");
    }

    @Test
    void aSpanNamesTheAddressOfTheSocketIfTheClientDoesNotNameTheServer() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask("GET / HTTP/1.0\r\n\r\n");

        SpanData span = span();
        assertThat(attribute(span, "server.address")).isEqualTo("127.0.0.1");
        assertThat(attribute(span, "server.port")).isEqualTo((long) server.port());
        assertThat(attribute(span, "network.protocol.version")).isEqualTo("1.0");
    }

    @Test
    void aSpanNamesAnIpv6AddressWithItsBrackets() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n");

        assertThat(attribute(span(), "server.address")).isEqualTo("[::1]");
        assertThat(attribute(span(), "server.port")).isNull();
    }

    @Test
    void http2IsVersion2() throws Exception {
        serveTraced(request -> Response.text("x"));

        try (RawHttp2 client = RawHttp2.connect(server)) {
            client.await(client.get("/"));
        }

        assertThat(attribute(span(), "network.protocol.version")).isEqualTo("2");
    }

    @Test
    void theSpanOfAWebSocketEndsWithItsHandshake() throws Exception {
        serveTraced(request -> request.asChannel(new ChannelListener() {}));

        try (RawClient client = RawClient.connect(server)) {
            RawWebSocket.open(client, "/");

            assertThat(attribute(span(), "http.response.status_code")).isEqualTo(101L);
        }
    }

    // ---- whose trace it belongs to

    @Test
    void aSpanContinuesTheTraceOfTheCaller() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask(get("/", "traceparent: 00-" + TRACE + "-" + CALLER + "-01"));

        assertThat(span().getTraceId()).isEqualTo(TRACE);
        assertThat(span().getParentSpanId()).isEqualTo(CALLER);
    }

    @Test
    void aMalformedContextBeginsATraceAnew() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask(get("/", "traceparent: 00-" + TRACE + "-nonsense"));

        assertThat(span().getTraceId()).isNotEqualTo(TRACE);
        assertThat(span().getParentSpanId()).isEqualTo(SpanId.getInvalid());
    }

    @Test
    void spansOfTheHandlerAreChildren() throws Exception {
        serveTraced(request -> {
            makeChild();
            return Response.text("x");
        });

        ask(get("/"));

        List<SpanData> spans = spans(2);
        assertThat(spans).extracting(SpanData::getName).containsExactly("child", "GET");
        assertThat(spans.get(0).getParentSpanId()).isEqualTo(spans.get(1).getSpanId());
        assertThat(spans.get(0).getTraceId()).isEqualTo(spans.get(1).getTraceId());
    }

    @Test
    void noSpanIsCurrentOnceTheHandlerHasReturned() throws Exception {
        CompletableFuture<Span> current = new CompletableFuture<>();
        Handler traced = tracing.around(request -> Response.text("x"));
        serve(tracing, request -> {
            Response response = traced.handle(request);
            current.complete(Span.current());
            return response;
        });

        ask(get("/"));

        assertThat(current.get(10, TimeUnit.SECONDS).getSpanContext().isValid()).isFalse();
    }

    @Test
    void aHeadRequestThatIsAnsweredAsAGetHasOneSpan() throws Exception {
        serveRoutes(Routes.of().get("/users/{id}", request -> {
            makeChild();
            return Response.text("x");
        }));

        try (RawClient client = RawClient.connect(server)) {
            client.send(request("HEAD", "/users/7")).readToHeadRequest();
            client.send(get("/users/8")).read();
        }

        List<SpanData> spans = spans(4);
        assertThat(spans)
                .extracting(SpanData::getName)
                .containsExactly("child", "HEAD /users/{id}", "child", "GET /users/{id}");
        assertThat(spans.get(0).getParentSpanId()).isEqualTo(spans.get(1).getSpanId());
        assertThat(attribute(spans.get(1), "http.route")).isEqualTo("/users/{id}");
        assertThat(attribute(spans.get(1), "http.request.method")).isEqualTo("HEAD");
        assertThat(spans.get(2).getParentSpanId()).isEqualTo(spans.get(3).getSpanId());
    }

    @Test
    void aRequestThatAFilterHasWrappedHasOneSpan() throws Exception {
        Handler traced = tracing.around(request -> {
            makeChild();
            return Response.text("x");
        });
        serve(tracing, RequestId.of().around(Routes.of().get("/users/{id}", traced)));

        ask(get("/users/7"));

        assertThat(childAndRequest("GET").getAttributes().get(AttributeKey.stringKey("url.path")))
                .isEqualTo("/users/7");
    }

    @Test
    void aHeadRequestThatAFilterHasWrappedHasOneSpan() throws Exception {
        Handler traced = tracing.around(request -> {
            if (request.method().equals(Method.HEAD)) {
                return null;
            }
            makeChild();
            return Response.text("x");
        });
        serve(tracing, RequestId.of().around(traced));

        try (RawClient client = RawClient.connect(server)) {
            client.send(request("HEAD", "/")).readToHeadRequest();
        }

        childAndRequest("HEAD");
    }

    private SpanData childAndRequest(String name) {
        List<SpanData> spans = spans(2);
        assertThat(spans).extracting(SpanData::getName).containsExactly("child", name);
        assertThat(spans.get(0).getParentSpanId()).isEqualTo(spans.get(1).getSpanId());
        return spans.get(1);
    }

    @Test
    void anObserverAloneMakesSpansAtTheEnd() throws Exception {
        serve(tracing, request -> Response.text("x"));

        ask(get("/", "traceparent: 00-" + TRACE + "-" + CALLER + "-01"));

        assertThat(span().getName()).isEqualTo("GET");
        assertThat(span().getParentSpanId()).isEqualTo(CALLER);
    }

    // ---- failures

    @Test
    void aHandlerThatThrowsIsAnError() throws Exception {
        serveTraced(request -> {
            throw new IllegalStateException("broken");
        });

        ask(get("/"));

        SpanData span = span();
        assertThat(attribute(span, "error.type")).isEqualTo("java.lang.IllegalStateException");
        assertThat(attribute(span, "http.response.status_code")).isEqualTo(500L);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span.getEvents().get(0).getAttributes().get(AttributeKey.stringKey("exception.message")))
                .isEqualTo("broken");
    }

    @Test
    void aLaterResponseThatFailsIsAnError() throws Exception {
        serveTraced(request -> Response.later(CompletableFuture.supplyAsync(() -> {
            throw new IllegalStateException("broken");
        })));

        ask(get("/"));

        assertThat(attribute(span(), "error.type")).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    void anErrorOfTheServerIsNamedByItsStatus() throws Exception {
        serveTraced(request -> Response.of(503));

        ask(get("/"));

        assertThat(attribute(span(), "error.type")).isEqualTo("503");
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void aRequestThatBreaksTheProtocolHasASpanToo() throws Exception {
        serveTraced(request -> Response.text("x"));

        ask("GET / HTTP/1.1\r\nHost : a\r\n\r\n");

        SpanData span = span();
        assertThat(span.getName()).isEqualTo("HTTP");
        assertThat(span.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put("http.request.method", "_OTHER")
                        .put("http.response.status_code", 400)
                        .build()
                        .asMap());
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    }

    @Test
    void aResponseThatItsClientDoesNotTakeIsCut() throws Exception {
        CompletableFuture<Response> promise = new CompletableFuture<>();
        CompletableFuture<Request> called = new CompletableFuture<>();
        serveTraced(request -> {
            called.complete(request);
            return Response.later(promise);
        });
        RawClient client = RawClient.connect(server).send(get("/"));
        Request request = called.get(10, TimeUnit.SECONDS);
        client.reset();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(request::isCancelled);

        promise.complete(Response.text("nobody reads this"));

        assertThat(attribute(span(), "error.type")).isEqualTo("cut");
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void aRequestThatNeverCameWholeIsUnanswered() throws Exception {
        serveTraced(request -> Response.text("x"));

        RawClient.connect(server)
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
                .close();

        assertThat(attribute(span(), "error.type")).isEqualTo("unanswered");
        assertThat(attribute(span(), "http.response.status_code")).isNull();
    }
}
