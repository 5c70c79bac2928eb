package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop waits for nothing that an application or a client may draw out: its other clients are served meanwhile. */
final class LoopLawTest extends ServerTest {
    private static final int LONG_TO_COMPRESS_BYTES = 48 << 20;

    private final AtomicReference<AsyncChannel> opened = new AtomicReference<>();
    private final CountDownLatch release = new CountDownLatch(1);

    private HttpServer serveOnOneLoop(Handler handler, Dispatch dispatch) throws IOException {
        return serve(handler, options -> options.dispatch(dispatch).eventLoops(1));
    }

    private Response channel(Request request, ChannelOptions options) {
        return request.asChannel(options, new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                opened.set(channel);
            }
        });
    }

    private static void assertServes(RawClient client) throws IOException {
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
    }

    private AsyncChannel awaitChannel() {
        eventually(() -> assertThat(opened.get()).isNotNull());
        return opened.get();
    }

    private static byte[] random(int bytes) {
        byte[] made = new byte[bytes];
        new Random(1).nextBytes(made);
        return made;
    }

    private static boolean isCompressing(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.util.zip.Deflater"));
    }

    // ---- an application's thread compresses

    @ParameterizedTest
    @CsvSource({"ADAPTIVE, ping", "WORKER, ping", "INLINE, ping", "WORKER, reset", "WORKER, close"})
    void aLoopDoesNotWaitWhileAThreadCompresses(Dispatch dispatch, String clientDoes) throws Exception {
        HttpServer server = serveOnOneLoop(
                request -> request.path().equals("/ws")
                        ? channel(request, ChannelOptions.DEFAULT.deflate(true))
                        : Response.text("fine"),
                dispatch);
        RawWebSocket socket =
                closeLater(RawWebSocket.open(server, "/ws", "Sec-WebSocket-Extensions: permessage-deflate"));
        RawClient other = connect(server);
        assertServes(other);
        AsyncChannel channel = awaitChannel();
        byte[] message = random(LONG_TO_COMPRESS_BYTES);
        AtomicBoolean compressed = new AtomicBoolean();
        Thread sender = new Thread(() -> {
            channel.trySend(message, false, null);
            compressed.set(true);
        });
        sender.start();
        eventually(() -> assertThat(isCompressing(sender)).isTrue());

        switch (clientDoes) {
            case "ping" -> socket.ping("?");
            case "reset" -> socket.client().reset();
            default -> socket.close(1000, "");
        }
        assertServes(other);
        boolean before = !compressed.get();
        sender.join();

        assertThat(before).as("answered before the other thread had compressed").isTrue();
    }

    @Test
    void sendsInOrderWhatComesWhileAThreadCompresses() throws Exception {
        HttpServer server =
                serveOnOneLoop(request -> channel(request, ChannelOptions.DEFAULT.deflate(true)), Dispatch.WORKER);
        RawWebSocket socket =
                closeLater(RawWebSocket.open(server, "/ws", "Sec-WebSocket-Extensions: permessage-deflate"));
        AsyncChannel channel = awaitChannel();
        byte[] message = random(8 << 20);
        Thread sender = new Thread(() -> channel.trySend(message, false, null));
        sender.start();
        // On a busy machine it may be done before this thread looks; what it sent comes first all the same.
        eventually(() -> assertThat(isCompressing(sender) || !sender.isAlive()).isTrue());

        channel.send("behind", false);
        channel.close();

        assertThat(socket.readMessage().opcode()).isEqualTo(RawWebSocket.BINARY);
        assertThat(socket.readMessage().opcode()).isEqualTo(RawWebSocket.TEXT);
        assertThat(socket.readClose().closeCode()).isEqualTo(1000);
        sender.join();
    }

    @Test
    void closesAfterALongMessageThatWasTheLast() throws Exception {
        HttpServer server =
                serveOnOneLoop(request -> channel(request, ChannelOptions.DEFAULT.deflate(true)), Dispatch.WORKER);
        RawWebSocket socket =
                closeLater(RawWebSocket.open(server, "/ws", "Sec-WebSocket-Extensions: permessage-deflate"));

        awaitChannel().send(random(1 << 20), true);

        assertThat(socket.readMessage().opcode()).isEqualTo(RawWebSocket.BINARY);
        assertThat(socket.readClose().closeCode()).isEqualTo(1000);
    }

    @Test
    void streamsALongTextAsOneChunk() throws Exception {
        HttpServer server = serveOnOneLoop(request -> channel(request, ChannelOptions.DEFAULT), Dispatch.WORKER);
        RawClient client = connect(server).send(get("/"));
        String text = "ä".repeat(200_000);

        AsyncChannel channel = awaitChannel();
        channel.send(text, false);
        channel.close();

        assertThat(client.read().text()).isEqualTo(text);
    }

    // ---- reports to senders

    @ParameterizedTest
    @EnumSource(names = {"ADAPTIVE", "WORKER"})
    void aLoopDoesNotWaitForASenderThatIsTold(Dispatch dispatch) throws Exception {
        HttpServer server = serveOnOneLoop(
                request -> request.path().equals("/channel")
                        ? channel(request, ChannelOptions.DEFAULT)
                        : Response.text("fine"),
                dispatch);
        connect(server).send(get("/channel"));
        CountDownLatch told = new CountDownLatch(1);

        awaitChannel().trySend("data", false, failure -> {
            told.countDown();
            hold(release);
        });
        await(told);

        assertServes(connect(server));
        release.countDown();
    }

    @Test
    void aListenerMayWaitForWhatBecameOfItsData() throws Exception {
        CountDownLatch waited = new CountDownLatch(1);
        HttpServer server = serveOnOneLoop(
                request -> request.asChannel(new ChannelListener() {
                    @Override
                    public void onText(AsyncChannel channel, String text) {
                        CountDownLatch left = new CountDownLatch(1);
                        channel.trySend(text, false, failure -> left.countDown());
                        hold(left);
                        waited.countDown();
                    }
                }),
                Dispatch.WORKER);
        RawWebSocket socket = closeLater(RawWebSocket.open(server, "/ws"));

        socket.text("hello");

        await(waited);
    }

    // ---- an executor runs tasks in the thread of its caller

    private Executor callerRuns(String kind) {
        if (kind.equals("direct")) {
            return Runnable::run;
        }
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy());
        closeLater(one::shutdownNow);
        one.execute(() -> hold(release));
        one.execute(() -> hold(release));
        return one;
    }

    private HttpServer serve(String executor, Dispatch dispatch) throws IOException {
        return serve(
                new Handler() {
                    @Override
                    public Response handle(Request request) throws IOException {
                        return switch (request.path()) {
                            case "/body" -> {
                                try (InputStream body = request.body().stream()) {
                                    yield Response.text(String.valueOf(body.readAllBytes().length));
                                }
                            }
                            case "/stream" ->
                                Response.stream(out -> {
                                    byte[] piece = new byte[64 * 1024];
                                    for (int i = 0; i < 1000; i++) {
                                        out.write(piece);
                                    }
                                });
                            default -> Response.text("fine");
                        };
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        return request.path().equals("/body");
                    }
                },
                options ->
                        options.worker(callerRuns(executor)).dispatch(dispatch).eventLoops(1));
    }

    @ParameterizedTest
    @CsvSource({
        "direct, ADAPTIVE", "direct, WORKER", "direct, INLINE",
        "CallerRunsPolicy, ADAPTIVE", "CallerRunsPolicy, WORKER", "CallerRunsPolicy, INLINE"
    })
    void aLoopRunsNothingThatBlocksForAnExecutor(String executor, Dispatch dispatch) throws Exception {
        HttpServer server = serve(executor, dispatch);
        RawClient writes = connect(server).send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
        RawClient reads = connect(server, 4096).send(get("/stream"));
        assertThat(reads.readHead().status()).isEqualTo(200);

        assertServes(connect(server));
        assertThat(writes.send("cd").read().text()).isEqualTo("4");
        release.countDown();
    }

    // ---- an interrupt comes late

    private static Thread thread(String prefix) {
        return threads(prefix).get(0);
    }

    private static List<Thread> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .toList();
    }

    @Test
    void aThreadThatStandsByForgetsAnInterrupt() throws Exception {
        HttpServer server = serveOnOneLoop(request -> Response.text("fine"), Dispatch.ADAPTIVE);
        eventually(() -> assertThat(threads("httpkit-loop")).hasSizeGreaterThan(1));
        assertServes(connect(server));

        threads("httpkit-loop").forEach(Thread::interrupt);

        eventually(() -> assertThat(threads("httpkit-loop")).noneMatch(Thread::isInterrupted));
        assertServes(connect(server));
    }

    @ParameterizedTest
    @EnumSource
    void aLoopForgetsAnInterruptThatWasMeantForAHandler(Dispatch dispatch) throws Exception {
        HttpServer server = serveOnOneLoop(request -> Response.text("fine"), dispatch);
        RawClient client = connect(server);
        assertServes(client);
        Thread loop = thread("httpkit-loop-1");

        loop.interrupt();

        eventually(() -> assertThat(loop.isInterrupted()).isFalse());
        assertServes(client);
    }

    @Test
    void theThreadThatLooksAfterLoopsForgetsAnInterrupt() throws Exception {
        HttpServer server = serveOnOneLoop(request -> Response.text("fine"), Dispatch.ADAPTIVE);
        assertServes(connect(server));
        Thread relay = thread("httpkit-relay");

        relay.interrupt();

        eventually(() -> assertThat(relay.isInterrupted()).isFalse());
        assertServes(connect(server));
    }
}
