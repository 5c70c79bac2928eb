package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Responses that the application begins, and whose bodies it writes when and where it likes. */
final class BegunResponseTest extends ServerTest {
    private static final int INTERNAL_ERROR = 2;
    private static final Response OK = Response.of(200);

    /** Writes these texts, each flushed, and closes. */
    private static Handler writing(long length, String... texts) {
        return request -> {
            try (OutputStream body = request.beginResponse(OK, length)) {
                for (String text : texts) {
                    body.write(text.getBytes(StandardCharsets.US_ASCII));
                    body.flush();
                }
            }
            return null;
        };
    }

    private RawHttp2 http2(HttpServer server) throws IOException {
        return closeLater(RawHttp2.connect(server));
    }

    @ParameterizedTest
    @EnumSource(value = Dispatch.class, mode = EnumSource.Mode.EXCLUDE, names = "INLINE")
    void sendsTheDeclaredLengthAndGoesOn(Dispatch dispatch) throws Exception {
        HttpServer server = serve(writing(6, "abc", "def"), options -> options.dispatch(dispatch));
        RawClient client = connect(server);

        for (int i = 0; i < 3; i++) {
            RawResponse response = client.send(get("/")).read();
            assertThat(response.field("Content-Length")).isEqualTo("6");
            assertThat(response.text()).isEqualTo("abcdef");
        }
    }

    @Test
    void sendsTheDeclaredLengthOverHttp2() throws Exception {
        RawHttp2 client = http2(serve(writing(6, "abc", "def")));

        RawHttp2.Answer answer = client.await(client.get("/"));

        assertThat(answer.field("content-length")).isEqualTo("6");
        assertThat(answer.text()).isEqualTo("abcdef");
        assertThat(client.await(client.get("/")).text()).isEqualTo("abcdef");
    }

    @Test
    void sendsChunksIfNoLengthIsDeclared() throws Exception {
        RawResponse response =
                connect(serve(writing(-1, "abc", "def"))).send(get("/")).read();

        assertThat(response.framing()).isEqualTo(RawResponse.Framing.CHUNKED);
        assertThat(response.text()).isEqualTo("abcdef");
    }

