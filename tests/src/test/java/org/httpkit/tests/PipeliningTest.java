package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.Seeds;
import org.httpkit.testkit.Splits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests sent without waiting for the answers (RFC 9112 section 9.3.2). */
final class PipeliningTest extends ServerTest {
    private static final Handler SIZED = request -> {
        int size = Integer.parseInt(request.path().substring(1));
        return Response.text("x".repeat(size)).header("X-Size", Integer.toString(size));
    };

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersAThousandRequestsInOrder(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> Response.text(request.path()), options -> options.dispatch(dispatch));
        RawClient client = connect(server);
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            requests.append(get("/" + i));
        }

        client.send(requests.toString());

        for (int i = 0; i < 1000; i++) {
            assertThat(client.read().text()).isEqualTo("/" + i);
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersRequestsOfMixedSizesInOrderHoweverTheyWereSplit(Dispatch dispatch) throws Exception {
        HttpServer server = serve(SIZED, options -> options.dispatch(dispatch));
        long seed = Seeds.fresh();
        Random random = new Random(seed);
        int[] sizes = random.ints(40, 0, 90_000).toArray();
        StringBuilder requests = new StringBuilder();
        for (int size : sizes) {
            requests.append(
                    size % 3 == 0
                            ? post("/" + size, "y".repeat(random.nextInt(20_000)))
                            : get("/" + size, "X-Padding: " + "z".repeat(random.nextInt(2_000))));
        }
        byte[] bytes = requests.toString().getBytes(StandardCharsets.ISO_8859_1);
        RawClient client = connect(server);
        Thread sender = new Thread(() -> {
            try {
                client.send(Splits.atRandom(bytes, seed));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        // Two threads on one client: the sender only sends, this one only reads.
        sender.start();
        for (int size : sizes) {
            RawResponse response = client.read();
            assertThat(response.field("X-Size")).isEqualTo(Integer.toString(size));
            assertThat(response.body()).hasSize(size);
        }
        sender.join();
    }

    @Test
    void holdsLaterAnswersBackForASlowFirst() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger handled = new AtomicInteger();
        HttpServer server = serve(request -> {
            handled.incrementAndGet();
            if (request.path().equals("/slow")) {
                running.countDown();
                await(release);
            }
            return Response.text(request.path());
        });
        RawClient client = connect(server);

        client.send(get("/slow") + get("/b") + get("/c"));
        await(running);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(handled).as("one exchange at a time").hasValue(1);
        release.countDown();

        assertThat(client.read().text()).isEqualTo("/slow");
        assertThat(client.read().text()).isEqualTo("/b");
        assertThat(client.read().text()).isEqualTo("/c");
    }

    @Test
    void answersNothingBehindARequestThatClosed() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        HttpServer server = serve(request -> {
            handled.incrementAndGet();
            return Response.text(request.path());
        });
        RawClient client = connect(server);

        client.send(get("/a", "Connection: close") + get("/b"));

        assertThat(client.read().text()).isEqualTo("/a");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(handled).hasValue(1);
    }

    @Test
    void answersWhatCameBeforeABadRequest() throws Exception {
        RawClient client = connect(serve(request -> Response.text(request.path())));

        client.send(get("/a") + get("/b") + "NONSENSE\r\n\r\n" + get("/c"));

        assertThat(client.read().text()).isEqualTo("/a");
        assertThat(client.read().text()).isEqualTo("/b");
        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void answersWhatCameBeforeTheClientEndedItsSide() throws Exception {
        RawClient client = connect(serve(request -> Response.text(request.path())));

        client.send(get("/a") + get("/b") + get("/c")).endOutput();

        assertThat(client.read().text()).isEqualTo("/a");
        assertThat(client.read().text()).isEqualTo("/b");
        assertThat(client.read().text()).isEqualTo("/c");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void answersAllRequestsOfAClientThatEndedItsSideDuringTheFirst() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            if (request.path().equals("/slow")) {
                await(release);
            }
            return Response.text(request.path());
        });
        RawClient client = connect(server);

        client.send(get("/slow") + get("/b") + get("/c")).endOutput();
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        release.countDown();

        assertThat(client.read().text()).isEqualTo("/slow");
        assertThat(client.read().text()).isEqualTo("/b");
        assertThat(client.read().text()).isEqualTo("/c");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void holdsAClientThatOnlySends(Dispatch dispatch) throws Exception {
        HttpServer server = serve(SIZED, options -> options.dispatch(dispatch));
        RawClient client = connect(server, 64 * 1024);
        byte[] requests = get("/20000").repeat(100).getBytes(StandardCharsets.ISO_8859_1);

        long sent = client.sendUntilHeld(requests, Duration.ofMillis(300), 256L << 20);

        assertThat(sent).as("bytes of requests taken in without an answer read").isLessThan(32L << 20);
    }
}
