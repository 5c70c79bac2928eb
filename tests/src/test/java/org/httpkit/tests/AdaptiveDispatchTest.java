package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that prove quick are made on the loop; those that then block cost nobody else anything. One loop, if not said otherwise. */
@Timeout(120)
final class AdaptiveDispatchTest extends ServerTest {
    private static final String LOOP = "httpkit-loop";

    private HttpServer adaptive(Handler handler) throws IOException {
        return serve(handler, options -> options.dispatch(Dispatch.ADAPTIVE).eventLoops(1));
    }

    private static Response threadName() {
        return Response.text(Thread.currentThread().getName());
    }

    /** Asks until the answer comes from the loop. */
    private static void prove(RawClient client, String request) throws IOException {
        for (int i = 0; i < 100_000; i++) {
            if (client.send(request).read().text().startsWith(LOOP)) {
                return;
            }
        }
        throw new AssertionError("Never called on the loop: " + request);
    }

    @Test
    void isTheDefaultWithoutAWorkerOfTheApplicationsOwn() throws Exception {
        HttpServer server = serve(request -> threadName());

        assertThat(server.options().dispatch()).isEqualTo(Dispatch.ADAPTIVE);
        assertThat(connect(server).send(get("/")).read().text()).doesNotContain(LOOP);
        prove(connect(server), get("/"));
    }

    @Test
    void usesAWorkerThatIsGivenForEveryCall() throws Exception {
        ExecutorService theirs = Executors.newSingleThreadExecutor(task -> new Thread(task, "theirs"));
        closeLater(theirs::shutdownNow);
        HttpServer server = serve(request -> threadName(), options -> options.worker(theirs));
        RawClient client = connect(server);

        for (int i = 0; i < 200; i++) {
            assertThat(client.send(get("/")).read().text()).isEqualTo("theirs");
        }
    }

    @Test
    void callsQuickHandlersOnTheLoopAlsoForRequestsWithABody() throws Exception {
        HttpServer server = adaptive(request -> threadName());

        prove(connect(server), post("/", "body"));
    }

