package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawResponse.Framing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Status line, fields and framing of responses (RFC 9110 section 6.4, RFC 9112 section 6). */
final class ResponseHeadTest extends ServerTest {

    @Test
    void sendsFieldsAsGivenAndInOrder() throws Exception {
        Headers fields = Headers.of("ETag", "\"1\"", "x-lower", "a", "Set-Cookie", "a=1", "Set-Cookie", "b=2");
        RawClient client = connect(serve(request -> Response.of(200).headers(fields)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields().stream().map(RawResponse.Field::toString))
                .containsSubsequence("ETag: \"1\"", "x-lower: a", "Set-Cookie: a=1", "Set-Cookie: b=2");
    }

    @Test
    void datesEachResponseWithTheCurrentTime() throws Exception {
        RawClient client = connect(serve(request -> Response.of(200)));

        String date = client.send(get("/")).read().field("Date");

        assertThat(date).matches("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT");
        Instant sent =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertThat(Duration.between(sent, Instant.now())).isBetween(Duration.ofSeconds(-1), Duration.ofSeconds(3));
    }

    @Test
    void namesItselfHttpKitUnlessToldOtherwise() throws Exception {
        RawClient usual = connect(serve(request -> Response.of(200)));
        RawClient named = connect(serve(request -> Response.of(200), options -> options.serverHeader("mine/1")));
        RawClient nameless = connect(serve(request -> Response.of(200), options -> options.serverHeader(null)));

        assertThat(usual.send(get("/")).read().fields("Server")).containsExactly("httpkit");
        assertThat(named.send(get("/")).read().fields("Server")).containsExactly("mine/1");
        assertThat(nameless.send(get("/")).read().fields("Server")).isEmpty();
    }

    @Test
    void keepsTheHandlersOwnDateAndServer() throws Exception {
        String date = "Thu, 01 Jan 1970 00:00:00 GMT";
        RawClient client =
                connect(serve(request -> Response.of(200).header("date", date).header("server", "other")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("Date")).containsExactly(date);
        assertThat(response.fields("Server")).containsExactly("other");
    }

    @Test
    void inventsNoContentType() throws Exception {
        RawClient client = connect(serve(request -> Response.of(200)));

        assertThat(client.send(get("/")).read().field("Content-Type")).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 299, 301, 404, 418, 499, 503, 599})
    void sendsTheStatusWithItsReason(int status) throws Exception {
        RawClient client = connect(serve(request -> Response.of(status)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.statusLine())
                .isEqualTo("HTTP/1.1 " + status + " " + Status.of(status).reason());
        eventually(() -> assertThat(observer.statuses()).containsExactly(status));
    }

    // ---- framing

    @Test
    void replacesTheHandlersFraming() throws Exception {
        RawClient client = connect(serve(request -> Response.text("three")
                .header("Content-Length", "99")
                .header("Transfer-Encoding", "gzip, chunked")
                .header("Connection", "keep-alive, upgrade")
                .header("Keep-Alive", "timeout=5")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("Content-Length")).containsExactly("5");
        assertThat(response.fields("Transfer-Encoding")).isEmpty();
        assertThat(response.fields("Connection")).isEmpty();
        assertThat(response.text()).isEqualTo("three");
        assertThat(client.send(get("/")).read().text()).isEqualTo("three");
    }

    @Test
    void saysALengthOfZeroForAnEmptyResponse() throws Exception {
        RawClient client = connect(serve(request -> Response.of(200)));

        assertThat(client.send(get("/")).read().fields("Content-Length")).containsExactly("0");
    }

    @Test
    void answersHeadWithTheLengthOfGetAndNoBody() throws Exception {
        RawClient client = connect(serve(request -> Response.text("hello")));

        RawResponse head = client.send(request("HEAD / HTTP/1.1")).readToHeadRequest();
        RawResponse get = client.send(get("/")).read();

        assertThat(head.fields("Content-Length")).containsExactly("5");
        assertThat(head.field("Content-Type")).isEqualTo(get.field("Content-Type"));
        assertThat(get.text()).isEqualTo("hello");
    }

    @Test
    void keepsTheHandlersLengthForHeadWithoutABody() throws Exception {
        RawClient client = connect(serve(request -> Response.of(200).header("Content-Length", "1234")));

        RawResponse head = client.send(request("HEAD / HTTP/1.1")).readToHeadRequest();

        assertThat(head.fields("Content-Length")).containsExactly("1234");
        assertThat(client.send(request("HEAD / HTTP/1.1")).readToHeadRequest().status())
                .isEqualTo(200);
    }

    @Test
    void sends204WithoutBodyAndLength() throws Exception {
        RawClient client =
                connect(serve(request -> Response.text("no").status(204).header("Content-Length", "2")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.field("Content-Length")).isNull();
        assertThat(response.field("Transfer-Encoding")).isNull();
        assertThat(client.send(get("/")).read().status()).isEqualTo(204);
    }

    @Test
    void sends304WithoutBody() throws Exception {
        RawClient client =
                connect(serve(request -> Response.text("no").status(304).header("ETag", "\"1\"")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(304);
        assertThat(response.field("Transfer-Encoding")).isNull();
        assertThat(client.send(get("/")).read().field("ETag")).isEqualTo("\"1\"");
    }

    @Test
    void sends205WithLengthZero() throws Exception {
        RawClient client = connect(serve(request -> Response.text("no").status(205)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("Content-Length")).containsExactly("0");
        assertThat(response.body()).isEmpty();
        assertThat(client.send(get("/")).read().status()).isEqualTo(205);
    }

    @Test
    void delimitsAStreamByTheEndForHttp10() throws Exception {
        RawClient client = connect(serve(request -> Response.pieces(List.of("a", "b", "c"))));

        RawResponse response =
                client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();

        assertThat(response.framing()).isEqualTo(Framing.TO_END);
        assertThat(response.text()).isEqualTo("abc");
        assertThat(response.field("Connection")).isNotEqualToIgnoringCase("keep-alive");
    }

    // ---- response splitting

    @Test
    void answers500IfTheHandlerSplitsAFieldsValue() throws Exception {
        RawClient client = connect(serve(request -> Response.of(200).header("X-Name", "a\r\nSet-Cookie: stolen=1")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.field("Set-Cookie")).isNull();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: y", "a\nX: y", "a\rX", "a\0b", "\u0130"})
    void answers500IfUncheckedFieldsHoldAControlCharacter(String value) throws Exception {
        RawClient client = connect(serve(request -> Response.of(200).headers(new UncheckedField("X-Name", value))));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.field("X-Name")).isNull();
        assertThat(observer.handlerFailures()).hasSize(1);
        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb", "é"})
    void answers500IfAnUncheckedFieldsNameIsNoToken(String name) throws Exception {
        RawClient client = connect(serve(request -> Response.of(200).headers(new UncheckedField(name, "v"))));

        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    // ---- interim responses

    @Test
    void sendsEarlyHintsAheadOfTheResponse() throws Exception {
        HttpServer server = serve(request -> {
            request.sendEarlyHints(Headers.of("Link", "</a.css>; rel=preload"));
            return Response.text("page");
        });
        RawClient client = connect(server);

        RawResponse hints = client.send(get("/")).read();

        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.field("Link")).isEqualTo("</a.css>; rel=preload");
        assertThat(client.read().text()).isEqualTo("page");
    }

    @Test
    void sendsNoEarlyHintsToHttp10() throws Exception {
        HttpServer server = serve(request -> {
            request.sendEarlyHints(Headers.of("Link", "</a.css>; rel=preload"));
            return Response.text("page");
        });

        assertThat(connect(server).send("GET / HTTP/1.0\r\n\r\n").read().text()).isEqualTo("page");
    }
}
