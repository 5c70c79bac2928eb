package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.server.Handler;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters that need few tests each. */
class FiltersTest {
    /** A deadline that a thread of a busy machine meets unless it is made to wait. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static final Handler WHO = BasicAuth.of("Staff", Map.of("ada", "löve:lace", "nobody", ""))
            .around(request -> Response.text(BasicAuth.user(request)));

    @Test
    void letsInWhoKnowsTheName() throws Exception {
        assertThat(WHO.handle(Requests.of("GET", "/", "Authorization", basic("ada:löve:lace")))
                        .status()
                        .code())
                .isEqualTo(200);
        assertThat(WHO.handle(Requests.of(
                                "GET", "/", "authorization", basic("nobody:").replace("Basic", "bASIC ")))
                        .status()
                        .code())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Basic",
                "Basic ",
                "Basic !!!",
                "Bearer YWRhOmE=",
                "Basic YWRh",
                "Basic YWRhOmE=",
                "Basic Og==",
                "Basic dW5rbm93bjo=",
                "Basic YWRhOv8="
            })
    void keepsOutWhoDoesNot(String authorization) throws Exception {
        Response response = WHO.handle(Requests.of("GET", "/", "Authorization", authorization));

        assertThat(response.status().code()).isEqualTo(401);
        assertThat(response.headers().first("WWW-Authenticate")).isEqualTo("Basic realm=\"Staff\", charset=\"UTF-8\"");
    }

    @Test
    void keepsOutWhoSaysNothingOrTwoThings() throws Exception {
        assertThat(WHO.handle(Requests.of("GET", "/")).status().code()).isEqualTo(401);
        String right = basic("ada:löve:lace");
        assertThat(WHO.handle(Requests.of("GET", "/", "Authorization", right, "Authorization", right))
                        .status()
                        .code())
                .isEqualTo(401);
        assertThatThrownBy(() -> BasicAuth.of("a\"b", Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addsSecurityFieldsThatAreNotThere() throws Exception {
        Filter fields = SecurityFields.of()
                .without("Referrer-Policy")
                .contentSecurityPolicy("default-src 'self'")
                .strictTransportSecurity("max-age=1");
        Headers headers = fields.around(request -> Response.text("a").header("x-frame-options", "SAMEORIGIN"))
                .handle(Requests.of("GET", "/"))
                .headers();

        assertThat(headers.all("X-Frame-Options")).containsExactly("SAMEORIGIN");
        assertThat(headers.first("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(headers.first("Content-Security-Policy")).isEqualTo("default-src 'self'");
        assertThat(headers.contains("Referrer-Policy")).isFalse();
        assertThat(headers.contains("Strict-Transport-Security")).isFalse();
    }

    @Test
    void namesRequests() throws Exception {
        Handler named = RequestId.of().around(request -> Response.text(RequestId.of(request)));
        String first = named.handle(Requests.of("GET", "/", "X-Request-Id", "given"))
                .headers()
                .first("X-Request-Id");
        String second = named.handle(Requests.of("GET", "/")).headers().first("X-Request-Id");

        assertThat(first).matches("[0-9a-f]{32}").isNotEqualTo(second);
    }

    @Test
    void takesTheNameThatATrustedProxyGives() throws Exception {
        Handler named = RequestId.trusting().around(request -> Response.text("a"));

        assertThat(named.handle(Requests.of("GET", "/", "X-Request-Id", "a-1_B.c"))
                        .headers()
                        .first("X-Request-Id"))
                .isEqualTo("a-1_B.c");
        for (String odd : new String[] {"a b", "", "x".repeat(65), "é"}) {
            assertThat(named.handle(Requests.of("GET", "/", "X-Request-Id", odd))
                            .headers()
                            .first("X-Request-Id"))
                    .matches("[0-9a-f]{32}");
        }
    }

    @Test
    void answers504WhenAHandlerIsLateAndInterruptsIt() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Filter deadline = Deadline.of(LIMIT, executor);
        Routes routes = Routes.of()
                .with(deadline)
                .get("/slow", request -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return Response.text("late");
                })
                .get("/never", request -> Response.later(new CompletableFuture<>()));
        try (TestServer server = TestServer.start(routes)) {
            assertThat(server.get("/slow").statusCode()).isEqualTo(504);
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(server.get("/never").statusCode()).isEqualTo(504);
            assertThat(server.get("/none").statusCode()).isEqualTo(404);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void answersInTimeAsTheHandlerDoes() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Filter deadline = Deadline.of(Duration.ofSeconds(30), executor);
        try (TestServer server = TestServer.start(Routes.of()
                .with(deadline)
                .get("/quick", request -> Response.text("quick"))
                .get("/fails", request -> {
                    throw new IllegalStateException("meant");
                }))) {
            HttpResponse<String> quick = server.get("/quick");
            assertThat(quick.body()).isEqualTo("quick");
            assertThat(server.get("/fails").statusCode()).isEqualTo(500);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void answers503WhenTheExecutorTakesNoMore() throws Exception {
        Filter deadline = Deadline.of(Duration.ofSeconds(1), task -> {
            throw new RejectedExecutionException();
        });

        assertThat(deadline.around(request -> Response.text("a"))
                        .handle(Requests.of("GET", "/"))
                        .status()
                        .code())
                .isEqualTo(503);
    }

    @Test
    void closesTheStreamOfAnAnswerThatComesTooLate() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        InputStream stream = new ByteArrayInputStream(new byte[1]) {
            @Override
            public void close() {
                closed.countDown();
            }
        };
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (TestServer server = TestServer.start(Deadline.of(LIMIT, executor).around(request -> {
            for (boolean isOver = false; !isOver; ) {
                try {
                    isOver = answered.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    continue; // a handler that does not notice
                }
            }
            return Response.stream(stream);
        }))) {
            assertThat(server.get("/").statusCode()).isEqualTo(504);
            answered.countDown();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            executor.shutdownNow();
        }
    }
}
