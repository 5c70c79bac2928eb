package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Request bodies in content codings, and the limit of those that are streamed. */
final class RequestCodingTest extends ServerTest {
    private static final int LIMIT = 100_000;

    private static final Handler ECHO = request -> Response.text(request.header("Content-Encoding") + " "
            + request.header("Content-Length") + " " + request.body().text());

    private HttpServer decoding(Handler handler, Dispatch dispatch) throws IOException {
        return serve(handler, options -> options.decompressRequests(true)
                .maxBodyBytes(LIMIT)
                .maxStreamedBodyBytes(LIMIT)
                .dispatch(dispatch));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(coded)) {
            out.write(content);
        }
        return coded.toByteArray();
    }

    private static byte[] gzip(String content) throws IOException {
        return gzip(content.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] zlib(String content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(coded)) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return coded.toByteArray();
    }

    private static RawClient send(RawClient client, String coding, byte[] body) throws IOException {
        return client.send(request(
                        "POST / HTTP/1.1",
                        "Content-Encoding: " + coding,
                        "Content-Type: text/plain",
                        "Content-Length: " + body.length))
                .send(body);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void aHandlerGetsWhatWasCoded(Dispatch dispatch) throws Exception {
        for (Handler handler : List.of(ECHO, Handler.streaming(ECHO))) {
            RawClient client = connect(decoding(handler, dispatch));

            for (String name : List.of("gzip", "x-gzip", "GZip")) {
                assertThat(send(client, name, gzip("h\u00e9llo")).read().text()).isEqualTo("null null h\u00e9llo");
            }
            assertThat(send(client, "deflate", zlib("hello")).read().text()).isEqualTo("null null hello");
            assertThat(send(client, "x-rot13", "uryyb".getBytes(StandardCharsets.US_ASCII))
                            .read()
                            .text())
                    .isEqualTo("null null hello");
            assertThat(send(client, "identity", "hello".getBytes(StandardCharsets.US_ASCII))
                            .read()
                            .text())
                    .isEqualTo("identity 5 hello");
            assertThat(client.send(post("/", "hello")).read().text()).isEqualTo("null 5 hello");
            assertThat(client.send(request("POST / HTTP/1.1", "Content-Encoding: gzip", "Content-Length: 0"))
                            .read()
                            .text())
                    .isEqualTo("gzip 0 ");
        }
    }

    @Test
    void aHandlerGetsBodiesAsTheyWereSentUnlessSwitchedOn() throws Exception {
        RawClient client = connect(serve(request -> Response.text(
                request.header("Content-Encoding") + " " + request.body().bytes().length)));

        assertThat(send(client, "br", new byte[7]).read().text()).isEqualTo("br 7");
    }

    @Test
    void answers415ToOtherCodings() throws Exception {
        for (Handler handler : List.of(ECHO, Handler.streaming(ECHO))) {
            RawClient client = connect(decoding(handler, Dispatch.ADAPTIVE));

            for (String coding : List.of("br", "gzip, gzip", "gzip;q=1", "gz\u00dfip", "*")) {
                RawResponse response = send(client, coding, gzip("hello")).read();
                assertThat(response.status()).as(coding).isEqualTo(415);
                assertThat(response.field("Accept-Encoding")).isEqualTo("x-rot13, gzip, deflate");
            }
            assertThat(client.send(post("/", "hello")).read().text()).isEqualTo("null 5 hello");
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void answers400ToWhatIsNotInItsCoding() throws Exception {
        byte[] cut = gzip("hello");
        byte[] shorter = java.util.Arrays.copyOf(cut, cut.length - 1);
        for (Handler handler : List.of(ECHO, Handler.streaming(ECHO))) {
            RawClient client = connect(decoding(handler, Dispatch.ADAPTIVE));

            for (byte[] body : List.of(shorter, "hello".getBytes(StandardCharsets.US_ASCII))) {
                for (String coding : List.of("gzip", "deflate")) {
                    assertThat(send(client, coding, body).read().status()).isEqualTo(400);
                }
            }
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void aBombEndsAtTheLimit() throws Exception {
        byte[] bomb = gzip(new byte[50 << 20]);
        assertThat(bomb).hasSizeLessThan(LIMIT);
        for (Handler handler : List.of(ECHO, Handler.streaming(ECHO))) {
            RawClient client = connect(decoding(handler, Dispatch.ADAPTIVE));

            assertThat(send(client, "gzip", bomb).read().status()).isEqualTo(413);
            RawClient next = connect(decoding(handler, Dispatch.ADAPTIVE));
            assertThat(send(next, "gzip", gzip(new byte[LIMIT])).read().status())
                    .isEqualTo(200);
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    // ---- streamed bodies

    @Test
    void aStreamedBodyOfTheLimitIsRead() throws Exception {
        RawClient client = connect(decoding(
                Handler.streaming(request -> Response.text("" + request.body().bytes().length)), Dispatch.ADAPTIVE));

        assertThat(client.send(post("/", "x".repeat(LIMIT))).read().text()).isEqualTo("" + LIMIT);
    }

    @Test
    void aHandlerIsNotCalledForAStreamedBodyThatIsAnnouncedLonger() throws Exception {
        RawClient client = connect(decoding(
                Handler.streaming(request -> {
                    throw new AssertionError("called");
                }),
                Dispatch.ADAPTIVE));

        client.send(request("POST / HTTP/1.1", "Content-Length: " + (LIMIT + 1), "Expect: 100-continue"));

        assertThat(client.read().status()).isEqualTo(413);
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamedBodyBreaksOffAtTheLimit(boolean catches) throws Exception {
        RawClient client = connect(decoding(
                Handler.streaming(request -> {
                    try {
                        return Response.text("" + request.body().bytes().length);
                    } catch (IOException e) {
                        if (catches) {
                            return Response.text("my own").status(413);
                        }
                        throw e;
                    }
                }),
                Dispatch.ADAPTIVE));
        client.send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked"));
        for (int sent = 0; sent <= LIMIT; sent += 10_000) {
            client.send(chunk("x".repeat(10_000)));
        }

        RawResponse response = client.read();

        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).isEqualTo(catches ? "my own" : "Content Too Large");
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void aClientIsHeldThatSendsMoreThanItMayToAHandlerThatDoesNotRead() throws Exception {
        java.util.concurrent.CountDownLatch answered = new java.util.concurrent.CountDownLatch(1);
        RawClient client = connect(decoding(
                Handler.streaming(request -> {
                    hold(answered);
                    return Response.text("late");
                }),
                Dispatch.WORKER));
        client.send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked"));
        byte[] piece = chunk("x".repeat(10_000)).getBytes(StandardCharsets.US_ASCII);

        long sent = client.sendUntilHeld(piece, A_MOMENT, 200 << 20);

        assertThat(sent).isLessThan(100 << 20);
        answered.countDown();
        assertThat(client.read().text()).isEqualTo("late");
    }
}
