package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Bodies that are collected before the handler is called, and their limit (RFC 9112 section 6). */
final class RequestBodyTest extends ServerTest {
    private static final Handler ECHO = request -> Response.text(request.body().text())
            .header("X-Length", Long.toString(request.body().length()));
    private static final String CHUNKED = request("POST / HTTP/1.1", "Transfer-Encoding: chunked");

    @Test
    void givesTheBodyAndItsLength() throws Exception {
        RawClient client = connect(serve(ECHO));

        RawResponse declared = client.send(post("/", "hello")).read();
        RawResponse chunked =
                client.send(CHUNKED + chunk("hel") + chunk("lo") + "0\r\n\r\n").read();

        assertThat(declared.text()).isEqualTo("hello");
        assertThat(declared.field("X-Length")).isEqualTo("5");
        assertThat(chunked.text()).isEqualTo("hello");
        assertThat(chunked.field("X-Length")).isEqualTo("5");
    }

    @Test
    void givesAnEmptyBodyIfThereIsNone() throws Exception {
        RawResponse response = connect(serve(ECHO)).send(get("/")).read();

        assertThat(response.text()).isEmpty();
        assertThat(response.field("X-Length")).isEqualTo("0");
    }

    @Test
    void givesTrailers() throws Exception {
        HttpServer server =
                serve(request -> Response.text(request.trailers().all("X-Sum").toString()));

        RawResponse response = connect(server)
                .send(CHUNKED + chunk("data") + "0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n")
                .read();

        assertThat(response.text()).isEqualTo("[1, 2]");
    }

    @Test
    void decodesTextByTheCharsetNamed() throws Exception {
        RawClient client = connect(serve(request -> Response.text(request.body().text())));

        assertThat(client.send(post("/", "\u00e9", "Content-Type: text/plain; charset=ISO-8859-1"))
                        .read()
                        .text())
                .isEqualTo("\u00e9");
        assertThat(client.send(post("/", "\u00c3\u00a9", "Content-Type: text/plain; charset=unheard-of"))
                        .read()
                        .text())
                .isEqualTo("\u00e9");
    }

    @Test
    void collectsABodyOfManyMegabytes() throws Exception {
        HttpServer server = serve(request ->
                Response.text(Integer.toString(Arrays.hashCode(request.body().bytes()))));
        byte[] body = new byte[5 << 20];
        new Random(1).nextBytes(body);
        RawClient client = connect(server);

        client.send(request("POST / HTTP/1.1", "Content-Length: " + body.length))
                .send(body);

        assertThat(client.read().text()).isEqualTo(Integer.toString(Arrays.hashCode(body)));
    }

    @Test
    void acceptsABodyAsLongAsTheLimit() throws Exception {
        RawClient client = connect(serve(ECHO, options -> options.maxBodyBytes(5)));

        assertThat(client.send(post("/", "hello")).read().text()).isEqualTo("hello");
        assertThat(client.send(CHUNKED + chunk("hel") + chunk("lo") + "0\r\n\r\n")
                        .read()
                        .text())
                .isEqualTo("hello");
    }

    @Test
    void refusesADeclaredBodyOverTheLimitBeforeItComes() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        HttpServer server = serve(
                request -> {
                    handled.incrementAndGet();
                    return Response.of(200);
                },
                options -> options.maxBodyBytes(5));
        RawClient client = connect(server);

        RawResponse response =
                client.send(request("POST / HTTP/1.1", "Content-Length: 6")).read();

        assertThat(response.status()).isEqualTo(413);
        assertThat(response.saysClose()).isTrue();
        assertThat(handled).hasValue(0);
        eventually(() -> assertThat(observer.statuses()).containsExactly(413));
    }

    @Test
    void refusesADeclaredLengthThatNoMemoryCouldHold() throws Exception {
        RawClient client = connect(serve(ECHO));

        client.send(request("POST / HTTP/1.1", "Content-Length: 9223372036854775807"));

        assertThat(client.read().status()).isEqualTo(413);
    }

    @Test
    void refusesAChunkThatWouldExceedTheLimitBeforeItComes() throws Exception {
        RawClient client = connect(serve(ECHO, options -> options.maxBodyBytes(5)));

        client.send(CHUNKED + chunk("hell") + "2\r\n");

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.saysClose()).isTrue();
    }

    @Test
    void takesEveryBodyAsTooLargeIfTheLimitIsZero() throws Exception {
        HttpServer server = serve(ECHO, options -> options.maxBodyBytes(0));

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200);
        assertThat(connect(server).send(post("/", "")).read().status()).isEqualTo(200);
        assertThat(connect(server).send(post("/", "x")).read().status()).isEqualTo(413);
    }

    @Test
    void holdsNoMoreMemoryThanHasArrived() throws Exception {
        HttpServer server = serve(ECHO, options -> options.maxBodyBytes(Integer.MAX_VALUE - 8));

        for (int i = 0; i < 200; i++) {
            connect(server).send(request("POST / HTTP/1.1", "Content-Length: 2000000000") + "x");
        }

        RawClient client = connect(server);
        assertThat(client.send(post("/", "still here")).read().text()).isEqualTo("still here");
    }

    @Test
    void closesIfTheClientEndsWithinTheBody() throws Exception {
        RawClient client = connect(serve(ECHO));

        client.send(request("POST / HTTP/1.1", "Content-Length: 10") + "five!").endOutput();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void readsTextOfManyScripts() throws Exception {
        String text = "h\u00e9llo \u4e16\u754c \ud83d\ude00";
        RawClient client = connect(serve(ECHO));

        client.send(post("/", new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));

        assertThat(client.read().text()).isEqualTo(text);
    }
}
