package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Where handlers run, and what happens when there is no room for them. */
final class DispatchTest extends ServerTest {

    @Test
    void runsHandlersOnItsWorkerUnlessToldOtherwise() throws Exception {
        HttpServer server =
                serve(request -> Response.text(Thread.currentThread().toString()));

        assertThat(connect(server).send(get("/")).read().text()).doesNotContain("httpkit-loop");
    }

    @Test
    void runsHandlersOnTheLoopIfInline() throws Exception {
        HttpServer server = serve(
                request -> Response.text(Thread.currentThread().getName()),
                options -> options.dispatch(Dispatch.INLINE));

        assertThat(connect(server).send(get("/")).read().text()).startsWith("httpkit-loop");
        assertThat(connect(server).send(post("/", "body")).read().text()).startsWith("httpkit-loop");
    }

    @Test
    void aStreamedAnswerLeavesItsLoopToOthers() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(
                request -> request.path().equals("/stream")
                        ? Response.stream(out -> {
                            begun.countDown();
                            awaitUninterruptibly(release);
                            out.write('x');
                        })
                        : Response.text("another"),
                options -> options.dispatch(Dispatch.INLINE).eventLoops(1).worker(task -> {
                    new Thread(task).start();
                    awaitUninterruptibly(begun); // the writer is at it before the loop has even handed it over
                }));
        RawClient streamed = connect(server).send(get("/stream"));
        await(begun);

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("another");
        release.countDown();
        assertThat(streamed.read().text()).isEqualTo("x");
    }

    @Test
    void runsManyBlockingHandlersAtOnce() throws Exception {
        int handlers = Math.max(2, Runtime.getRuntime().availableProcessors()) * 8;
        CountDownLatch all = new CountDownLatch(handlers);
        HttpServer server = serve(request -> {
            all.countDown();
            await(all);
            return Response.text("met");
        });
        RawClient[] clients = new RawClient[handlers];
        for (int i = 0; i < handlers; i++) {
            clients[i] = connect(server).send(get("/"));
        }

        for (RawClient client : clients) {
            assertThat(client.read().text()).isEqualTo("met");
        }
    }

    @Test
    void answers503IfTheWorkerHasNoRoomAndKeepsTheConnection() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        ThreadPoolExecutor one = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
        closeLater(one::shutdownNow);
        HttpServer server = serve(
                request -> {
                    if (request.path().equals("/slow")) {
                        busy.countDown();
                        await(release);
                    }
                    return Response.text(request.path());
                },
                options -> options.worker(one));
        RawClient slow = connect(server).send(get("/slow"));
        await(busy);
        RawClient waiting = connect(server).send(get("/waiting"));
        eventually(() -> assertThat(one.getQueue()).hasSize(1));

        RawClient client = connect(server);
        RawResponse refused = client.send(get("/a")).read();
        release.countDown();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("Retry-After")).isEqualTo("1");
        assertThat(observer.saturations()).singleElement().satisfies(request -> assertThat(request.path())
                .isEqualTo("/a"));
        assertThat(slow.read().text()).isEqualTo("/slow");
        assertThat(waiting.read().text()).as("which has left room").isEqualTo("/waiting");
        assertThat(client.send(get("/b")).read().text()).isEqualTo("/b");
    }

    @Test
    void answers503IfTheWorkerWasShutDown() throws Exception {
        ExecutorService gone = Executors.newSingleThreadExecutor();
        gone.shutdown();
        HttpServer server = serve(request -> Response.of(200), options -> options.worker(gone));

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(503);
        assertThat(connect(server).send(post("/", "body")).read().status()).isEqualTo(503);
    }

    @Test
    void answers503ForABodyThatTheWorkerHasNoRoomFor() throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        HttpServer server = serve(
                request -> Response.stream(new ByteArrayInputStream(new byte[10]) {
                    @Override
                    public void close() {
                        closed.set(true);
                    }
                }),
                options -> options.dispatch(Dispatch.INLINE).worker(task -> {
                    throw new RejectedExecutionException("on purpose");
                }));

        RawResponse response = connect(server).send(get("/")).read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("Retry-After")).isEqualTo("1");
        eventually(() -> assertThat(closed).isTrue());
    }

    @Test
    void survivesAFloodThatTheWorkerRefusesMostOf() throws Exception {
        ThreadPoolExecutor small = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(2));
        closeLater(small::shutdownNow);
        AtomicInteger handled = new AtomicInteger();
        HttpServer server = serve(
                request -> Response.text(Integer.toString(handled.incrementAndGet())),
                options -> options.worker(small));
        RawClient[] clients = new RawClient[20];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect(server).send(get("/").repeat(50));
        }

        int served = 0;
        for (RawClient client : clients) {
            for (int i = 0; i < 50; i++) {
                int status = client.read().status();
                assertThat(status).isIn(200, 503);
                served += status == 200 ? 1 : 0;
            }
        }

        assertThat(served).isEqualTo(handled.get()).isPositive();
    }

    @Test
    void neverShutsDownAWorkerThatIsNotItsOwn() throws Exception {
        ExecutorService theirs = Executors.newSingleThreadExecutor();
        closeLater(theirs::shutdownNow);
        HttpServer server = serve(request -> Response.of(200), options -> options.worker(theirs));
        connect(server).send(get("/")).read();

        server.stop(Duration.ofSeconds(5)).get(10, TimeUnit.SECONDS);

        assertThat(theirs.isShutdown()).isFalse();
        assertThat(theirs.submit(() -> "alive").get(10, TimeUnit.SECONDS)).isEqualTo("alive");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            await(latch);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
