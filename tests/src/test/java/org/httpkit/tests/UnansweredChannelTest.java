package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Channels on which the application sends no answer: the server answers each client, and the application learns why. */
@Timeout(60)
@Tag("long")
class UnansweredChannelTest extends ServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final RecordingListener listener = new RecordingListener();

    // ---- handlers that do not return their channel

    private enum Returned {
        NOTHING,
        ANOTHER_RESPONSE,
        NOTHING_LATER,
        ANOTHER_RESPONSE_LATER;

        @Nullable
        Response response() {
            return switch (this) {
                case NOTHING -> null;
                case ANOTHER_RESPONSE -> Response.text("another");
                case NOTHING_LATER -> Response.later(CompletableFuture.completedFuture(null));
                case ANOTHER_RESPONSE_LATER ->
                    Response.later(CompletableFuture.supplyAsync(() -> Response.text("another")));
            };
        }
    }

    static Stream<Arguments> returned() {
        return Arrays.stream(Returned.values())
                .flatMap(each -> Arrays.stream(Dispatch.values()).map(dispatch -> Arguments.of(each, dispatch)));
    }

    @ParameterizedTest
    @MethodSource("returned")
    void aChannelThatIsDroppedIsAnsweredWith500AndTold(Returned returned, Dispatch dispatch) throws Exception {
        Handler handler = request -> {
            if (request.path().equals("/next")) {
                return Response.text("next");
            }
            request.asChannel(listener);
            return returned.response();
        };
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        assertThat(listener.nextClose()).isEqualTo("close 0 HANDLER_ERROR");
        eventually(() -> assertThat(observer.handlerFailures()).singleElement().satisfies(failure -> assertThat(failure)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asChannel")));
        assertThat(listener.channel().send("late")).isFalse();
        assertThat(client.send(get("/next")).read().text()).isEqualTo("next");
    }

    @Test
    void aNullListenerIsTheHandlersFailure() throws Exception {
        RawClient client = connect(serve(request -> request.asChannel(null)));

        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        eventually(() -> assertThat(observer.handlerFailures()).singleElement().satisfies(failure -> assertThat(failure)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("listener")));
    }

    @Test
    void whatWasSentOnADroppedChannelIsTheAnswer() throws Exception {
        HttpServer server = serve(request -> {
            request.asChannel(listener);
            AsyncChannel channel = listener.channel();
            if (request.path().equals("/stream")) {
                channel.send("a", false);
            } else {
                channel.send("whole");
            }
            return null;
        });
        RawClient client = connect(server);

        assertThat(client.send(get("/")).read().text()).isEqualTo("whole");
        client.send(get("/stream")).readHead();
        assertThat(client.readChunk()).isEqualTo(new byte[] {'a'});
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void aWebSocketWhoseChannelIsDroppedStaysOpen() throws Exception {
        HttpServer server = serve(request -> {
            request.asChannel(listener);
            return null;
        });
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        client.text("hello");

        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        assertThat(listener.next()).isEqualTo("text hello");
        assertThat(observer.handlerFailures()).isEmpty();
    }

    // ---- routes for WebSockets

    @Test
    void plainHttpGets426WhereOnlyWebSocketsAreServed() throws Exception {
        RawClient client =
                connect(serve(request -> request.asChannel(ChannelOptions.DEFAULT.forWebSocketOnly(), listener)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(426);
        assertThat(response.field("Upgrade")).isEqualTo("websocket");
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).startsWith("close");
        assertThat(client.send(request("POST / HTTP/1.1", "Content-Length: 0"))
                        .read()
                        .status())
                .isEqualTo(400);
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).startsWith("close");
    }

    @Test
    void webSocketsAreServedThere() throws Exception {
        HttpServer server = serve(request -> request.asChannel(ChannelOptions.DEFAULT.forWebSocketOnly(), listener));
        closeLater(RawWebSocket.open(server, "/"));

        assertThat(listener.channel().isWebSocket()).isTrue();
    }

    // ---- time

    @ParameterizedTest
    @EnumSource
    void anAnswerThatDoesNotBeginInTimeIs503(Dispatch dispatch) throws Exception {
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.answerTimeout(Duration.ofMillis(200)), listener),
                options -> options.dispatch(dispatch));
        RawClient client = connect(server);

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("Retry-After")).isEqualTo("1");
        assertThat(listener.nextClose()).isEqualTo("close 0 CLOSED");
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void theApplicationMayAnswerOtherwiseOrNotAtAll() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RecordingListener own = new RecordingListener() {
            @Override
            public @Nullable Response onUnanswered(AsyncChannel channel, Response response) {
                return asked.getAndIncrement() == 0 ? null : Response.of(204);
            }
        };
        HttpServer server =
                serve(request -> request.asChannel(ChannelOptions.DEFAULT.answerTimeout(Duration.ofMillis(10)), own));

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(204);
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void anAnswerThatBeginsInTimeMayTakeAsLongAsItLikes() throws Exception {
        RecordingListener prompt = new RecordingListener() {
            @Override
            void opened(AsyncChannel channel) {
                channel.send("a", false);
            }
        };
        HttpServer server = serve(request -> request.asChannel(ChannelOptions.DEFAULT.answerTimeout(A_WHILE), prompt));
        RawClient client = connect(server).send(get("/"));
        AsyncChannel channel = prompt.channel();
        client.readHead();
        client.readChunk();

        assertThat(client.staysQuiet(A_WHILE.multipliedBy(2))).isTrue();
        assertThat(channel.isOpen()).isTrue();
    }

    // ---- the stop

    /** The clients hang up only at the end of their test: the wait for that is to be short. */
    private HttpServer serveBriefly(Handler handler, Dispatch dispatch) throws IOException {
        return serve(handler, options -> options.dispatch(dispatch).closeTimeout(Duration.ofMillis(100)));
    }

    private DrainReport stopped(CompletableFuture<DrainReport> stopped) throws Exception {
        return stopped.get(15, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void aLongPollIsAnsweredWhenTheServerStops(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener), options -> options.dispatch(dispatch)
                .closeTimeout(Duration.ofMillis(100)));
        RawClient client = connect(server).send(get("/"));
        listener.channel();

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        RawResponse response = client.read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("Retry-After")).isEqualTo("1");
        assertThat(response.saysClose()).isTrue();
        assertThat(stopped(stopped)).isEqualTo(new DrainReport(1, 0));
        assertThat(listener.nextClose()).isEqualTo("close 0 SERVER_STOP");
    }

    @Test
    void anAnswerThatComesRightAfterTheStopIsStillSent() throws Exception {
        HttpServer server = serveBriefly(request -> request.asChannel(listener), Dispatch.ADAPTIVE);
        RawClient client = connect(server).send(get("/"));
        AsyncChannel channel = listener.channel();

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        channel.send("news");

        assertThat(client.read().text()).isEqualTo("news");
        assertThat(stopped(stopped)).isEqualTo(new DrainReport(1, 0));
    }

    @Test
    void halfOfTheStopsTimeIsEnough() throws Exception {
        HttpServer server = serveBriefly(request -> request.asChannel(listener), Dispatch.ADAPTIVE);
        RawClient client = connect(server).send(get("/"));
        listener.channel();

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofMillis(1800));

        assertThat(client.read().status()).isEqualTo(503);
        assertThat(stopped(stopped)).isEqualTo(new DrainReport(1, 0));
    }

    @Test
    void theApplicationMayGoOnWaitingUntilTheStopsTimeIsOver() throws Exception {
        RecordingListener waiting = new RecordingListener() {
            @Override
            public @Nullable Response onUnanswered(AsyncChannel channel, Response response) {
                return null;
            }
        };
        HttpServer server = serve(request -> request.asChannel(waiting));
        RawClient client = connect(server).send(get("/"));
        waiting.channel();

        assertThat(stopped(server.stop(Duration.ofMillis(300)))).isEqualTo(new DrainReport(0, 1));
        client.awaitEnd();
        assertThat(waiting.nextClose()).isEqualTo("close 0 SERVER_STOP");
    }

    // ---- one channel for each exchange

    /** What a binding would supply. It gets no calls here. */
    private static final class Silent implements ChannelCallbacks {
        @Override
        public void set(AsyncChannel channel, Occasion occasion, Object callback) {}

        @Override
        public boolean hasCloseHandler() {
            return false;
        }

        @Override
        public @Nullable Object toSend(AsyncChannel channel, @Nullable Object data) {
            return data;
        }
    }

    /** A channel with a listener replaces a channel that the handler has not used, and closes it. */
    @Test
    void anExchangeHasOneChannelWhicheverThreadMakesIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        closeLater(other::shutdownNow);
        CyclicBarrier together = new CyclicBarrier(2);
        AtomicInteger both = new AtomicInteger();
        Handler handler = request -> {
            AtomicReference<AsyncChannel> first = new AtomicReference<>();
            Future<Boolean> callbacks = other.submit(() -> makes(together, () -> {
                first.set(request.channel(new Silent()));
                return first;
            }));
            AtomicResponse made = new AtomicResponse();
            boolean channel = makes(together, () -> made.response = request.asChannel(listener));
            if (channel && callbacks.get() && first.get().isOpen()) {
                both.incrementAndGet();
            }
            return made.response == null ? Response.of(204) : finished(made.response);
        };
        RawClient client = connect(serve(handler, options -> options.dispatch(Dispatch.WORKER)));
        for (int i = 0; i < 3000; i++) {
            assertThat(client.send(get("/")).read().status()).isBetween(200, 299);
        }

        assertThat(both.get()).isZero();
    }

    private Response finished(Response response) throws InterruptedException {
        listener.channel().close();
        return response;
    }

    private static final class AtomicResponse {
        private @Nullable Response response;
    }

    private static boolean makes(CyclicBarrier together, Callable<?> call) throws Exception {
        together.await(10, TimeUnit.SECONDS);
        try {
            call.call();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Test
    void anAnsweredExchangeMakesNoChannel() throws Exception {
        CompletableFuture<Request> kept = new CompletableFuture<>();
        HttpServer server = serve(request -> {
            kept.complete(request);
            return Response.text("answered");
        });
        connect(server).send(get("/")).read();

        assertThatThrownBy(() -> kept.get().asChannel(listener)).isInstanceOf(IllegalStateException.class);
    }
}
