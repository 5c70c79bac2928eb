package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorsTest {
    private static final String ORIGIN = "https://app.example";
    private static final Handler HELLO = request -> Response.text("hello");
    private static final Cors CORS = Cors.of(ORIGIN, "http://localhost:3000")
            .methods(Method.GET, Method.PUT)
            .headers("Content-Type", "X-Token")
            .expose("X-Total")
            .maxAge(Duration.ofMinutes(1));

    private static Headers ask(Filter cors, Handler handler, String method, String... fields) throws Exception {
        return cors.around(handler).handle(Requests.of(method, "/", fields)).headers();
    }

    @Test
    void letsAnAllowedOriginRead() throws Exception {
        Headers headers = ask(CORS, HELLO, "GET", "Origin", ORIGIN);

        assertThat(headers.first("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
        assertThat(headers.first("Access-Control-Expose-Headers")).isEqualTo("X-Total");
        assertThat(headers.first("Access-Control-Allow-Credentials")).isNull();
        assertThat(headers.first("Vary")).isEqualTo("Origin");
        assertThat(headers.first("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "https://app.example.evil.example",
                "http://app.example",
                "https://app.example:8443",
                "https://APP.example",
                "https://app.example/",
                "null",
                "*",
                ""
            })
    void letsNoOtherOriginRead(String origin) throws Exception {
        Headers headers = ask(CORS, HELLO, "GET", "Origin", origin);

        assertThat(headers.first("Access-Control-Allow-Origin")).isNull();
        assertThat(headers.first("Vary")).isEqualTo("Origin");
    }

    @Test
    void believesNoneOfTwoOrigins() throws Exception {
        assertThat(ask(CORS, HELLO, "GET", "Origin", ORIGIN, "Origin", ORIGIN).first("Access-Control-Allow-Origin"))
                .isNull();
    }

    @Test
    void variesForRequestsWithoutAnOriginToo() throws Exception {
        Handler varying = request -> Response.text("a").header("Vary", "Accept-Encoding");

        assertThat(ask(CORS, varying, "GET").all("Vary")).containsExactly("Accept-Encoding", "Origin");
        assertThat(ask(CORS, request -> Response.text("a").header("Vary", "origin"), "GET")
                        .all("Vary"))
                .containsExactly("origin");
    }

    @Test
    void answersAPreflightRequest() throws Exception {
        Handler never = request -> {
            throw new AssertionError("asked");
        };
        Headers headers = ask(
                CORS,
                never,
                "OPTIONS",
                "Origin",
                ORIGIN,
                "Access-Control-Request-Method",
                "PUT",
                "Access-Control-Request-Headers",
                "content-type, x-token");

        assertThat(headers.first("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
        assertThat(headers.first("Access-Control-Allow-Methods")).isEqualTo("GET, PUT");
        assertThat(headers.first("Access-Control-Allow-Headers")).isEqualTo("Content-Type, X-Token");
        assertThat(headers.first("Access-Control-Max-Age")).isEqualTo("60");
        assertThat(headers.first("Vary"))
                .isEqualTo("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.example, PUT, content-type",
        "https://app.example, DELETE, content-type",
        "https://app.example, put, content-type",
        "https://app.example, PUT, authorization",
        "https://app.example, PUT, 'content-type, x-other'"
    })
    void allowsNothingToAPreflightRequestForMore(String origin, String method, String fields) throws Exception {
        Headers headers = ask(
                CORS,
                HELLO,
                "OPTIONS",
                "Origin",
                origin,
                "Access-Control-Request-Method",
                method,
                "Access-Control-Request-Headers",
                fields);

        assertThat(headers.first("Access-Control-Allow-Origin")).isNull();
        assertThat(headers.first("Access-Control-Allow-Methods")).isNull();
    }

    @Test
    void handsOnOptionsThatAreNoPreflightRequest() throws Exception {
        Response response = CORS.around(HELLO).handle(Requests.of("OPTIONS", "/", "Origin", ORIGIN));

        assertThat(response.body()).isEqualTo(new ResponseBody.Text("hello"));
    }

    @Test
    void reachesWhatRoutesAnswerByThemselves() throws Exception {
        Routes routes = Routes.of().with(CORS).put("/a", HELLO);
        Response preflight =
                routes.handle(Requests.of("OPTIONS", "/a", "Origin", ORIGIN, "Access-Control-Request-Method", "PUT"));
        Response missing = routes.handle(Requests.of("GET", "/none", "Origin", ORIGIN));

        assertThat(preflight.headers().first("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
        assertThat(missing.status().code()).isEqualTo(404);
        assertThat(missing.headers().first("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
    }

    @Test
    void reachesResponsesThatComeLater() throws Exception {
        Response later = CORS.around(request -> Response.later(CompletableFuture.completedFuture(null)))
                .handle(Requests.of("GET", "/", "Origin", ORIGIN));
        Response come = ((ResponseBody.Later) later.body())
                .response()
                .toCompletableFuture()
                .join();

        assertThat(come.status().code()).isEqualTo(404);
        assertThat(come.headers().first("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
    }

    @Test
    void sendsCredentialsOnlyToOriginsThatAreNamed() throws Exception {
        assertThat(ask(CORS.credentials(), HELLO, "GET", "Origin", ORIGIN).first("Access-Control-Allow-Credentials"))
                .isEqualTo("true");
        assertThatThrownBy(() -> Cors.everyOrigin().credentials()).isInstanceOf(IllegalStateException.class);
        Headers every = ask(Cors.everyOrigin(), HELLO, "GET", "Origin", "https://any.example");
        assertThat(every.first("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(every.first("Vary")).isNull();
    }

    @Test
    void letsEveryOriginReadWhatACacheHasKeptOfARequestWithoutOne() throws Exception {
        Headers headers = ask(Cors.everyOrigin().expose("X-Total"), HELLO, "GET");

        assertThat(headers.first("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(headers.first("Access-Control-Expose-Headers")).isEqualTo("X-Total");
        assertThat(headers.first("Vary")).isNull();
        assertThat(ask(CORS, HELLO, "GET").first("Access-Control-Allow-Origin")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "null", "app.example", "https://app.example/", "https://*.example", "https://App.example"})
    void refusesWhatIsNoOrigin(String origin) {
        assertThatThrownBy(() -> Cors.of(origin)).isInstanceOf(IllegalArgumentException.class);
    }
}