    @Test
    void handlersOnOneLoopMayWaitForEachOther() throws Exception {
        int handlers = 8;
        CountDownLatch all = new CountDownLatch(handlers);
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                all.countDown();
                await(all);
            }
            return threadName();
        });
        prove(connect(server), get("/"));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < handlers; i++) {
            clients.add(connect(server).send(get("/?wait")));
        }

        for (RawClient client : clients) {
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void answersOthersWhileAHandlerBlocksTheLoopThatCalledIt() throws Exception {
        BlockingQueue<String> callers = new LinkedBlockingQueue<>();
        Semaphore release = new Semaphore(0);
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                callers.add(Thread.currentThread().getName());
                release.acquire();
            }
            return threadName();
        });
        RawClient blocked = connect(server);
        boolean onLoop = false;
        for (int i = 0;
                i < 100 && !onLoop;
                i++) { // a busy machine may make a quick call slow, so that the next is not on the loop
            prove(blocked, get("/"));
            blocked.send(get("/?block") + get("/next"));
            onLoop = String.valueOf(callers.poll(10, TimeUnit.SECONDS)).startsWith(LOOP);
            if (!onLoop) {
                release.release();
                blocked.read();
                blocked.read();
            }
        }

        RawClient other = connect(server);
        for (int i = 0; i < 100; i++) {
            assertThat(other.send(get("/other")).read().status()).isEqualTo(200);
        }
        release.release();

        assertThat(blocked.read().text()).startsWith(LOOP);
        assertThat(blocked.read().status()).isEqualTo(200);
    }

    @Test
    void sendsAKindThatTurnsSlowToTheWorker() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                await(release);
            }
            return threadName();
        });
        RawClient client = connect(server);
        prove(client, get("/turning"));
        client.send(get("/turning?block"));
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200); // another thread has the loop
        release.countDown();
        client.read();

        assertThat(client.send(get("/turning")).read().text()).doesNotContain(LOOP);
    }

    @Test
    void aStopInterruptsAHandlerThatBlocksTheLoopThatCalledIt() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                }
            }
            return threadName();
        });
        RawClient client = connect(server);
        prove(client, get("/"));
        client.send(get("/?block"));
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200);

        server.stop(Duration.ofMillis(50)).get(10, TimeUnit.SECONDS);

        await(interrupted);
    }

    @Test
    void aStopInterruptsAHandlerThatHasLostItsLoopAndItsClient() throws Exception {
        BlockingQueue<String> callers = new LinkedBlockingQueue<>();
        Semaphore release = new Semaphore(0);
        CountDownLatch interrupted = new CountDownLatch(1);
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                callers.add(Thread.currentThread().getName());
                try {
                    release.acquire();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                }
            }
            return threadName();
        });
        RawClient client = connect(server);
        blockOnLoop(client, callers, release);
        RawClient other = connect(server);
        assertThat(other.send(get("/")).read().status()).isEqualTo(200); // another thread has the loop
        client.reset();
        other.close();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());

        server.stop(Duration.ofMillis(50)).get(10, TimeUnit.SECONDS);

        await(interrupted);
    }

    /** Sends requests that block until one of them does so on the loop: a busy machine may make quick calls slow. */
    private static void blockOnLoop(RawClient client, BlockingQueue<String> callers, Semaphore release)
            throws Exception {
        for (int i = 0; i < 100; i++) {
            prove(client, get("/"));
            client.send(get("/?block"));
            if (String.valueOf(callers.poll(10, TimeUnit.SECONDS)).startsWith(LOOP)) {
                return;
            }
            release.release();
            client.read();
        }
        throw new AssertionError("Never blocked on the loop");
    }

    @Test
    void anInterruptThatAHandlerLeavesBehindIsSeenByNobodyElse() throws Exception {
        HttpServer server = adaptive(request -> {
            boolean seen = Thread.currentThread().isInterrupted();
            Thread.currentThread().interrupt();
            return seen ? Response.text("interrupted") : threadName();
        });
        RawClient client = connect(server);
        prove(client, get("/"));

        for (int i = 0; i < 100; i++) {
            assertThat(client.send(get("/")).read().text()).isNotEqualTo("interrupted");
        }
    }

    @Test
    void survivesHandlersThatFailOnTheLoop() throws Exception {
        HttpServer server = adaptive(request -> {
            if (request.query() != null) {
                throw new StackOverflowError("on purpose");
            }
            return threadName();
        });
        RawClient client = connect(server);
        prove(client, get("/"));

        assertThat(client.send(get("/?fail")).read().status()).isEqualTo(500);
        assertThat(client.send(get("/")).read().status()).isEqualTo(200);
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    @Test
    void listenersOnOneLoopMayWaitForEachOtherAndKeepTheOrderOfTheirMessages() throws Exception {
        CountDownLatch other = new CountDownLatch(1);
        HttpServer server = adaptive(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onText(AsyncChannel channel, String text) {
                switch (text) {
                    case "wait" -> awaitQuietly(other);
                    case "release" -> other.countDown();
                    default -> {}
                }
                channel.send(text.equals("who") ? Thread.currentThread().getName() : text);
            }
        }));
        RawWebSocket waiting = closeLater(RawWebSocket.open(server, "/"));
        proveEcho(waiting);
        waiting.text("wait").text("behind");

        RawWebSocket releasing = closeLater(RawWebSocket.open(server, "/"));
        releasing.text("release");

        assertThat(releasing.readMessage().text()).isEqualTo("release");
        assertThat(waiting.readMessage().text()).isEqualTo("wait");
        assertThat(waiting.readMessage().text()).isEqualTo("behind");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            await(latch);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void proveEcho(RawWebSocket socket) throws IOException {
        for (int i = 0; i < 100_000; i++) {
            if (socket.text("who").readMessage().text().startsWith(LOOP)) {
                return;
            }
        }
        throw new AssertionError("Never called on the loop");
    }

    /** Handlers of few kinds that are quick, and now and then are not, under clients that pipeline in pieces of any size. */
    @Test
    void losesDoublesAndMixesUpNothingWhileLoopsChangeHands() throws Exception {
        long seed = Seeds.fresh();
        Map<String, Integer> called = new ConcurrentHashMap<>();
        HttpServer server = serve(
                request -> {
                    String id = String.valueOf(request.query());
                    called.merge(id, 1, Integer::sum);
                    return answer(request, id);
                },
                options -> options.dispatch(Dispatch.ADAPTIVE).eventLoops(2));
        int clients = 8;
        int requests = 3_000;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        closeLater(threads::shutdownNow);
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            int client = i;
            all.add(threads.submit((Callable<Void>) () -> {
                talk(connect(server), client, requests, new SplittableRandom(seed + client));
                return null;
            }));
        }

        for (Future<Void> each : all) {
            assertThat(each).succeedsWithin(Duration.ofSeconds(100));
        }
        assertThat(called).hasSize(clients * requests);
        assertThat(called.values()).allMatch(times -> times == 1);
    }

    private static Response answer(Request request, String id) {
        int dice = id.hashCode() * 0x9E3779B1 >>> 20;
        if (dice < 8) {
            LockSupport.parkNanos(dice * 500_000L); // up to 3.5 ms, about one call in 500
        } else if (dice < 12) {
            return Response.pieces(List.of("<", id, ">"));
        }
        return Response.text("<" + id + ">");
    }

    private static void talk(RawClient client, int me, int requests, SplittableRandom random) throws IOException {
        client.patience(Duration.ofSeconds(60));
        int sent = 0;
        while (sent < requests) {
            int burst = Math.min(1 + random.nextInt(40), requests - sent);
            StringBuilder bytes = new StringBuilder();
            for (int i = sent; i < sent + burst; i++) {
                String target = "/kind" + i % 3 + "?" + me + "-" + i;
                bytes.append(i % 7 == 0 ? post(target, "body") : get(target));
            }
            for (int from = 0; from < bytes.length(); ) {
                int to = Math.min(bytes.length(), from + 1 + random.nextInt(bytes.length()));
                client.send(bytes.substring(from, to));
                from = to;
            }
            for (int i = sent; i < sent + burst; i++) {
                assertThat(client.read().text()).isEqualTo("<" + me + "-" + i + ">");
            }
            sent += burst;
        }
    }
}
