package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.CloseReason;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.DrainReport;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RecordingObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an observer learns of connections, channels and the server; {@link FinishedExchangeTest} is about requests. */
final class ServerObserverTest extends ServerTest {
    private static final int SMALL_WINDOW = 4096;

    private final RecordingListener listener = new RecordingListener();
    private final Handler channels =
            request -> request.path().equals("/plain") ? Response.text("plain") : request.asChannel(listener);

    // ---- connections

    @Test
    void tellsOfEachConnectionWhenItOpensAndWhyItCloses() throws Exception {
        HttpServer server = serve(channels, options -> options.idleTimeout(Duration.ofMillis(50)));
        List<SocketAddress> addresses = new ArrayList<>();
        RawClient asked = connect(server);
        addresses.add(asked.localAddress());
        asked.send(get("/plain", "Connection: close")).read();
        asked.awaitEnd();
        eventually(() -> assertThat(observer.closed()).containsExactly(Cause.CLOSED));
        RawClient idle = connect(server);
        addresses.add(idle.localAddress());
        idle.send(get("/plain")).read();
        idle.awaitEnd();
        eventually(() -> assertThat(observer.closed()).containsExactly(Cause.CLOSED, Cause.IDLE_TIMEOUT));
        RawClient wrong = connect(server);
        addresses.add(wrong.localAddress());
        wrong.send("NONSENSE\r\n\r\n").read();
        wrong.close();

        eventually(() ->
                assertThat(observer.closed()).containsExactly(Cause.CLOSED, Cause.IDLE_TIMEOUT, Cause.PROTOCOL_ERROR));
        assertThat(observer.opened()).containsExactlyElementsOf(addresses);
    }

    // ---- WebSockets

    @Test
    void tellsOfAWebSocketWhenItOpensAndWhyItCloses() throws Exception {
        HttpServer server = serve(channels);
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/chat"));
        client.close(1000, "done");

        eventually(() -> assertThat(observer.webSocketCloses())
                .containsExactly(new CloseReason(1000, "done", Cause.PEER_CLOSED)));
        assertThat(observer.webSockets()).extracting(Request::path).containsExactly("/chat");
        client.client().close();
        eventually(() -> assertThat(observer.closed()).containsExactly(Cause.PEER_CLOSED));
    }

