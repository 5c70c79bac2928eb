package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawResponse.Framing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A channel over HTTP: long polling and streaming (see {@link AsyncChannel}). */
class HttpChannelTest extends ServerTest {
    private final RecordingListener listener = new RecordingListener();
    private final Handler channels =
            request -> request.path().equals("/plain") ? Response.text("plain") : request.asChannel(listener);

    private AsyncChannel open(RawClient client, String request) throws Exception {
        client.send(request);
        return listener.channel();
    }

    // ---- long polling

    @Test
    void answersLaterFromAnotherThread() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.isWebSocket()).isFalse();
        assertThat(channel.send("news")).isTrue();

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.framing()).isEqualTo(Framing.LENGTH);
        assertThat(response.text()).isEqualTo("news");
        assertThat(response.field("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void sendsStatusAndFieldsOfAResponse() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send(Response.text("gone").status(410).header("X-Mark", "1"));

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(410);
        assertThat(response.field("X-Mark")).isEqualTo("1");
        assertThat(response.field("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(response.text()).isEqualTo("gone");
    }

    @Test
    void saysTextIsHtmlOnlyIfAResponseHasNoFieldsAtAll() throws Exception {
        RawClient client = connect(serve(channels));

        open(client, get("/")).send(Response.of(200).body(new org.httpkit.server.ResponseBody.Text("a")));
        assertThat(client.read().field("Content-Type")).isEqualTo("text/html; charset=utf-8");

        open(client, get("/"))
                .send(Response.of(200)
                        .body(new org.httpkit.server.ResponseBody.Text("a"))
                        .header("X-Mark", "1"));
        assertThat(client.read().field("Content-Type")).isNull();
    }

    @Test
    void sendsAllKindsOfData(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "of a file");
        RawClient client = connect(serve(channels));
        ByteBuffer buffer =
                ByteBuffer.wrap("-a buffer-".getBytes(UTF_8)).position(1).limit(9);
        record Case(Object data, String body) {}
        for (Case each : List.of(
                new Case(new StringBuilder("täxt"), "täxt"),
                new Case("bytes".getBytes(UTF_8), "bytes"),
                new Case(buffer, "a buffer"),
                new Case(new ByteArrayInputStream("a stream".getBytes(UTF_8)), "a stream"),
                new Case(file, "of a file"),
                new Case(Message.text("a message"), "a message"),
                new Case(Message.binary("binary".getBytes(UTF_8)), "binary"))) {
            assertThat(open(client, get("/")).send(each.data)).isTrue();
            assertThat(client.read().text()).isEqualTo(each.body);
        }
        assertThat(buffer.remaining()).as("the caller's buffer is left alone").isEqualTo(8);
    }

    @Test
    void refusesDataItDoesNotKnow() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThatThrownBy(() -> channel.send(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Integer");
        assertThat(channel.send("still open")).isTrue();
        assertThat(client.read().text()).isEqualTo("still open");
    }

    @Test
    void tellsTheLengthOfAFile(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[300_000]);
        RawClient client = connect(serve(channels));

        open(client, get("/")).send(file);

        RawResponse response = client.read();
        assertThat(response.framing()).isEqualTo(Framing.LENGTH);
        assertThat(response.body()).hasSize(300_000);
    }

    @Test
    void closedBeforeAnythingWasSentIsAWholeEmptyResponse() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThat(channel.close()).isTrue();
        assertThat(channel.close()).isFalse();

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("Content-Length")).isEqualTo("0");
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void takesNothingAfterItsEnd() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));
        channel.send("last");

        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.send("too late")).isFalse();
        assertThat(channel.close()).isFalse();
        assertThat(client.read().text()).isEqualTo("last");
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
    }

    @Test
    void answersTheNextPipelinedRequestAfterItsOwn() throws Exception {
        RawClient client = connect(serve(channels));
        client.send(get("/plain") + get("/") + get("/plain"));
        AsyncChannel channel = listener.channel();

        assertThat(client.read().text()).isEqualTo("plain");
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        channel.send("first part, ", false);
        channel.send("second part", true);

        assertThat(client.read().text()).isEqualTo("first part, second part");
        assertThat(client.read().text()).isEqualTo("plain");
    }

    @Test
    void neverOvertakesTheAnswerBeforeIt() throws Exception {
        // On the loop an answer is gathered with others; the channel is used by another thread at once.
        HttpServer server = serve(
                request -> request.path().equals("/plain")
                        ? Response.text("plain")
                        : request.asChannel(new ChannelListener() {
                            @Override
                            public void onOpen(AsyncChannel channel) {
                                CompletableFuture.runAsync(() -> channel.send("channel"))
                                        .join();
                            }
                        }),
                options -> options.dispatch(Dispatch.INLINE));
        RawClient client = connect(server);
        for (int i = 0; i < 50; i++) {
            client.send(get("/plain") + get("/") + get("/plain"));
            assertThat(client.read().text()).isEqualTo("plain");
            assertThat(client.read().text()).isEqualTo("channel");
            assertThat(client.read().text()).isEqualTo("plain");
        }
    }

    // ---- streaming

    @Test
    void streamsEachSendAsAChunkThatIsSeenAtOnce() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThat(channel.send("one", false)).isTrue();
        RawResponse head = client.readHead();
        assertThat(head.framing()).isEqualTo(Framing.CHUNKED);
        assertThat(client.readChunk()).asString(UTF_8).isEqualTo("one");
        channel.send("zwei".getBytes(UTF_8), false);
        assertThat(client.readChunk()).asString(UTF_8).isEqualTo("zwei");
        channel.send("last", true);
        assertThat(client.readChunk()).asString(UTF_8).isEqualTo("last");
        assertThat(client.readChunk()).isEmpty();
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void takesStatusAndFieldsFromTheFirstSendOnly() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send(Response.text("a").status(202).header("X-Mark", "1"), false);
        channel.send(Response.text("b").status(500).header("X-Mark", "2"), false);
        channel.close();

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(202);
        assertThat(response.fields("X-Mark")).containsExactly("1");
        assertThat(response.text()).isEqualTo("ab");
    }

    @Test
    void emptyDataDoesNotEndTheStream() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        for (Object nothing : new Object[] {"", new byte[0], ByteBuffer.allocate(0), InputStream.nullInputStream()}) {
            assertThat(channel.send(nothing, false)).isTrue();
        }
        assertThat(channel.send(null, false)).isTrue();
        assertThat(client.readHead().framing()).isEqualTo(Framing.CHUNKED);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        channel.send("x", true);
        assertThat(client.readChunk()).asString(UTF_8).isEqualTo("x");
        assertThat(client.readChunk()).isEmpty();
    }

    @Test
    void delimitsAStreamForHttp10ByTheEndOfTheConnection() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, request("GET / HTTP/1.0"));

        channel.send("one", false);
        channel.send("", false);
        channel.send("two", false);
        channel.close();

        RawResponse response = client.read();
        assertThat(response.framing()).isEqualTo(Framing.TO_END);
        assertThat(response.text()).isEqualTo("onetwo");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void sendsNoBodyToHead() throws Exception {
        RawClient client = connect(serve(channels));

        AsyncChannel whole = open(client, request("HEAD / HTTP/1.1"));
        whole.send("body");
        assertThat(client.readToHeadRequest().field("Content-Length")).isEqualTo("4");

        AsyncChannel streamed = open(client, request("HEAD / HTTP/1.1"));
        streamed.send("one", false);
        streamed.send("two", false);
        streamed.close();
        assertThat(client.readToHeadRequest().status()).isEqualTo(200);

        client.send(get("/plain"));
        assertThat(client.read().text()).isEqualTo("plain");
    }

    @Test
    void aStreamEndsWithTheHeadThatAnswersAHeadRequest() throws Exception {
        RawClient client = connect(serve(channels));

        AsyncChannel channel = open(client, request("HEAD / HTTP/1.1"));
        assertThat(channel.send(Response.of(200).header("Content-Type", "text/event-stream"), false))
                .isTrue();
        RawResponse response = client.readToHeadRequest();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("Content-Length")).isNull();
        assertThat(channel.send("more", false)).isFalse();

        assertThat(client.send(get("/plain")).read().text())
                .as("the next request")
                .isEqualTo("plain");
    }

    @Test
    void sendsNoBodyWithStatus204() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send(Response.of(204), false);
        channel.send("not allowed", false);
        channel.close();

        assertThat(client.read().status()).isEqualTo(204);
        client.send(get("/plain"));
        assertThat(client.read().text()).isEqualTo("plain");
    }

    @Test
    void keepsTheOrderOfWhatIsSentBehindAStream(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "3");
        CountDownLatch mayEnd = new CountDownLatch(1);
        SlowStream slow = new SlowStream("12", mayEnd);
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThat(channel.send("0", false)).isTrue();
        assertThat(channel.send(slow, false)).isTrue();
        assertThat(channel.send(file, false)).isTrue();
        assertThat(channel.send("4", false)).isTrue();
        assertThat(channel.send(new ByteArrayInputStream("5".getBytes(UTF_8)), false))
                .isTrue();
        assertThat(channel.send("6", true)).isTrue();
        assertThat(channel.send("7", false)).isFalse();
        mayEnd.countDown();

        assertThat(client.read().text()).isEqualTo("0123456");
        assertThat(slow.isClosed()).isTrue();
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void closesBehindAStreamThatIsStillPulled() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send(new SlowStream("all of it", mayEnd), false);
        assertThat(channel.close()).isTrue();
        assertThat(channel.close()).isFalse();
        mayEnd.countDown();

        assertThat(client.read().text()).isEqualTo("all of it");
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void sendingAStreamAsTheLastDoesNotHoldTheCaller() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThat(channel.send(new SlowStream("later", mayEnd))).isTrue(); // would block for ever
        assertThat(channel.send("behind")).isFalse();
        mayEnd.countDown();

        assertThat(client.read().text()).isEqualTo("later");
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
    }

    @Test
    void aStreamThatFailsCutsTheResponse() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send("begun", false);
        channel.send(new FailingStream(), false);

        assertThat(client.read().isComplete()).isFalse();
        assertThat(listener.nextClose()).isEqualTo("close 0 HANDLER_ERROR");
        assertThat(observer.handlerFailures()).singleElement().asString().contains("disk on fire");
    }

    @Test
    void closesTheStreamsItWillNotSend() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));
        SlowStream first = new SlowStream("first", mayEnd);
        SlowStream second = new SlowStream("second", mayEnd);
        SlowStream third = new SlowStream("third", mayEnd);
        List<String> told = java.util.Collections.synchronizedList(new ArrayList<>());

        channel.send(first, false);
        channel.trySend(second, false, failure -> told.add("second " + (failure != null)));
        client.reset();
        assertThat(listener.nextClose()).startsWith("close -1 PEER_");
        mayEnd.countDown();

        eventually(() -> {
            assertThat(first.isClosed()).isTrue();
            assertThat(second.isClosed()).isTrue();
            assertThat(told).containsExactly("second true");
        });
        assertThat(channel.send(third, false)).isFalse();
        assertThat(third.isClosed()).isTrue();
    }

    @Test
    void aFieldThatCannotBeWrittenIsTheCallersFaultAndBeginsNothing() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        assertThatThrownBy(() -> channel.send(Response.text("x").headers(new SplittingHeaders()), false))
                .isInstanceOf(IllegalArgumentException.class);
        channel.send("fine", false);
        channel.close();

        assertThat(client.read().text()).isEqualTo("fine");
    }

    // ---- ends

    @Test
    void noticesThatTheClientHasGone() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        client.close();

        assertThat(listener.nextClose()).isEqualTo("close -1 PEER_CLOSED");
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.send("anybody?")).isFalse();
        assertThat(channel.request().isCancelled()).isTrue();
        assertThat(channel.request().remoteAddress()).as("still known").isNotNull();
    }

    @Test
    void noticesThatTheClientHasGoneAmidAStream() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));
        channel.send("one", false);
        client.readHead();

        client.reset();

        assertThat(listener.nextClose()).startsWith("close -1 PEER_");
    }

    @Test
    void aListenerThatThrowsOnOpenBrings500() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            void opened(AsyncChannel channel) {
                throw new IllegalStateException("on purpose");
            }
        };
        RawClient client = connect(serve(request -> request.asChannel(failing)));
        client.send(get("/"));

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).doesNotContain("purpose");
        assertThat(failing.nextClose()).isEqualTo("close 0 HANDLER_ERROR");
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    @Test
    void aListenerThatThrowsInInitBrings500AndIsToldOfTheEnd() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            public void init(AsyncChannel channel) {
                throw new IllegalStateException("on purpose");
            }
        };
        RawClient client = connect(serve(request -> request.asChannel(failing)));
        client.send(get("/"));

        assertThat(client.read().status()).isEqualTo(500);
        assertThat(failing.next()).isEqualTo("close 0 HANDLER_ERROR");
        failing.assertNothingMore();
    }

    @Test
    void aHandlerThatThrowsAfterItOpenedAChannelBrings500() throws Exception {
        RawClient client = connect(serve(request -> {
            request.asChannel(listener);
            throw new IllegalStateException("on purpose");
        }));
        client.send(get("/"));

        assertThat(client.read().status()).isEqualTo(500);
        assertThat(listener.nextClose()).isEqualTo("close 0 HANDLER_ERROR");
    }

    @Test
    void aHandlerThatThrowsAmidAStreamCutsIt() throws Exception {
        RawClient client = connect(serve(request -> {
            request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    channel.send("begun", false);
                }
            });
            throw new IllegalStateException("on purpose");
        }));
        client.send(get("/"));

        assertThat(client.read().isComplete()).isFalse();
    }

    @Test
    void cannotBeSentToBeforeItIsOpen() throws Exception {
        AtomicBoolean taken = new AtomicBoolean(true);
        RawClient client = connect(serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void init(AsyncChannel channel) {
                taken.set(channel.send("too early") || channel.isOpen() || channel.close());
            }

            @Override
            public void onOpen(AsyncChannel channel) {
                channel.send("now");
            }
        })));
        client.send(get("/"));

        assertThat(client.read().text()).isEqualTo("now");
        assertThat(taken).isFalse();
    }

    @Test
    void anExchangeIsAChannelOnceOnly() throws Exception {
        RawClient client = connect(serve(request -> {
            request.asChannel(listener);
            try {
                return request.asChannel(listener);
            } catch (IllegalStateException e) {
                listener.channel().send("refused");
                return null;
            }
        }));
        client.send(get("/"));

        assertThat(client.read().text()).isEqualTo("refused");
    }

    @Test
    void theLastSendsWayOutIsToldOnceAndWithoutFault() throws Exception {
        HttpServer server = serve(channels);
        for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
            for (int i = 0; i < 20; i++) {
                RawClient client = connect(server);
                AsyncChannel channel = open(client, request("GET / " + version));
                CompletableFuture<Boolean> told = new CompletableFuture<>();
                channel.trySend("last", true, failure -> told.complete(failure == null));
                assertThat(client.read().text()).isEqualTo("last");
                assertThat(told.get(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void stoppingTheServerEndsAStreamInOrder() throws Exception {
        HttpServer server = serve(channels);
        RawClient client = connect(server);
        AsyncChannel channel = open(client, get("/"));
        channel.send("one", false);

        server.stop(Duration.ofSeconds(5)).join();

        RawResponse response = client.read();
        assertThat(response.isComplete()).isTrue();
        assertThat(response.text()).isEqualTo("one");
        assertThat(listener.nextClose()).isEqualTo("close 0 SERVER_STOP");
    }

    @Test
    void stoppingTheServerLetsALongPollBeAnsweredUntilTheTimeout() throws Exception {
        HttpServer server = serve(channels);
        RawClient client = connect(server);
        AsyncChannel channel = open(client, get("/"));

        var stopped = server.stop(Duration.ofSeconds(10));
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        channel.send("in time");

        RawResponse response = client.read();
        assertThat(response.text()).isEqualTo("in time");
        assertThat(response.saysClose()).isTrue();
        stopped.join();
    }

    @Test
    void stoppingTheServerClosesALongPoll() throws Exception {
        HttpServer server = serve(channels);
        RawClient client = connect(server);
        AsyncChannel channel = open(client, get("/"));

        server.stop(Duration.ofSeconds(10)).join();

        assertThat(listener.nextClose()).isEqualTo("close 0 SERVER_STOP");
        assertThat(client.read().status()).isEqualTo(503);
        assertThat(channel.send("late")).isFalse();
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        channel.trySend("late", true, failure -> told.complete(failure == null));
        assertThat(told.join()).isFalse();
    }

    // ---- server-sent events

    @Test
    void streamsServerSentEvents() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/", "Last-Event-ID: 41"));
        assertThat(channel.request().header("Last-Event-ID")).isEqualTo("41");

        assertThat(channel.sendEvent(Event.comment("hello\nyou"))).isTrue();
        channel.sendEvent(Event.of("a\nb\r\nc\rd").id("42").type("letters").retry(Duration.ofSeconds(3)));
        channel.sendEvent(Event.of(""));
        channel.close();

        RawResponse response = client.read();
        assertThat(response.field("Content-Type")).isEqualTo("text/event-stream");
        assertThat(response.field("Cache-Control")).isEqualTo("no-cache");
        assertThat(response.text())
                .isEqualTo(": hello\n: you\n\n"
                        + "retry: 3000\nid: 42\nevent: letters\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
                        + "data: \n\n");
        assertThat(channel.sendEvent(Event.of("late"))).isFalse();
    }

    @Test
    void keepsTheFieldsOfAnEarlierSendForEvents() throws Exception {
        RawClient client = connect(serve(channels));
        AsyncChannel channel = open(client, get("/"));

        channel.send(
                Response.of(200).header("Content-Type", "text/event-stream").header("X-Mark", "1"), false);
        channel.sendEvent(Event.of("x"));
        channel.close();

        RawResponse response = client.read();
        assertThat(response.field("X-Mark")).isEqualTo("1");
        assertThat(response.text()).isEqualTo("data: x\n\n");
    }

    @Test
    void anEventsFieldsAreOneLine() {
        for (String bad : List.of("a\nb", "a\rb", "a\0b")) {
            assertThatThrownBy(() -> Event.of("x").id(bad)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Event.of("x").type(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Gives its text only when it may, and counts as open until closed. */
    private static final class SlowStream extends InputStream {
        private final InputStream content;
        private final CountDownLatch mayEnd;
        private volatile boolean closed;

        SlowStream(String content, CountDownLatch mayEnd) {
            this.content = new ByteArrayInputStream(content.getBytes(UTF_8));
            this.mayEnd = mayEnd;
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public int read() throws IOException {
            try {
                await(mayEnd);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return content.read();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class FailingStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("disk on fire");
        }
    }

    /** Fields that would split a response, as a careless implementation could have them. */
    private static final class SplittingHeaders implements Headers {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public String name(int index) {
            return "X-Mark";
        }

        @Override
        public String value(int index) {
            return "1\r\nX-Split: 2";
        }
    }
}
