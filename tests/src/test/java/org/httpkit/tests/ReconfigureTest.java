package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Options that change while the server runs. */
class ReconfigureTest extends ServerTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private static Handler saying(String text) {
        return request -> Response.text(text);
    }

    @Test
    void answersTheNextRequestOfAConnectionByTheNewHandler() throws Exception {
        HttpServer server = serve(saying("old"));
        RawClient client = connect(server);
        assertThat(client.send(get("/")).read().text()).isEqualTo("old");

        server.reconfigure(options -> options.handler(saying("new")).serverHeader("other"));

        assertThat(client.send(get("/")).read())
                .matches(response -> response.text().equals("new"))
                .matches(response -> "other".equals(response.field("Server")));
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("new");
    }

    @Test
    void leavesARequestThatHasBegunWithTheOldOptions() throws Exception {
        HttpServer server =
                serve(request -> Response.text("old " + request.body().text()), options -> options.maxBodyBytes(10)
                        .eventLoops(1));
        RawClient inHead = connect(server).send("POST / HTTP/1.1\r\nHost: a\r\n");
        RawClient inBody = connect(server).send(request("POST / HTTP/1.1", "Content-Length: 10") + "01234");
        RawClient none = connect(server);
        RawClient later = connect(server);
        for (int i = 0; i < 2; i++) { // between two requests the loop takes what had come on other connections before
            assertThat(later.send(get("/")).read().text()).isEqualTo("old ");
        }

        server.reconfigure(options -> options.handler(saying("new")).maxBodyBytes(4));

        assertThat(inHead.send("Content-Length: 10\r\n\r\n0123456789").read().text())
                .isEqualTo("old 0123456789");
        assertThat(inBody.send("56789").read().text()).isEqualTo("old 0123456789");
        assertThat(none.send(post("/", "01234")).read().status()).isEqualTo(413);
        assertThat(inBody.send(post("/", "0123")).read().text()).isEqualTo("new");
    }

    @Test
    void leavesARunningHandlersAnswerWithTheOldOptions() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            running.countDown();
            await(release);
            return Response.text("old");
        });
        RawClient client = connect(server).send(get("/") + get("/"));
        await(running);

        server.reconfigure(options -> options.handler(saying("new")).serverHeader("other"));
        release.countDown();

        assertThat(client.read())
                .matches(response -> response.text().equals("old"))
                .matches(response -> "httpkit".equals(response.field("Server")));
        assertThat(client.read())
                .as("a pipelined one that begins later")
                .matches(response -> response.text().equals("new"))
                .matches(response -> "other".equals(response.field("Server")));
    }

    @Test
    void leavesAnOpenWebSocketWithItsLimits() throws Exception {
        Handler echo = request -> request.asChannel(new ChannelListener() {
            @Override
            public void onText(AsyncChannel channel, String text) {
                channel.send(text);
            }
        });
        HttpServer server = serve(echo, options -> options.maxMessageBytes(10));
        RawWebSocket before = closeLater(RawWebSocket.open(server, "/"));

        server.reconfigure(options -> options.maxMessageBytes(5));
        RawWebSocket after = closeLater(RawWebSocket.open(server, "/"));

        assertThat(before.text("0123456789").read().text()).isEqualTo("0123456789");
        assertThat(after.text("0123456789").read().closeCode()).isEqualTo(1009);
    }

    @Test
    void limitsTheNextHeadByTheNewLimits() throws Exception {
        HttpServer server = serve(saying("fine"));
        RawClient client = connect(server);
        String field = "X: " + "x".repeat(200);
        assertThat(client.send(get("/", field)).read().status()).isEqualTo(200);

        server.reconfigure(options -> options.maxLineBytes(100));

        assertThat(client.send(get("/", field)).read().status()).isEqualTo(431);
    }

    @Test
    void closesConnectionsThatAreIdleAlreadyByTheNewTimeouts() throws Exception {
        HttpServer server = serve(saying("fine"));
        RawClient idle = connect(server);
        idle.send(get("/")).read();
        RawClient silent = connect(server);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(2));

        server.reconfigure(options -> options.idleTimeout(SHORT).headerTimeout(SHORT));

        assertThat(idle.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(silent.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(server.stats().closes())
                .containsEntry(Cause.IDLE_TIMEOUT, 1L)
                .containsEntry(Cause.HEADER_TIMEOUT, 1L));
    }

    @Test
    void letsThoseInWhoWaitWhenMoreConnectionsAreAllowed() throws Exception {
        HttpServer server = serve(saying("fine"), options -> options.maxConnections(1));
        connect(server).send(get("/")).read();
        RawClient waiting = connect(server).send(get("/"));
        eventually(() -> assertThat(observer.exhaustions()).isNotEmpty());

        server.reconfigure(options -> options.maxConnections(2));

        assertThat(waiting.read().text()).isEqualTo("fine");
    }

    @Test
    void closesNothingWhenFewerConnectionsAreAllowed() throws Exception {
        HttpServer server = serve(saying("fine"));
        RawClient first = connect(server);
        first.send(get("/")).read();
        RawClient second = connect(server);
        second.send(get("/")).read();

        server.reconfigure(options -> options.maxConnectionsPerAddress(1));
        RawClient refused = closeLater(RawClient.connectInPlainText(server));

        refused.awaitEnd();
        assertThat(first.send(get("/")).read().text()).isEqualTo("fine");
        assertThat(second.send(get("/")).read().text()).isEqualTo("fine");
    }

    static Stream<Arguments> fixedOptions() {
        return Stream.of(
                fixed("address", options -> options.port(1)),
                fixed("eventLoops", options -> options.eventLoops(7)),
                fixed("worker", options -> options.worker(Runnable::run)),
                fixed("worker", options -> options.worker(Worker.builder())),
                fixed("listener", options -> options.listener(address -> ServerSocketChannel.open())),
                fixed("dispatch", options -> options.dispatch(Dispatch.INLINE)),
                fixed("observer", options -> options.observer(new ServerObserver() {})),
                fixed("proxyProtocol", options -> options.proxyProtocol(ProxyProtocol.ENABLED)),
                fixed("stopOnShutdown", options -> options.stopOnShutdown(SHORT)));
    }

    private static Arguments fixed(String option, Consumer<HttpServer.Builder> change) {
        return Arguments.of(option, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fixedOptions")
    void refusesToChangeWhatIsFixedAtTheStart(String option, Consumer<HttpServer.Builder> change) throws Exception {
        HttpServer server = serve(saying("old"));
        ServerOptions before = server.options();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.reconfigure(options -> change.accept(options.handler(saying("new")))))
                .withMessageContaining(option)
                .withMessageContaining("while the server runs");

        assertThat(server.options()).isSameAs(before);
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("old");
    }

    @Test
    void takesFixedOptionsThatAreTheSame() throws Exception {
        Consumer<HttpServer.Builder> all = options ->
                options.address("127.0.0.1", 0).eventLoops(2).observer(observer).handler(saying("same"));
        HttpServer server = serve(saying("old"));

        server.reconfigure(all);

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("same");
    }

    @Test
    void changesNothingIfAValueIsBadOrTheChangeThrows() throws Exception {
        HttpServer server = serve(saying("old"));
        ServerOptions before = server.options();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.reconfigure(
                        options -> options.handler(saying("new")).maxLineBytes(1)))
                .withMessageContaining("maxLineBytes");
        assertThatThrownBy(() -> server.reconfigure(options -> {
                    options.handler(saying("new"));
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(server.options()).isSameAs(before);
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("old");
    }

    @Test
    void isNotChangedByABuilderThatWasKept() throws Exception {
        HttpServer server = serve(saying("old"));
        List<HttpServer.Builder> kept = new ArrayList<>();
        server.reconfigure(options -> kept.add(options.maxLineBytes(1000)));

        kept.get(0).maxLineBytes(2000).handler(saying("kept"));

        assertThat(server.options().maxLineBytes()).isEqualTo(1000);
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("old");
    }

    @Test
    void losesNoneOfManyChangesAtOnce() throws Exception {
        HttpServer server = serve(saying("fine"), options -> options.maxHeaderCount(100));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> changes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                changes.add(threads.submit(() -> server.reconfigure(
                        options -> options.maxHeaderCount(server.options().maxHeaderCount() + 1))));
            }
            for (Future<?> change : changes) {
                change.get(10, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(server.options().maxHeaderCount()).isEqualTo(300);
    }

    /** Handler, field and limit belong together in each of two sets; a request must never meet a mixture. */
    @Test
    void neverShowsARequestTwoSetsOfOptionsMixed() throws Exception {
        Consumer<HttpServer.Builder> small = options ->
                options.handler(saying("small")).serverHeader("small").maxBodyBytes(10);
        Consumer<HttpServer.Builder> large = options ->
                options.handler(saying("large")).serverHeader("large").maxBodyBytes(1000);
        HttpServer server = serve(saying("small"), options -> {
            small.accept(options);
            return options;
        });
        AtomicBoolean over = new AtomicBoolean();
        Thread changing = new Thread(() -> {
            for (int i = 0; !over.get(); i++) {
                server.reconfigure(i % 2 == 0 ? large : small);
            }
        });
        changing.start();
        int[] answers = new int[2];
        try {
            for (int i = 0; i < (overTls ? 100 : 1000); i++) {
                ask(server, answers);
            }
        } finally {
            over.set(true);
            changing.join();
        }

        assertThat(answers[0]).as("answered by the small set").isPositive();
        assertThat(answers[1]).as("answered by the large set").isPositive();
    }

    /** Sends a body that only the large set takes, behind a small one on the same connection. */
    private void ask(HttpServer server, int[] answers) throws IOException {
        try (RawClient client = RawClient.connect(server)) {
            client.send(post("/", "small") + post("/", "x".repeat(100)));
            var first = client.read();
            assertThat(first.field("Server")).isEqualTo(first.text());
            var second = client.read();
            if (second.status() == 413) {
                assertThat(second.field("Server")).isEqualTo("small");
                answers[0]++;
            } else {
                assertThat(second.field("Server")).isEqualTo("large");
                assertThat(second.text()).isEqualTo("large");
                answers[1]++;
            }
        }
    }
}