    @Test
    void tellsWhichRuleOfWebSocketWasBroken() throws Exception {
        HttpServer server = serve(channels);
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        client.frame(true, 0, 3, new byte[0]);
        client.readClose();

        assertThat(observer.webSocketRefusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.closeCode()).isEqualTo(1002);
            assertThat(refusal.rule()).contains("RFC 6455");
        });
        assertThat(observer.refusals()).isEmpty();
        eventually(() -> assertThat(observer.webSocketCloses())
                .extracting(CloseReason::cause)
                .containsExactly(Cause.PROTOCOL_ERROR));
    }

    @Test
    void tellsOfAMessageForWhichTheWorkerHasNoRoom() throws Exception {
        AtomicBoolean full = new AtomicBoolean();
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        Executor worker = task -> {
            if (full.get()) {
                throw new RejectedExecutionException("full");
            }
            Thread thread = new Thread(task);
            threads.add(thread);
            thread.start();
        };
        HttpServer server = serve(channels, options -> options.worker(worker));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/chat"));
        listener.channel();
        for (Thread thread : threads) {
            thread.join(10_000); // one that still is in onOpen would take the message along
        }
        full.set(true);
        client.text("hello");

        assertThat(client.readClose().closeCode()).isEqualTo(1013);
        assertThat(observer.listenerSaturations()).extracting(Request::path).containsExactly("/chat");
        assertThat(observer.saturations()).isEmpty();
    }

    // ---- slow clients

    @Test
    void tellsOnceOfAClientForWhichTooMuchWaits() throws Exception {
        HttpServer server = serve(channels, options -> options.maxQueuedBytes(1 << 20));
        RawWebSocket.open(connect(server, SMALL_WINDOW), "/");
        AsyncChannel channel = listener.channel();
        SendResult result = SendResult.SENT;
        for (int i = 0; i < 100 && result != SendResult.CLOSED; i++) {
            result = channel.trySend(new byte[1 << 20]);
        }
        channel.trySend("once more");

        assertThat(observer.slowConsumers()).singleElement().satisfies(queued -> assertThat(queued)
                .isGreaterThanOrEqualTo(1 << 20));
        eventually(() -> assertThat(observer.closed()).containsExactly(Cause.SLOW_CONSUMER));
        assertThat(observer.sheds()).isEmpty();
    }

    @Test
    void tellsOfTheClientThatIsSetAsideForTheOthers() throws Exception {
        HttpServer server =
                serve(channels, options -> options.maxQueuedBytes(64 << 20).maxQueuedBytesTotal(1 << 20));
        RawWebSocket.open(connect(server, SMALL_WINDOW), "/");
        AsyncChannel channel = listener.channel();
        channel.send(new byte[16 << 20]);

        eventually(() -> assertThat(observer.sheds()).singleElement().satisfies(queued -> assertThat(queued)
                .isGreaterThan(1 << 20)));
        eventually(() -> assertThat(observer.closed()).containsExactly(Cause.SLOW_CONSUMER));
        assertThat(observer.slowConsumers()).isEmpty();
    }

    // ---- the stop

    @Test
    void tellsWhenTheServerBeginsToStopAndHowThatEnded() throws Exception {
        CountDownLatch handling = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            handling.countDown();
            await(answer);
            return Response.text("hello");
        });
        RawClient client = connect(server).send(get("/"));
        await(handling);
        var stopped = server.stop(Duration.ofSeconds(10));
        assertThat(observer.drains()).containsExactly(1);
        assertThat(observer.drainReports()).isEmpty();
        answer.countDown();
        client.read();
        client.awaitEnd();
        stopped.get(10, TimeUnit.SECONDS);
        server.stop(Duration.ZERO);

        assertThat(observer.drains()).hasSize(1);
        assertThat(observer.drainReports()).containsExactly(new DrainReport(1, 0));
    }

    // ---- several observers, and bad ones

    @Test
    void severalObserversAreToldEachForItself() throws Exception {
        RecordingObserver second = new RecordingObserver();
        second.recordExchanges();
        HttpServer server =
                serve(channels, options -> options.observer(ServerObserver.all(observer, throwing(), second)));
        RawClient client = connect(server).send(get("/plain"));
        client.read();
        client.close();

        eventually(() -> assertThat(second.closed()).hasSize(1));
        assertThat(observer.closed()).isEqualTo(second.closed());
        assertThat(observer.opened()).isEqualTo(second.opened()).hasSize(1);
        assertThat(observer.statuses()).isEqualTo(second.statuses()).containsExactly(200);
        assertThat(second.exchanges()).hasSize(1);
        assertThat(observer.exchanges()).as("of one that does not want them").isEmpty();
    }

    @Test
    void anObserverThatThrowsHarmsNobody() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        HttpServer server = serve(
                request -> switch (request.path()) {
                    case "/fails" -> throw new IllegalStateException("on purpose");
                    case "/plain" -> Response.text("plain");
                    default -> request.asChannel(listener);
                },
                options -> options.observer(throwing(told)).maxQueuedBytes(1 << 20));

        RawClient client = connect(server).send(get("/plain") + get("/fails") + get("/plain"));
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(client.read().status()).isEqualTo(500);
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(connect(server).send("NONSENSE\r\n\r\n").read().status()).isEqualTo(400);
        RawWebSocket broken = closeLater(RawWebSocket.open(server, "/"));
        broken.frame(true, 0, 3, new byte[0]);
        assertThat(broken.readClose().closeCode()).isEqualTo(1002);
        assertThat(broken.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        listener.channel();
        RawWebSocket.open(connect(server, SMALL_WINDOW), "/");
        AsyncChannel slow = listener.channel();
        while (slow.trySend(new byte[1 << 20]) != SendResult.CLOSED) {}
        server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);

        assertThat(told)
                .contains(
                        "responded",
                        "wantsExchanges",
                        "exchangeFinished",
                        "handlerFailed",
                        "refused",
                        "connectionOpened",
                        "connectionClosed",
                        "webSocketOpened",
                        "webSocketClosed",
                        "webSocketRefused",
                        "slowConsumerClosed",
                        "drainBegun",
                        "drainEnded");
        assertThat(server.stats().connectionsOpen()).isZero();
        assertThat(server.stats().exchangesRunning()).isZero();
    }

    @Test
    void whoOverridesExchangeFinishedWantsIt() {
        ServerObserver none = new ServerObserver() {};
        ServerObserver statuses = new ServerObserver() {
            @Override
            public void responded(@Nullable Request request, int status) {}
        };
        ServerObserver exchanges = new ServerObserver() {
            @Override
            public void exchangeFinished(FinishedExchange exchange) {}
        };

        assertThat(none.wantsExchanges()).isFalse();
        assertThat(statuses.wantsExchanges()).isFalse();
        assertThat(exchanges.wantsExchanges()).isTrue();
        assertThat(ServerObserver.all(none, statuses).wantsExchanges()).isFalse();
        assertThat(ServerObserver.all(none, exchanges).wantsExchanges()).isTrue();
    }

    private static ServerObserver throwing() {
        return throwing(new CopyOnWriteArrayList<>());
    }

    /** Throws from every method but the one that asks; also what no method declares, as code in other languages can. */
    private static ServerObserver throwing(List<String> told) {
        return (ServerObserver) Proxy.newProxyInstance(
                ServerObserver.class.getClassLoader(),
                new Class<?>[] {ServerObserver.class},
                (self, method, arguments) -> {
                    told.add(method.getName());
                    if (method.getReturnType() == boolean.class) {
                        return true;
                    }
                    throw told.size() % 2 == 0 ? new IOException("so do I") : new AssertionError("so do I");
                });
    }
}