    @Test
    void closesTheConnectionBelowTheDeclaredLength() throws Exception {
        RawClient client = connect(serve(writing(6, "abc"))).send(get("/"));

        assertThat(client.readHead().field("Content-Length")).isEqualTo("6");
        assertThat(client.readBytes(3)).isEqualTo("abc".getBytes(StandardCharsets.US_ASCII));
        client.awaitEnd();
        eventually(() -> assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IOException.class));
    }

    @Test
    void resetsTheStreamBelowTheDeclaredLength() throws Exception {
        HttpServer server = serve(request -> request.path().equals("/short")
                ? writing(6, "abc").handle(request)
                : writing(3, "abc").handle(request));
        RawHttp2 client = http2(server);

        RawHttp2.Answer answer = client.await(client.get("/short"));

        assertThat(answer.resetCode()).isEqualTo(INTERNAL_ERROR);
        assertThat(client.await(client.get("/")).text()).isEqualTo("abc");
    }

    @Test
    void tellsTheWriterThatItWritesTooMuchAndClosesTheConnection() throws Exception {
        BlockingQueue<IOException> thrown = new LinkedBlockingQueue<>();
        HttpServer server = serve(request -> {
            OutputStream body = request.beginResponse(OK, 3);
            body.write('a');
            body.flush();
            try {
                body.write(new byte[3]);
            } catch (IOException e) {
                thrown.add(e);
            }
            return null;
        });

        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().field("Content-Length")).isEqualTo("3");
        client.readBytes(1);
        client.awaitEnd();
        assertThat(thrown.poll(10, TimeUnit.SECONDS)).hasMessageContaining("more than the 3");
    }

    @Test
    void answersHeadAndNotModifiedWithoutContent() throws Exception {
        HttpServer server = serve(request -> {
            Response head = Response.of(request.path().equals("/304") ? 304 : 200);
            try (OutputStream body = request.beginResponse(head, 3)) {
                body.write("abc".getBytes(StandardCharsets.US_ASCII));
            }
            return null;
        });
        RawClient client = connect(server);

        assertThat(client.send(request("HEAD / HTTP/1.1")).readToHeadRequest().field("Content-Length"))
                .isEqualTo("3");
        assertThat(client.send(get("/304")).read().status()).isEqualTo(304);
        assertThat(client.send(get("/")).read().text()).isEqualTo("abc");
    }

    @Test
    void answersHeadWithoutContentOverHttp2() throws Exception {
        RawHttp2 client = http2(serve(writing(3, "abc")));

        int id = client.open(true, RawHttp2.request("HEAD", "/"));

        assertThat(client.await(id).field("content-length")).isEqualTo("3");
        assertThat(client.await(id).body()).isEmpty();
    }

    @Test
    void endsTheConnectionOfAnHttp10ClientBehindALengthThatIsNotKnown() throws Exception {
        RawClient client = connect(serve(writing(-1, "abc", "def"))).send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");

        assertThat(client.read().text()).isEqualTo("abcdef");
    }

    @Test
    void isWrittenByAnotherThreadAfterTheHandlerHasReturned() throws Exception {
        CompletableFuture<OutputStream> begun = new CompletableFuture<>();
        HttpServer server = serve(request -> {
            begun.complete(request.beginResponse(OK, 5));
            return Response.text("does not count");
        });
        RawClient client = connect(server).send(get("/"));

        OutputStream body = begun.get(10, TimeUnit.SECONDS);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        body.write("hello".getBytes(StandardCharsets.US_ASCII));
        body.close();

        assertThat(client.read().text()).isEqualTo("hello");
    }

    @Test
    void holdsTheWriterOfAClientThatDoesNotRead() throws Exception {
        CompletableFuture<Long> written = new CompletableFuture<>();
        long length = 64 << 20;
        HttpServer server = serve(request -> {
            try (OutputStream body = request.beginResponse(OK, length)) {
                byte[] piece = new byte[1 << 20];
                for (long left = length; left > 0; left -= piece.length) {
                    body.write(piece);
                }
            }
            written.complete(length);
            return null;
        });
        RawClient client = connect(server, 8192).send(get("/"));

        assertThat(client.readHead().field("Content-Length")).isEqualTo("" + length);
        assertThat(written).isNotDone();
        assertThat(server.stats().queuedBytes()).isLessThan(8 << 20);
    }

    @Test
    void isCutIfTheHandlerThrows() throws Exception {
        HttpServer server = serve(request -> {
            OutputStream body = request.beginResponse(OK, 3);
            body.write('a');
            body.flush();
            throw new IllegalStateException("on purpose");
        });
        RawClient client = connect(server).send(get("/"));

        assertThat(client.readHead().status()).isEqualTo(200);
        client.readBytes(1);
        client.awaitEnd();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void cannotBeginOnAnEventLoop() throws Exception {
        HttpServer server = serve(writing(3, "abc"), options -> options.dispatch(Dispatch.INLINE));

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(500);
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void leavesAWebSocketRequestToTheApplication() throws Exception {
        HttpServer server = serve(writing(3, "abc"));
        String upgrade = get(
                "/",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

        assertThat(connect(server).send(upgrade).read().text()).isEqualTo("abc");
    }

    @Test
    void endsTheExchangeOfAWriterThatNeverClosesWhenTheClientGoes() throws Exception {
        CompletableFuture<OutputStream> begun = new CompletableFuture<>();
        HttpServer server = serve(new Handler() {
            @Override
            public @Nullable Response handle(Request request) throws Exception {
                begun.complete(request.beginResponse(OK, 5));
                return null;
            }
        });
        RawClient client = connect(server).send(get("/"));
        OutputStream body = begun.get(10, TimeUnit.SECONDS);
        assertThat(server.stats().exchangesRunning()).isEqualTo(1);

        client.reset();

        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        assertThatThrownBy(body::close).isInstanceOf(IOException.class);
    }
}
