package org.httpkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

final class LoopWatchTest {
    private static final long LONG_MILLIS = 8 * LoopWatch.MOST_MILLIS;

    private final LoopWatch watch = new LoopWatch();

    private static void block() {
        try {
            assertThat(new CountDownLatch(1).await(LONG_MILLIS, TimeUnit.MILLISECONDS))
                    .isFalse();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void ask(Handler handler, Dispatch dispatch) throws Exception {
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .dispatch(dispatch)
                        .handler(handler)
                        .start();
                RawClient client = RawClient.connect(server)) {
            String answer = client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
                    .read()
                    .text();
            assertThat(answer).isEqualTo("fine");
        }
    }

    @Test
    void findsALoopThatWaits() throws Exception {
        ask(
                new Handler() {
                    @Override
                    public Response handle(Request request) {
                        return Response.text("fine");
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        block(); // asked on the loop
                        return false;
                    }
                },
                Dispatch.WORKER);

        assertThatThrownBy(() -> watch.afterEach(null))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("httpkit-loop")
                .hasMessageContaining("waits for more than 100 ms")
                .hasMessageContaining("streamsBody");
    }

    @Test
    void letsAHandlerOnALoopTakeItsTime() throws Exception {
        for (Dispatch dispatch : Dispatch.values()) {
            ask(
                    request -> {
                        block();
                        return Response.text("fine");
                    },
                    dispatch);
        }

        watch.afterEach(null);
    }
}
