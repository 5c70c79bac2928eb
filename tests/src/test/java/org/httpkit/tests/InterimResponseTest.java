package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.http.Headers;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interim responses that one thread sends while another gives the answer: none comes within or behind it. */
@Timeout(120)
class InterimResponseTest extends ServerTest {
    private final ExecutorService others = Executors.newCachedThreadPool();

    /** Sends hints for each request, named after it, from the moment it is handed over until its client has the next one. */
    private Handler hinting(AtomicReference<Request> hinted) {
        closeLater(others::shutdownNow);
        others.execute(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                Request request = hinted.get();
                if (request != null) {
                    request.sendEarlyHints(Headers.of("Link", request.path()));
                }
            }
        });
        return request -> {
            hinted.set(request);
            if (request.path().endsWith("stream")) {
                return Response.stream(out -> {
                    for (int i = 0; i < 20; i++) {
                        out.write("piece".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                        out.flush();
                    }
                });
            }
            return Response.text(request.path());
        };
    }

    private static RawResponse answer(RawClient client, String path) throws IOException {
        RawResponse response = client.send(get(path)).read();
        while (response.status() == 103) {
            assertThat(response.field("Link")).isEqualTo(path);
            response = client.read();
        }
        return response;
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void hintsComeBeforeTheAnswerOrNotAtAll(Dispatch dispatch) throws Exception {
        AtomicReference<Request> hinted = new AtomicReference<>();
        RawClient client = connect(serve(hinting(hinted), options -> options.dispatch(dispatch)));

        for (int i = 0; i < Rounds.of(5000); i++) {
            assertThat(answer(client, "/" + i).text()).isEqualTo("/" + i);
        }
        for (int i = 0; i < Rounds.of(300); i++) {
            assertThat(answer(client, "/" + i + "/stream").text()).isEqualTo("piece".repeat(20));
        }
    }

    /** A client that was not told to go on may send its next request instead of the body: so the answer must say that it closes. */
    @Test
    void whoIsAnsweredBeforeItIsToldToGoOnIsToldThatTheConnectionCloses() throws Exception {
        closeLater(others::shutdownNow);
        Handler handler = Handler.streaming(request -> {
            CountDownLatch reading = new CountDownLatch(1);
            others.execute(() -> {
                reading.countDown();
                try {
                    request.body().bytes();
                } catch (IOException e) {
                    // answered before
                }
            });
            reading.await();
            return Response.text("done");
        });
        var server = serve(handler);
        for (int i = 0; i < Rounds.of(2000); i++) {
            try (RawClient client = RawClient.connect(server)) {
                RawResponse response = client.send(
                                request("POST / HTTP/1.1", "Content-Length: 5", "Expect: 100-continue"))
                        .read();
                boolean told = response.status() == 100;
                if (told) {
                    response = client.read();
                }
                assertThat(response.text()).isEqualTo("done");
                assertThat(told || response.saysClose())
                        .as("told to go on, or that it closes")
                        .isTrue();
                if (!response.saysClose()) {
                    client.send("hello" + get("/"));
                    assertThat(client.read().status()).isEqualTo(200);
                } else if (!told) {
                    client.endOutput();
                    assertThat(client.skipToEnd()).as("bytes behind the answer").isZero();
                }
            }
        }
    }
}
