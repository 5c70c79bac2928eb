package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.internal.context.Environment;
import org.httpkit.internal.context.HandshakeThreads;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.LoopCall.Effect;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.SeenEvents;
import org.junit.jupiter.api.Test;

/** The call of a handler: what it learns, who is interrupted, and what comes of its result. */
final class HandlerCallTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

    private final FakeStream stream = new FakeStream();
    private final SeenEvents seen = new SeenEvents();
    private final List<String> learned = new ArrayList<>();
    private final Forecast forecast = new Forecast() {
        @Override
        public void took(int kind, int group, long nanos) {
            learned.add("took " + (kind != 0) + " " + (nanos >= 0));
        }

        @Override
        public void waited(int kind, int group) {
            learned.add("waited");
        }
    };

    private Exchange exchange(Handler handler, boolean learns) {
        ServerContext context = ServerContext.of(
                HttpServer.builder()
                        .handler(handler)
                        .dispatch(Dispatch.WORKER)
                        .observer(seen)
                        .options(),
                Runnable::run,
                seen,
                new Environment(
                        learns ? forecast : null,
                        new HandshakeThreads(),
                        ReentrantLock::new,
                        InstantSource.system(),
                        Random::new,
                        1));
        RequestHead head = RequestHead.of(GET.getBytes(StandardCharsets.US_ASCII));
        return new Exchange(stream, context, new Link(new FakeLoop(), new FakeWire()), head, 0);
    }

    @Test
    void learnsHowLongACallTookUnderItsKind() {
        Exchange exchange = exchange(request -> Response.of(200), true);
        exchange.call().identify();
        exchange.call().run();

        assertThat(learned).containsExactly("took true true");
        assertThat(exchange.kindOfCalls()).isEqualTo(~exchange.call().kind());
        assertThat(stream.calls).startsWith("whole 200 of 0");
    }

    @Test
    void identifiesNothingIfNobodyLearns() {
        Exchange exchange = exchange(request -> Response.of(200), false);
        exchange.call().identify();

        assertThat(exchange.call().kind()).isZero();
        assertThat(exchange.call().group()).isZero();
    }

    @Test
    void answersOnlyWhenACallOfTheLoopIsFinished() {
        Exchange exchange = exchange(request -> Response.of(201), true);
        exchange.call().call();
        assertThat(stream.calls).isEmpty();

        exchange.call().finish(Effect.KEPT_LOOP, 5);

        assertThat(stream.calls).startsWith("whole 201 of 0");
        assertThat(learned).hasSize(1);
    }

    @Test
    void answers500WhenACallOfTheLoopHasFailed() {
        Exchange exchange = exchange(
                request -> {
                    throw new IOException("broken");
                },
                true);
        exchange.call().call();
        exchange.call().finish(Effect.LOST_LOOP_WAITING, 5);

        assertThat(stream.calls).first().asString().startsWith("whole 500 ");
        assertThat(seen.take()).startsWith("handler failed: broken");
        assertThat(learned).containsExactly("waited");
    }

    @Test
    void forgetsAnInterruptThatTheHandlerLeavesBehind() {
        Exchange exchange = exchange(
                request -> {
                    Thread.currentThread().interrupt();
                    return Response.of(200);
                },
                false);
        exchange.call().run();

        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void interruptsTheThreadOfTheHandlerAtTheEndOfTheServersPatience() {
        AtomicInteger interrupted = new AtomicInteger();
        Exchange[] made = new Exchange[1];
        made[0] = exchange(
                request -> {
                    assertThat(made[0].isAtRest()).isFalse();
                    assertThat(made[0].call().isRunning()).isTrue();
                    made[0].connectionClosed(null, true);
                    if (Thread.interrupted()) {
                        interrupted.incrementAndGet();
                    }
                    throw new InterruptedException();
                },
                false);
        made[0].call().run();

        assertThat(interrupted).hasValue(1);
        assertThat(made[0].call().isRunning()).isFalse();
        assertThat(seen.take()).noneMatch(event -> event.startsWith("handler failed"));
    }

    @Test
    void interruptsNobodyOnceTheHandlerHasReturned() {
        Exchange exchange = exchange(request -> Response.of(200), false);
        exchange.call().run();
        exchange.connectionClosed(null, true);

        assertThat(Thread.interrupted()).isFalse();
        assertThat(exchange.isAtRest()).isTrue();
    }

    @Test
    void interruptsNobodyOnceACallOfTheLoopOrATaskHasReturned() {
        Exchange exchange = exchange(request -> Response.of(200), true);
        exchange.call().call();
        assertThat(exchange.call().isRunning()).isFalse();
        List<Boolean> running = new ArrayList<>();
        assertThat(exchange.onOtherThread(() -> running.add(exchange.call().isRunning())))
                .isTrue();

        assertThat(running).containsExactly(true);
        assertThat(exchange.call().isRunning()).isFalse();
    }

    @Test
    void leavesTheThreadAloneIfTheServerIsPatient() {
        Exchange[] made = new Exchange[1];
        made[0] = exchange(
                request -> {
                    made[0].connectionClosed(null, false);
                    assertThat(Thread.interrupted()).isFalse();
                    return Response.of(200);
                },
                false);
        made[0].call().run();

        assertThat(seen.take()).noneMatch(event -> event.startsWith("handler failed"));
    }

    @Test
    void runsWhatMayBlockOnTheWorkersThreadThatRunsTheHandler() {
        List<String> ran = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(request -> Response.stream(
                out -> ran.add("written on " + Thread.currentThread().getName())));
        connection.send(GET);
        connection.runWorkersNext();

        assertThat(connection.workersTasks()).isZero();
        assertThat(ran).hasSize(1);
    }

    // ---- clients that leave or end their side

    @Test
    void failsABodyWhoseConnectionCloses() {
        List<String> read = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(org.httpkit.server.Request request) throws IOException {
                try (InputStream body = request.body().stream()) {
                    body.readAllBytes();
                } catch (IOException e) {
                    read.add(String.valueOf(e.getMessage()));
                    throw e;
                }
                return null;
            }

            @Override
            public boolean streamsBody(org.httpkit.server.Request request) {
                return true;
            }
        });
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
        connection.reset();

        assertThat(read).containsExactly("Connection reset by peer");
        assertThat(connection.events()).noneMatch(event -> event.startsWith("handler failed"));
    }

    @Test
    void givesUpAResponseThatTheApplicationWritesWhenItsClientLeaves() throws IOException {
        List<java.io.OutputStream> outs = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(request -> {
            outs.add(request.beginResponse(Response.of(200), -1));
            return null;
        });
        connection.ask(GET);
        outs.get(0).write(1);
        outs.get(0).flush();
        connection.reset();

        assertThat(connection.events()).containsExactly("responded 200", "finished CUT", "closed PEER_RESET");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    @Test
    void beginsAResponseInPlaceOfAChannelThatWasMadeEarly() {
        List<String> closed = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(request -> {
            request.channel(new org.httpkit.server.ChannelCallbacks() {
                @Override
                public void set(org.httpkit.server.AsyncChannel channel, Occasion occasion, Object callback) {}

                @Override
                public boolean hasCloseHandler() {
                    return true;
                }

                @Override
                public Object toSend(org.httpkit.server.AsyncChannel channel, Object data) {
                    return data;
                }

                @Override
                public void onClose(org.httpkit.server.AsyncChannel channel, org.httpkit.server.CloseReason reason) {
                    closed.add("closed " + reason.cause());
                }
            });
            request.beginResponse(Response.of(200), -1).close();
            return null;
        });

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 200 OK");
        assertThat(closed).containsExactly("closed CLOSED");
    }

    @Test
    void tellsAChannelWhoseClientHadEndedItsSideBeforeItWasReturned() {
        List<String> told = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(request -> {
            assertThat(request.isCancelled()).isTrue();
            return request.asChannel(ChannelOptions.DEFAULT, new ChannelListener() {
                @Override
                public void onClose(org.httpkit.server.AsyncChannel channel, org.httpkit.server.CloseReason reason) {
                    told.add("close " + reason.cause());
                }
            });
        });
        connection.send(GET).endInput();
        connection.settle();

        assertThat(told).containsExactly("close PEER_CLOSED");
        assertThat(connection.events()).contains("finished UNANSWERED");
    }

    @Test
    void answersPlainlyIfTheWorkerHasNoRoomForThePageOfARefusedStream() {
        PlayedConnection connection = PlayedConnection.serving(
                request -> Response.of(200),
                options -> options.errorPages((status, reason, request) -> Response.html("page")));
        org.httpkit.testing.PlayedHttp2 client = org.httpkit.testing.PlayedHttp2.on(connection);
        connection.workerIsFull = true;

        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=1", "  GET /", "  expect: tea"))
                .anyMatch(frame -> frame.startsWith("HEADERS 1 417 content-type=text/plain"));
    }
}
