package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStatus;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;

/** What bindings to other languages build on: channels that wait to be used, callbacks, and names known from http-kit. */
@SuppressWarnings("deprecation") // what only Java programs do not call
final class CallbackChannelTest extends ServerTest {
    private static final Map<String, String> ANSWER = Map.of(
            "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** Records its calls. */
    private class Recorder implements ChannelCallbacks {
        boolean answersPings;

        @Override
        public void set(AsyncChannel channel, Occasion occasion, Object callback) {
            told.add("set " + occasion + " " + callback);
        }

        @Override
        public boolean hasCloseHandler() {
            return true;
        }

        @Override
        public Object toSend(AsyncChannel channel, Object data) {
            return data instanceof List<?> list ? list.get(0) : data;
        }

        @Override
        public boolean answersPings() {
            return answersPings;
        }

        @Override
        public void onMessage(AsyncChannel channel, Object message) {
            told.add("message " + message);
        }

        @Override
        public void onPing(AsyncChannel channel, byte[] payload) {
            told.add("ping " + payload.length);
        }

        @Override
        public void onLost(AsyncChannel channel, CloseReason reason) {
            told.add("lost " + reason.code() + " " + reason.cause());
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            told.add("close " + reason.code() + " " + reason.cause());
        }
    }

    private String nextTold() throws InterruptedException {
        return told.poll(10, TimeUnit.SECONDS);
    }

    @Test
    void anUnusedChannelLeavesTheAnswerToTheHandler() throws Exception {
        AtomicReference<AsyncChannel> channel = new AtomicReference<>();
        HttpServer server = serve(request -> {
            channel.set(request.channel(new Recorder()));
            assertThat(channel.get().isOpen()).isTrue();
            return Response.text("plain");
        });
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("plain");
        assertThat(nextTold()).isEqualTo("close 0 CLOSED");
        assertThat(channel.get().isClosed()).isTrue();
        assertThat(channel.get().send("late")).isFalse();
    }

    @Test
    void answersLaterOnceTheHandlerHasReturnedIt() throws Exception {
        AtomicReference<AsyncChannel> channel = new AtomicReference<>();
        CountDownLatch returned = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            channel.set(request.channel(new Recorder()));
            returned.countDown();
            return Response.channel(channel.get());
        });
        RawClient client = connect(server).send(get("/"));
        await(returned);
        assertThat(channel.get().send(List.of("translated"))).isTrue();
        assertThat(client.read().text()).isEqualTo("translated");
        assertThat(nextTold()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void theEndOfAResponseIsToldInTheThreadThatBringsItBeforeTheClientHasIt() throws Exception {
        HttpServer server = serve(request -> {
            Thread sender = Thread.currentThread();
            AsyncChannel channel = request.channel(new Recorder() {
                @Override
                public void onEnding(AsyncChannel ending, CloseReason reason) {
                    boolean bySender = Thread.currentThread() == sender;
                    told.add("ending " + reason.code() + " open " + ending.isOpen() + " by sender " + bySender);
                }
            });
            channel.send("one", false);
            channel.send("two", true);
            return Response.channel(channel);
        });
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("onetwo");
        assertThat(told.poll()).isEqualTo("ending 0 open false by sender true");
        assertThat(nextTold()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void whatIsSentFirstCountsWhateverTheHandlerReturns() throws Exception {
        HttpServer server = serve(request -> {
            request.channel(new Recorder()).send("sent");
            return Response.text("returned");
        });
        RawClient client = connect(server);
        assertThat(client.send(get("/")).read().text()).isEqualTo("sent");
        assertThat(client.send(get("/")).read().text()).isEqualTo("sent");
    }

    @Test
    void aFailingHandlerIsAnsweredForWhenTheChannelIsUnused() throws Exception {
        HttpServer server = serve(request -> {
            request.channel(new Recorder());
            throw new IllegalStateException("meant");
        });
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(500);
        assertThat(nextTold()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void aChannelOfAnotherRequestIsNoAnswer() throws Exception {
        AtomicReference<AsyncChannel> first = new AtomicReference<>();
        HttpServer server = serve(request -> {
            first.compareAndSet(null, request.channel(new Recorder()));
            return Response.channel(first.get());
        });
        RawClient holder = connect(server).send(get("/"));
        eventually(() -> assertThat(first.get()).isNotNull());
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(500);
        first.get().send("done");
        assertThat(holder.read().text()).isEqualTo("done");
    }

    @Test
    void theClientsEndIsToldToAChannelThatIsStillUnused() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            AsyncChannel channel = request.channel(new Recorder());
            called.countDown();
            await(release);
            return Response.channel(channel);
        });
        RawClient client = connect(server).send(get("/"));
        await(called);
        client.reset();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        release.countDown();
        assertThat(List.of(nextTold(), nextTold()))
                .as("by two threads")
                .satisfiesExactlyInAnyOrder(lost -> assertThat(lost).startsWith("lost -1"), closed -> assertThat(closed)
                        .startsWith("close -1"));
    }

    @Test
    void theEndOfTheClientsSideIsNoticedWheneverItCame() throws Exception {
        for (boolean listens : new boolean[] {false, true}) {
            CountDownLatch called = new CountDownLatch(1);
            HttpServer server = serve(
                    request -> {
                        called.countDown();
                        eventually(() -> assertThat(request.isCancelled()).isTrue());
                        return listens
                                ? request.asChannel(new Recorder())
                                : Response.channel(request.channel(new Recorder()));
                    },
                    options -> options.dispatch(Dispatch.WORKER));
            RawClient client = connect(server).send(get("/"));
            await(called);
            client.endOutput();
            assertThat(nextTold()).isEqualTo("close -1 PEER_CLOSED");
        }
    }

    @Test
    void aHandlerThatStillRunsLearnsThatItsClientHasGone() throws Exception {
        for (boolean sends : new boolean[] {true, false}) {
            CountDownLatch opened = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            HttpServer server = serve(
                    request -> {
                        AsyncChannel channel = request.channel(new Recorder());
                        if (sends) {
                            channel.send("begun", false);
                        }
                        opened.countDown();
                        await(goOn);
                        return Response.channel(channel);
                    },
                    options -> options.dispatch(Dispatch.WORKER));
            RawClient client = connect(server).send(get("/"));
            await(opened);
            client.endOutput();
            assertThat(nextTold()).isEqualTo("lost -1 PEER_CLOSED");
            goOn.countDown();
            assertThat(nextTold()).isEqualTo("close -1 PEER_CLOSED");
        }
    }

    @Test
    void aCallbackForTheEndLearnsOfAnEarlierOne() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        HttpServer server = serve(
                request -> {
                    eventually(() -> assertThat(request.isCancelled()).isTrue());
                    AsyncChannel channel = request.channel(new Recorder());
                    channel.setCloseHandler("callback");
                    await(goOn);
                    return Response.channel(channel);
                },
                options -> options.dispatch(Dispatch.WORKER));
        connect(server).send(get("/")).endOutput();
        assertThat(nextTold()).isEqualTo("set CLOSE callback");
        assertThat(nextTold()).isEqualTo("lost -1 PEER_CLOSED");
        goOn.countDown();
        assertThat(nextTold()).isEqualTo("close -1 PEER_CLOSED");
    }

    @Test
    void theHandshakeHasALineForEachOfSeveralValuesAndNoneForNull() throws Exception {
        Map<String, Object> fields = new HashMap<>(ANSWER);
        fields.put("Sec-WebSocket-Protocol", null);
        fields.put("Set-Cookie", List.of("a=1", "b=2"));
        HttpServer server = serve(request -> {
            AsyncChannel channel = request.channel(new Recorder());
            channel.sendHandshake(fields);
            return Response.channel(channel);
        });
        try (RawWebSocket socket = RawWebSocket.open(server, "/")) {
            assertThat(socket.handshake().fields("Set-Cookie")).containsExactly("a=1", "b=2");
            assertThat(socket.handshake().field("Sec-WebSocket-Protocol")).isNull();
        }
    }

    @Test
    void anAnswerThatIsCompleteWasEndedByUsWhateverTheClientDoesNext() throws Exception {
        HttpServer server = serve(request -> {
            AsyncChannel channel = request.channel(new Recorder());
            channel.send("complete");
            return Response.channel(channel);
        });
        for (int i = 0; i < 50; i++) {
            try (RawClient client = RawClient.connect(server)) {
                assertThat(client.send(get("/")).read().text()).isEqualTo("complete");
            }
            assertThat(nextTold()).isEqualTo("close 0 CLOSED");
        }
    }

    @Test
    void messagesWaitUntilTheCallsMayBegin() throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            AsyncChannel channel = request.channel(new Recorder());
            channel.sendHandshake(ANSWER);
            assertThat(channel.send("welcome")).isTrue();
            await(begin);
            told.add("begun");
            return Response.channel(channel);
        });
        try (RawWebSocket socket = RawWebSocket.open(server, "/")) {
            assertThat(socket.read().text()).isEqualTo("welcome");
            socket.text("early");
            begin.countDown();
            assertThat(nextTold()).isEqualTo("begun");
            assertThat(nextTold()).isEqualTo("message early");
        }
        assertThat(nextTold()).startsWith("close 1006");
    }

    @Test
    void callsKeepTheirOrderIfTheyAreToldToBeginTwice() throws Exception {
        HttpServer server = serve(
                request -> {
                    AsyncChannel channel = request.channel(new Recorder());
                    ChannelBinding binding = ChannelBinding.of(channel);
                    binding.inTurn(() -> {
                        told.add("one");
                        binding.beginCalls(); // and one is among the calls that are beginning
                        binding.inTurn(() -> told.add("three"));
                    });
                    binding.inTurn(() -> told.add("two"));
                    return Response.channel(channel);
                },
                options -> options.dispatch(Dispatch.INLINE));
        connect(server).send(get("/"));
        assertThat(List.of(nextTold(), nextTold(), nextTold())).containsExactly("one", "two", "three");
    }

    @Test
    void callbacksThatAnswerPingsAreLeftTo() throws Exception {
        Recorder recorder = new Recorder();
        recorder.answersPings = true;
        HttpServer server = serve(request -> {
            AsyncChannel channel = request.channel(recorder);
            channel.sendHandshake(ANSWER);
            return Response.channel(channel);
        });
        try (RawWebSocket socket = RawWebSocket.open(server, "/")) {
            socket.ping("abc");
            assertThat(nextTold()).isEqualTo("ping 3");
            assertThat(socket.client().staysQuiet(A_MOMENT)).isTrue();
        }
    }

    @Test
    void sendsPingsAndPongs() throws Exception {
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                assertThat(channel.ping(new byte[] {'a'})).isTrue();
                assertThat(channel.pong(new byte[] {'b'})).isTrue();
                assertThatThrownBy(() -> channel.ping(new byte[126])).isInstanceOf(IllegalArgumentException.class);
            }
        }));
        try (RawWebSocket socket = RawWebSocket.open(server, "/")) {
            assertThat(socket.read().toString()).startsWith("opcode 9").endsWith("a");
            assertThat(socket.read().toString()).startsWith("opcode 10").endsWith("b");
        }
    }

    @Test
    void refusesASecondChannelAndCallbacksBesideAListener() throws Exception {
        HttpServer server = serve(request -> {
            if (request.path().equals("/listener")) {
                return request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        assertThatThrownBy(() -> channel.setCloseHandler("x"))
                                .isInstanceOf(IllegalStateException.class);
                        channel.send("refused");
                    }
                });
            }
            AsyncChannel channel = request.channel(new Recorder());
            assertThatThrownBy(() -> request.channel(new Recorder())).isInstanceOf(IllegalStateException.class);
            channel.setPingHandler("p");
            assertThat(channel.hasCloseHandler()).isTrue();
            assertThat(ChannelBinding.of(channel).allowsOrigin(ChannelOptions.DEFAULT))
                    .isTrue();
            channel.serverClose(1000, null);
            return Response.channel(channel);
        });
        assertThat(connect(server).send(get("/listener")).read().text()).isEqualTo("refused");
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(200);
        assertThat(nextTold()).isEqualTo("set PING p");
    }

    @Test
    void stopsUnderTheNamesThatProgramsForHttpKitCall() throws Exception {
        HttpServer server = serve(request -> Response.text("x"));
        CountDownLatch stopped = new CountDownLatch(1);
        assertThat(server.getPort()).isEqualTo(server.port());
        assertThat(server.getStatus()).isEqualTo(ServerStatus.RUNNING);
        assertThat(server.isAlive()).isTrue();
        assertThat(server.stop(100, stopped::countDown)).isTrue();
        assertThat(server.stop(100)).isFalse();
        await(stopped);
        assertThat(server.isAlive()).isFalse();
    }

    @Test
    void theAddressIsFreeAgainWhenStopReturns() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Handler slow = request -> {
            running.countDown();
            await(new CountDownLatch(1)); // until the stop interrupts it
            return null;
        };
        HttpServer server = serve(slow);
        connect(server).send(get("/"));
        await(running);
        server.stop(Duration.ofMillis(200));
        try (ServerSocket next = new ServerSocket(server.port(), 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(next.isBound()).isTrue();
        }
    }

    @Test
    void listensOnTheSocketThatAFactoryMakes() throws Exception {
        HttpServer server = serve(
                request -> Response.text("made"), options -> options.address(new InetSocketAddress("127.0.0.1", 0))
                        .listener(address -> ServerSocketChannel.open().bind(address)));
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("made");
    }

    @Test
    void endsTheWorkerThatItMadeItself() throws Exception {
        AtomicReference<String> thread = new AtomicReference<>();
        HttpServer server = serve(
                request -> {
                    thread.set(Thread.currentThread().getName());
                    return null;
                },
                options -> options.worker(
                        Worker.builder().allowVirtual(false).threads(2).prefix("own-")));
        connect(server).send(get("/")).read();
        assertThat(thread.get()).startsWith("own-");
        server.stop().join();
        eventually(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(left -> left.getName().startsWith("own-")));
    }
}
