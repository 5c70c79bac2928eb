package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.httpkit.http.Headers;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.ErrorPages;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Problem;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients get to read where the server answers by itself. */
final class ErrorPagesTest extends ServerTest {
    private static final ErrorPages PAGES =
            (status, reason, request) -> Response.html("<h1>" + status + "</h1>" + reason + " " + request)
                    .header("Access-Control-Allow-Origin", "*");

    private static final Handler HANDLER = request -> switch (request.path()) {
        case "/missing" -> Response.file(Path.of("/nowhere"));
        case "/failing" -> throw new IOException("secret");
        case "/stream" ->
            Response.stream(out -> {
                throw new IOException("secret");
            });
        case "/page" -> Response.text("page ".repeat(1000)).header("ETag", "\"v1\"");
        case "/own" -> Response.text("own").status(404);
        case "/read" -> Response.text(request.body().text());
        default -> null;
    };

    private HttpServer paged(Handler handler, ErrorPages pages, UnaryOperator<HttpServer.Builder> options)
            throws IOException {
        return serve(handler, builder -> options.apply(builder.errorPages(pages)));
    }

    private static void assertPage(RawResponse response, int status, String text) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.text()).contains("<h1>" + status + "</h1>" + text);
        assertThat(response.fields("Content-Type")).containsExactly("text/html; charset=utf-8");
        assertThat(response.field("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(response.isComplete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void shapesWhatBecomesOfARequest(Dispatch dispatch) throws Exception {
        RawClient client = connect(
                paged(HANDLER, PAGES, options -> options.dispatch(dispatch).compression(Compression.on())));

        for (int round = 0; round < 3; round++) {
            assertPage(client.send(get("/")).read(), 404, "Not Found GET /");
            assertPage(client.send(get("/missing")).read(), 404, "Not Found GET /missing");
            assertPage(client.send(get("/failing")).read(), 500, "Internal Server Error GET /failing");
            assertPage(client.send(get("/stream")).read(), 500, "Internal Server Error GET /stream");
            assertPage(client.send(get("/page", "If-Match: \"v0\"")).read(), 412, "Precondition Failed");
            RawResponse unsatisfiable =
                    client.send(get("/page", "Range: bytes=9999-")).read();
            assertPage(unsatisfiable, 416, "Range Not Satisfiable");
            assertThat(unsatisfiable.field("Content-Range")).isEqualTo("bytes */5000");
            assertPage(
                    client.send(get("/page", "Accept-Encoding: identity;q=0")).read(), 406, "Not Acceptable");
            assertThat(client.send(get("/own")).read().text()).isEqualTo("own");
            assertThat(client.send(request("HEAD / HTTP/1.1"))
                            .readToHeadRequest()
                            .field("Content-Type"))
                    .isEqualTo("text/html; charset=utf-8");
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void shapesRefusals(Dispatch dispatch) throws Exception {
        HttpServer server = paged(HANDLER, PAGES, options -> options.dispatch(dispatch)
                .maxBodyBytes(10)
                .maxLineBytes(64)
                .maxHeaderCount(3));

        for (String[] refused : new String[][] {
            {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400", "White space in or after a field name"},
            {"GET / HTTP/3.0\r\n\r\n", "505", "The major version"},
            {"GET /" + "a".repeat(100) + " HTTP/1.1\r\n", "414", "The request line is too long"},
            {get("/", "A: 1", "B: 2", "C: 3"), "431", ""},
            {post("/read", "more than ten bytes"), "413", "The body is larger"},
            {request("CONNECT a:1 HTTP/1.1"), "405", "This server is no proxy"},
            {request("POST / HTTP/1.1", "Expect: x", "Content-Length: 1"), "417", "Only 100-continue"}
        }) {
            RawClient client = connect(server).send(refused[0]);

            RawResponse response = client.read();

            assertPage(response, Integer.parseInt(refused[1]), refused[2]);
            assertThat(response.field("Connection")).isEqualTo("close");
            client.awaitEnd();
        }
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void shapesTheRefusalOfASlowHeadAndOfASlowBody() throws Exception {
        HttpServer forHeads = paged(HANDLER, PAGES, options -> options.headerTimeout(A_WHILE));
        HttpServer forBodies = paged(HANDLER, PAGES, options -> options.bodyTimeout(Duration.ofMillis(100)));

        assertPage(connect(forHeads).send("GET / HT").read(), 408, "The request head took too long");
        assertPage(
                connect(forBodies)
                        .send(request("POST /read HTTP/1.1", "Content-Length: 10"))
                        .read(),
                408,
                "The request body came too slowly");
    }

    @Test
    void aPageThatFailsOrIsNoneLeavesPlainText() throws Exception {
        AtomicInteger round = new AtomicInteger();
        ErrorPages pages = (status, reason, request) -> switch (round.getAndIncrement() % 5) {
            case 0 -> throw new IllegalStateException("no page");
            case 1 -> null;
            case 2 -> Response.later(new java.util.concurrent.CompletableFuture<>());
            case 3 -> Response.file(Path.of("/nowhere"));
            default ->
                Response.stream(out -> {
                    throw new IOException("no page");
                });
        };
        HttpServer server = paged(HANDLER, pages, options -> options);
        RawClient client = connect(server);

        for (int i = 0; i < 10; i++) {
            RawResponse response = client.send(get("/failing")).read();
            assertThat(response.status()).isIn(404, 500);
            assertThat(response.text()).isIn("", "Internal Server Error");
        }
        for (int i = 0; i < 5; i++) {
            RawResponse refused = connect(server).send("BROKEN\r\n\r\n").read();
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.text()).startsWith("The request line is not");
        }
        assertThat(observer.pageFailures()).hasSizeGreaterThan(2);
    }

    @Test
    void aRefusalWaitsASecondForItsPage() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        HttpServer server = paged(
                HANDLER,
                (status, reason, request) -> {
                    if (status == 400) {
                        hold(end);
                    }
                    return Response.text("late");
                },
                options -> options);

        RawResponse response = connect(server).send("BROKEN\r\n\r\n").read();

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.text()).startsWith("The request line is not");
        end.countDown();
    }

    @Test
    void aPageMakesNoChannelOfARefusedRequest() throws Exception {
        HttpServer server = paged(
                HANDLER,
                (status, reason, request) ->
                        request == null ? null : request.asChannel(new OpenListener(channel -> channel.send("sent"))),
                options -> options);

        RawResponse response =
                connect(server).send(request("CONNECT a:1 HTTP/1.1")).read();

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.text()).startsWith("This server is no proxy");
    }

    @Test
    void thePageForAWorkerWithoutRoomIsMadeBeforehand() throws Exception {
        HttpServer server = paged(
                HANDLER,
                PAGES,
                options -> options.worker(task -> {
                    throw new RejectedExecutionException("full");
                }));

        RawResponse response = connect(server).send(get("/")).read();

        assertPage(response, 503, "Service Unavailable null");
        assertThat(response.field("Retry-After")).isEqualTo("1");
    }

    @Test
    void problemsAreReadyMade() throws Exception {
        RawClient client = connect(paged(HANDLER, Problem::json, options -> options));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.text()).isEqualTo("{\"status\":404,\"title\":\"Not Found\"}");
        assertThat(response.field("Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void aHeadIsAnsweredByGet() throws Exception {
        Handler site = request -> switch (request.method() + " " + request.path()) {
            case "GET /" -> Response.text("hello").header("ETag", "\"v1\"");
            case "HEAD /own" -> Response.of(204);
            default -> null;
        };
        RawClient client = connect(serve(site));

        RawResponse response = client.send(request("HEAD / HTTP/1.1")).readToHeadRequest();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("Content-Length")).isEqualTo("5");
        assertThat(response.field("Accept-Ranges")).isEqualTo("bytes");
        assertThat(client.send(request("HEAD /own HTTP/1.1"))
                        .readToHeadRequest()
                        .status())
                .isEqualTo(204);
        assertThat(client.send(request("HEAD /none HTTP/1.1"))
                        .readToHeadRequest()
                        .status())
                .isEqualTo(404);
        assertThat(client.send(request("HEAD / HTTP/1.1", "If-None-Match: \"v1\""))
                        .readToHeadRequest()
                        .status())
                .isEqualTo(304);
        assertThat(client.send(get("/")).read().text()).isEqualTo("hello");
    }

    @Test
    void keepsTheContentTypeBesideFieldsThatNameNone() throws Exception {
        RawClient client = connect(
                serve(request -> Response.text("hello").headers(Headers.of("Set-Cookie", "a=1", "Set-Cookie", "b=2"))));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.field("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(response.fields("Set-Cookie")).isEqualTo(List.of("a=1", "b=2"));
    }
}
