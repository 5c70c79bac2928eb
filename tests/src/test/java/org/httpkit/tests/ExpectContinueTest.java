package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Clients that ask before they send a body (RFC 9110 section 10.1.1). */
final class ExpectContinueTest extends ServerTest {
    private static final String EXPECTING = request("POST / HTTP/1.1", "Content-Length: 5", "Expect: 100-continue");
    private static final Handler ECHO = request -> Response.text(request.body().text());

    @Test
    void asksForABodyThatIsToBeCollected() throws Exception {
        RawClient client = connect(serve(ECHO));

        assertThat(client.send(EXPECTING).read().status()).isEqualTo(100);
        assertThat(client.send("hello").read().text()).isEqualTo("hello");
        assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }

    @Test
    void asksForAChunkedBody() throws Exception {
        RawClient client = connect(serve(ECHO));

        client.send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Expect: 100-Continue"));

        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send(chunk("hello") + "0\r\n\r\n").read().text()).isEqualTo("hello");
    }

    @Test
    void refusesABodyTooLargeWithoutAskingForIt() throws Exception {
        RawClient client = connect(serve(ECHO, options -> options.maxBodyBytes(4)));

        RawResponse response = client.send(EXPECTING).read();

        assertThat(response.status()).isEqualTo(413);
        assertThat(response.saysClose()).isTrue();
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void asksForAStreamedBodyWhenItIsFirstRead() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(Handler.streaming(request -> {
            await(release);
            return Response.text(request.body().text());
        }));
        RawClient client = connect(server);

        client.send(EXPECTING);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        release.countDown();

        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send("hello").read().text()).isEqualTo("hello");
        assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }

    @Test
    void asksForABodyThatIsReadWhileTheResponseIsWritten() throws Exception {
        HttpServer server = serve(Handler.streaming(request -> {
            OutputStream out = request.beginResponse(Response.of(200), -1);
            request.body().stream().transferTo(out);
            out.close();
            return null;
        }));
        RawClient client = connect(server);

        assertThat(client.send(EXPECTING).read().status()).isEqualTo(100);
        assertThat(client.send("hello").read().text()).isEqualTo("hello");
        assertThat(client.send(EXPECTING).read().status()).isEqualTo(100);
    }

    @Test
    void asksForABodyThatIsReadForAChannel() throws Exception {
        HttpServer server = serve(Handler.streaming(request -> {
            AsyncChannel[] opened = new AsyncChannel[1];
            Response response = request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    opened[0] = channel;
                }
            });
            assertThat(opened[0].send(request.body().text())).isTrue();
            return response;
        }));
        RawClient client = connect(server);

        assertThat(client.send(EXPECTING).read().status()).isEqualTo(100);
        assertThat(client.send("hello").read().text()).isEqualTo("hello");
    }

    @Test
    void doesNotAskOnceTheResponseHasBegun() throws Exception {
        HttpServer server = serve(Handler.streaming(request -> {
            OutputStream out = request.beginResponse(Response.of(200), -1);
            out.flush();
            out.write(request.body().bytes());
            out.close();
            return null;
        }));
        RawClient client = connect(server);

        RawResponse head = client.send(EXPECTING).readHead();

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.saysClose()).isTrue();
        client.send("hello");
        assertThat(new String(client.readChunk(), StandardCharsets.US_ASCII)).isEqualTo("hello");
    }

    @Test
    void doesNotAskForAStreamedBodyThatNobodyReads() throws Exception {
        RawClient client = connect(serve(Handler.streaming(request -> Response.of(403))));

        RawResponse response = client.send(EXPECTING).read();

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.saysClose()).as("whether the body comes is unknown").isTrue();
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void doesNotAskForABodyThatIsThereAlready() throws Exception {
        RawClient client = connect(serve(ECHO));

        assertThat(client.send(EXPECTING + "hello").read().text()).isEqualTo("hello");
    }

    @Test
    void doesNotAskAnHttp10Client() throws Exception {
        RawClient client = connect(serve(ECHO));

        client.send("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");

        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(client.send("hello").read().text()).isEqualTo("hello");
    }

    @Test
    void ignoresTheExpectationOfARequestWithoutBody() throws Exception {
        RawClient client = connect(serve(request -> Response.text("fine")));

        assertThat(client.send(get("/", "Expect: 100-continue")).read().text()).isEqualTo("fine");
    }

    @Test
    void refusesAnUnknownExpectation() throws Exception {
        RawClient client = connect(serve(ECHO));

        RawResponse response = client.send(get("/", "Expect: tea")).read();

        assertThat(response.status()).isEqualTo(417);
        assertThat(response.saysClose()).isTrue();
        assertThat(observer.refusals()).singleElement().satisfies(refusal -> assertThat(refusal.status())
                .isEqualTo(417));
    }
}
