package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that end their side or go away. */
final class DisconnectTest extends ServerTest {
    private final CompletableFuture<Request> running = new CompletableFuture<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final Handler held = request -> {
        running.complete(request);
        await(release);
        return Response.text("late");
    };

    private Request running() throws Exception {
        return running.get(10, TimeUnit.SECONDS);
    }

    @Test
    void answersAClientThatHasEndedItsSide() throws Exception {
        RawClient client = connect(serve(held)).send(get("/")).endOutput();
        Request request = running();

        eventually(() -> assertThat(request.isCancelled()).isTrue());
        release.countDown();

        assertThat(client.read().text()).isEqualTo("late");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void closesAfterTheAnswerIfTheClientHasEndedWithinTheNextRequest(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.dispatch(dispatch));

        for (String half : List.of("GET / HT", request("POST / HTTP/1.1", "Content-Length: 5") + "ha")) {
            RawClient client = connect(server).send(get("/") + half).endOutput();
            assertThat(client.read().text()).isEqualTo("fine");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        }
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void closesAChannelMadeAfterTheClientHasEndedItsSide() throws Exception {
        RecordingListener listener = new RecordingListener();
        HttpServer server = serve(request -> {
            held.handle(request);
            return request.asChannel(listener);
        });
        RawClient client = connect(server).send(get("/")).endOutput();
        Request request = running();
        eventually(() -> assertThat(request.isCancelled()).isTrue());
        release.countDown();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo("close -1 PEER_CLOSED");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersARequestThatCameTogetherWithTheEnd(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.dispatch(dispatch));

        for (int i = 0; i < 20; i++) {
            RawClient client = connect(server).send(get("/")).endOutput();
            assertThat(client.read().text()).isEqualTo("fine");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        }
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void noticesAResetWhileTheHandlerRuns() throws Exception {
        HttpServer server = serve(held);
        RawClient client = connect(server).send(get("/"));
        Request request = running();
        assertThat(request.isCancelled()).isFalse();

        client.reset();

        eventually(() -> assertThat(request.isCancelled()).isTrue());
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        release.countDown();
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void noticesAResetWhileAResponseIsAwaited() throws Exception {
        CompletableFuture<Response> promise = new CompletableFuture<>();
        HttpServer server = serve(request -> {
            running.complete(request);
            return Response.later(promise);
        });
        RawClient client = connect(server).send(get("/"));
        Request request = running();

        client.reset();

        eventually(() -> assertThat(request.isCancelled()).isTrue());
        promise.complete(Response.text("nobody reads this"));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    /** Opens a channel that goes on, once the client's end has been noticed. */
    private final Handler lateStream = request -> {
        running.complete(request);
        await(release);
        return request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                channel.send("first", false);
            }

            @Override
            public void onClose(AsyncChannel channel, CloseReason reason) {
                closed.complete(reason);
            }
        });
    };

    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

    @Test
    void closesAChannelThatIsOpenedAfterTheClientHasEndedItsSide() throws Exception {
        HttpServer server = serve(lateStream);
        connect(server).send(get("/")).endOutput();
        Request request = running();
        eventually(() -> assertThat(request.isCancelled()).isTrue());

        release.countDown();

        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(CloseReason.Cause.PEER_CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void closesAChannelOfAPipelinedRequestWhoseClientHasEndedItsSideLongBefore() throws Exception {
        HttpServer server =
                serve(request -> request.path().equals("/held") ? held.handle(request) : lateStream.handle(request));
        connect(server).send(get("/held") + get("/")).endOutput();
        Request request = running();
        eventually(() -> assertThat(request.isCancelled()).isTrue());

        release.countDown();

        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(CloseReason.Cause.PEER_CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void stillSendsAWholeAnswerOnAChannelThatIsOpenedAfterTheClientHasEndedItsSide() throws Exception {
        HttpServer server = serve(request -> {
            running.complete(request);
            await(release);
            return request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    channel.send("whole", true);
                }
            });
        });
        RawClient client = connect(server).send(get("/")).endOutput();
        Request request = running();
        eventually(() -> assertThat(request.isCancelled()).isTrue());

        release.countDown();

        assertThat(client.read().text()).isEqualTo("whole");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void closesAnIdleConnectionThatTheClientEnded() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));
        RawClient client = connect(server);
        client.send(get("/")).read();

        client.endOutput();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void closesAConnectionThatEndsWithoutAByteOrWithinAHead() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));

        RawClient silent = connect(server).endOutput();
        RawClient half = connect(server).send("GET / HT").endOutput();

        assertThat(silent.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(half.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void spendsNoTimeOnAConnectionThatIsHalfClosed() throws Exception {
        HttpServer server = serve(held, options -> options.eventLoops(1));
        connect(server).send(get("/")).endOutput();
        eventually(() -> assertThat(running().isCancelled()).isTrue());
        long loop = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("httpkit-loop"))
                .mapToLong(Thread::getId)
                .findFirst()
                .orElseThrow();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();

        long before = threads.getThreadCpuTime(loop);
        RawClient other = connect(server);
        assertThat(other.staysQuiet(A_MOMENT.multipliedBy(3))).isTrue();
        long spent = threads.getThreadCpuTime(loop) - before;
        release.countDown();

        assertThat(spent).as("nanoseconds of CPU in 300 ms").isLessThan(100_000_000);
    }
}
