package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testing.SeenEvents;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an exchange passes on between its channel, its stream and the connection, and how it ends. */
final class ExchangeAndChannelTest {
    private static final ChannelListener LISTENER = new ChannelListener() {};
    private static final ChannelCallbacks CALLBACKS = new ChannelCallbacks() {
        @Override
        public void set(AsyncChannel channel, Occasion occasion, Object callback) {}

        @Override
        public boolean hasCloseHandler() {
            return false;
        }

        @Override
        public Object toSend(AsyncChannel channel, Object data) {
            return data;
        }
    };

    private final FakeStream stream = new FakeStream();
    private final SeenEvents seen = new SeenEvents();
    private final FakeChannel channel = new FakeChannel();
    private boolean workerIsFull;
    private final Exchange exchange = exchange(false);

    private Exchange exchange(boolean withPages) {
        HttpServer.Builder options = HttpServer.builder()
                .handler(request -> Response.of(200))
                .dispatch(Dispatch.WORKER)
                .observer(seen);
        if (withPages) {
            options.errorPages((status, reason, request) -> Response.html("page"));
        }
        ServerContext context = ServerContext.of(
                options.options(),
                task -> {
                    if (workerIsFull) {
                        throw new java.util.concurrent.RejectedExecutionException("full");
                    }
                    task.run();
                },
                seen);
        RequestHead head = RequestHead.of("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        stream.makes(channel);
        return new Exchange(stream, context, new Link(new FakeLoop(), new FakeWire()), head, 0);
    }

    private Response becomeChannel() {
        return exchange.asChannel(ChannelOptions.DEFAULT, LISTENER);
    }

    // ---- a channel that answers

    @Test
    void opensTheChannelThatItBecomes() {
        exchange.respond(becomeChannel());

        assertThat(channel.calls).containsExactly("open", "handed over");
        assertThat(stream.calls).isEmpty();
        assertThat(exchange.isCancelled()).isFalse();
        assertThat(seen.take()).isEmpty();
    }

    @Test
    void looksAgainForAnEndOfInputThatCameBeforeEachStepOfItsChannel() {
        assertThat(exchange.peerEnded()).isTrue();
        Response answer = becomeChannel();
        assertThat(stream.calls).containsExactly("recheck the end of input");
        exchange.channelOpened();
        assertThat(stream.calls).hasSize(2).containsOnly("recheck the end of input");
        exchange.respond(answer);

        assertThat(stream.calls).hasSize(3).containsOnly("recheck the end of input");
    }

    @Test
    void looksForNoEndOfInputThatHasNotCome() {
        Response answer = becomeChannel();
        exchange.channelOpened();
        exchange.respond(answer);

        assertThat(stream.calls).isEmpty();
    }

    @Test
    void tellsANewChannelThatItsClientHasGone() {
        stream.closed = true;
        channel.begunStatus = 201;
        becomeChannel();

        assertThat(channel.calls).containsExactly("open", "connection closed");
        assertThat(seen.take()).containsExactly("responded 201", "finished CUT");
    }

    @Test
    void endsWithAConnectionThatClosedWhileTheHandlerReturnedTheChannel() {
        Response answer = becomeChannel();
        stream.closed = true;
        exchange.respond(answer);

        assertThat(channel.calls).containsExactly("open", "handed over");
        assertThat(seen.take()).containsExactly("finished UNANSWERED");
    }

    @Test
    void asksTheChannelThatAnswersHowLongItMayTake() {
        becomeChannel();
        assertThat(exchange.isOpenEnded()).isFalse();
        assertThat(exchange.unansweredUntil()).isEqualTo(Protocol.NO_DEADLINE);
        channel.streams = true;
        assertThat(exchange.isOpenEnded()).isTrue();
        channel.streams = false;
        channel.dueNanos = 77;

        assertThat(exchange.isOpenEnded()).isTrue();
        assertThat(exchange.unansweredUntil()).isEqualTo(77);
    }

    @Test
    void tellsTheChannelThatAnswersWhatHappens() {
        becomeChannel();
        exchange.answerIsDue(5);
        exchange.serverStopping();
        exchange.drained();

        assertThat(channel.calls).containsExactly("open", "answer is due at 5", "server stopping", "drained");
    }

    @Test
    void neitherAsksNorTellsAChannelThatOnlyWaitsForItsTurn() {
        channel.claimed = false;
        channel.streams = true;
        channel.dueNanos = 77;
        exchange.channel(CALLBACKS);
        exchange.answerIsDue(5);
        exchange.serverStopping();
        exchange.drained();

        assertThat(channel.calls).isEmpty();
        assertThat(exchange.isOpenEnded()).isFalse();
        assertThat(exchange.unansweredUntil()).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(exchange.peerEnded()).isTrue();
    }

    @Test
    void outlivesTheEndOfInputWhileItsChannelMayBeAWebSocket() {
        becomeChannel();
        assertThat(exchange.peerEnded()).isFalse();
        assertThat(exchange.isCancelled()).isTrue();
        channel.opening = true;
        assertThat(exchange.peerEnded()).isTrue();
        channel.opening = false;
        channel.webSocket = true;

        assertThat(exchange.peerEnded()).isTrue();
    }

    @Test
    void endsWithItsConnectionIfItsChannelWasToAnswer() {
        becomeChannel();
        exchange.connectionClosed(new IOException("reset"), false);

        assertThat(channel.calls).containsExactly("open", "connection closed: reset");
        assertThat(seen.take()).containsExactly("finished UNANSWERED");
        assertThat(exchange.isCancelled()).isTrue();
        exchange.endWithConnection(200);
        assertThat(seen.take()).isEmpty();
    }

    @Test
    void goesOnWithoutItsConnectionIfItsHandlerIsToAnswer() {
        channel.claimed = false;
        exchange.channel(CALLBACKS);
        exchange.connectionClosed(null, true);

        assertThat(channel.calls).containsExactly("connection closed by the stop");
        assertThat(seen.take()).isEmpty();
    }

    // ---- handlers that go other ways

    @Test
    void tellsAChannelThatItsHandlerHasReturnedSomethingElse() {
        becomeChannel();
        exchange.respond(Response.text("else"));

        assertThat(channel.calls).containsExactly("open", "not returned");
        assertThat(stream.calls).isEmpty();
    }

    @Test
    void failsTheChannelOfAHandlerThatReturnsThatOfAnotherRequest() {
        becomeChannel();
        exchange.respond(Response.channel(new FakeChannel().handle()));

        assertThat(channel.calls)
                .containsExactly(
                        "open", "failed: The handler has returned the channel of another request", "begin calls");
        assertThat(seen.take())
                .containsExactly("handler failed: The handler has returned the channel of another request");
    }

    @Test
    void endsWithAConnectionThatClosedBeforeItsHandlerFailed() {
        becomeChannel();
        stream.closed = true;
        channel.begunStatus = 200;
        exchange.fail(new IllegalStateException("broken"));

        assertThat(seen.take()).containsExactly("handler failed: broken", "responded 200", "finished CUT");
    }

    @Test
    void tellsAChannelThatWasMadeEarlyThatItIsNotNeeded() throws IOException {
        channel.claimed = false;
        assertThat(exchange.channel(CALLBACKS)).isSameAs(channel.handle());
        exchange.respond(Response.text("hello"));

        assertThat(channel.calls).containsExactly("answered otherwise");
        assertThat(stream.calls).containsExactly("whole 200 of 5 hello", "over");
        FakeChannel next = new FakeChannel();
        next.claimed = false;
        stream.makes(next);
        Exchange written = new Exchange(stream, exchange.context(), exchange.link, exchange.head(), 0);
        written.channel(CALLBACKS);
        written.beginResponse(Response.of(200), 1);
        assertThat(next.calls).containsExactly("answered otherwise");
    }

    @Test
    void tellsAChannelThatIsMadeLateThatTheAnswerIsThere() {
        exchange.respond(Response.of(204));
        exchange.channel(CALLBACKS);

        assertThat(channel.calls).containsExactly("answered otherwise");
    }

    @Test
    void tellsAChannelThatIsMadeForNobodyThatItsClientHasGone() {
        stream.closed = true;
        exchange.channel(CALLBACKS);

        assertThat(channel.calls).containsExactly("connection closed");
        assertThatThrownBy(() -> exchange.channel(CALLBACKS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void endsABegunResponseWhoseClientHadGone() throws IOException {
        stream.closed = true;
        OutputStream body = exchange.beginResponse(Response.of(200), 1);

        assertThat(seen.take()).containsExactly("finished UNANSWERED");
        assertThatThrownBy(() -> body.write('a'))
                .isInstanceOf(IOException.class)
                .hasMessage("The client has gone");
        assertThat(stream.calls).isEmpty();
    }

    @Test
    void reportsAFailureAfterTheClientHasGoneOnlyIfThatCannotBeItsCause() {
        exchange.peerEnded();
        exchange.fail(new IllegalStateException("broken"));
        assertThat(seen.take()).containsExactly("handler failed: broken", "responded 500", "finished REFUSED");

        Exchange other = new Exchange(new FakeStream(), exchange.context(), exchange.link, exchange.head(), 0);
        other.peerEnded();
        other.fail(new IOException("gone"));
        assertThat(seen.take()).containsExactly("responded 500", "finished REFUSED");
    }

    // ---- the server's own answers

    @Test
    void answersPlainlyIfThereAreNoPages() {
        Response plain = Response.text("plain");

        assertThat(ErrorAnswers.shaped(exchange.context(), plain, "reason", exchange))
                .isSameAs(plain);
    }

    @Test
    void refusesOnceByAPage() {
        Exchange shaped = exchange(true);

        assertThat(shaped.refuseByPage(Status.EXPECTATION_FAILED, "no tea")).isTrue();
        assertThat(stream.calls).containsExactly("whole 417 of 4 page", "over");
        assertThat(shaped.refuseByPage(Status.EXPECTATION_FAILED, "no tea")).isFalse();
        assertThat(exchange.refuseByPage(Status.EXPECTATION_FAILED, "no tea")).isFalse();
        assertThat(exchange.claim()).isTrue();
    }

    @Test
    void refusesPlainlyIfTheWorkerHasNoRoomForThePage() {
        Exchange shaped = exchange(true);
        workerIsFull = true;

        assertThat(shaped.refuseByPage(Status.EXPECTATION_FAILED, "no tea")).isTrue();
        assertThat(stream.calls).containsExactly("whole 417 of 6 no tea", "over");
    }

    @Test
    void asksForNoBodyOnceItsResponseBegins() {
        exchange.beginStreamedBody(true);
        assertThat(exchange.isContinueDue()).isTrue();
        exchange.sendContinue();
        assertThat(stream.calls).containsExactly("interim 100");
        assertThat(exchange.isContinueDue()).isFalse();

        stream.calls.clear();
        exchange.claim();
        exchange.responseBegins();
        exchange.sendContinue();
        assertThat(stream.calls).containsExactly("no longer 100");
    }

    @Test
    void holdsABodyThatWasCollected() {
        long head = exchange.heldBytes();
        assertThat(head).isPositive();
        exchange.collected(new byte[1000], Headers.empty());
        assertThat(exchange.heldBytes()).isEqualTo(head + 1000);
        assertThat(exchange.isStreamed()).isFalse();
    }

    // ---- ends

    @Test
    void callsWhoWaitsForItsEndOnceAndFirst() {
        List<String> ends = new ArrayList<>();
        exchange.beforeEnd(failure -> ends.add(failure + " after " + stream.calls.size() + " calls"));
        exchange.respond(Response.of(204));
        exchange.abort(204, new IOException("late"));

        assertThat(ends).containsExactly("null after 1 calls");
    }

    @Test
    void tellsWhoWaitsForItsEndWhyItIsCut() {
        List<@Nullable Throwable> ends = new ArrayList<>();
        IOException broken = new IOException("broken");
        exchange.beforeEnd(ends::add);
        exchange.respond(Response.stream(out -> {
            out.write('a');
            out.flush();
            throw broken;
        }));

        assertThat(ends).containsExactly(broken);
        assertThat(stream.abortedFor).isEqualTo(Cause.HANDLER_ERROR);
        assertThat(seen.take()).containsExactly("handler failed: broken", "responded 200", "finished CUT");
    }

    @Test
    void blamesTheStopForAnAnswerThatItCuts() {
        exchange.context().stop();
        exchange.respond(Response.stream(out -> {
            out.write('a');
            out.flush();
            throw new IOException("interrupted");
        }));

        assertThat(stream.abortedFor).isEqualTo(Cause.SERVER_STOP);
    }

    @Test
    void countsItsAnswerForTheReportOfTheStop() {
        exchange.respond(Response.of(204));
        assertThat(exchange.isReported()).isFalse();
        assertThat(exchange.context().counters().exchangesDrained()).isZero();

        Exchange late = new Exchange(new FakeStream(), exchange.context(), exchange.link, exchange.head(), 0);
        late.context().stop();
        late.respond(Response.of(204));
        assertThat(late.isReported()).isTrue();
        assertThat(late.context().counters().exchangesDrained()).isEqualTo(1);
    }

    @Test
    void reportsAHandshakeAndARefusalOnce() {
        exchange.upgraded(Status.SWITCHING_PROTOCOLS);
        exchange.upgraded(Status.SWITCHING_PROTOCOLS);
        exchange.refused(400);
        assertThat(seen.take()).containsExactly("responded 101", "finished UPGRADED");

        Exchange other = new Exchange(stream, exchange.context(), exchange.link, exchange.head(), 0);
        other.arrived(7);
        other.refused(400);
        other.refused(400);
        assertThat(seen.take()).containsExactly("responded 400", "finished REFUSED");
        assertThat(seen.finished.get(1).requestBodyBytes()).isEqualTo(7);
    }

    // ---- the request that a WebSocket keeps

    @Test
    void keepsTheRequestOfAWebSocketOnAStreamInLittleSpace() {
        ReceivedRequest kept = exchange.kept();

        assertThat(kept).isNotSameAs(exchange).hasToString("GET /a");
        assertThat(kept.headers().first("Host")).isEqualTo("a");
        assertThat(kept.kindOfCalls()).isEqualTo(exchange.kindOfCalls()).isEqualTo(-1);
        assertThat(kept.body().length()).isZero();
        assertThat(kept.trailers().size()).isZero();
        kept.sendEarlyHints(Headers.empty());
        assertThat(stream.calls).isEmpty();
        assertThatThrownBy(() -> kept.asChannel(ChannelOptions.DEFAULT, LISTENER))
                .hasMessage("This exchange is a WebSocket already");
        assertThatThrownBy(() -> kept.channel(CALLBACKS)).hasMessage("This exchange is a WebSocket already");
        assertThatThrownBy(() -> kept.beginResponse(Response.of(200), 0))
                .hasMessage("This exchange is a WebSocket already");
        assertThat(kept.isCancelled()).isFalse();
        stream.closed = true;
        assertThat(kept.isCancelled()).isTrue();
    }

    @Test
    void keepsTheRequestOfAWebSocketThatHadABodyWhole() {
        exchange.collected(new byte[1], Headers.empty());

        assertThat(exchange.kept()).isSameAs(exchange);
    }

    @Test
    void runsWhatAWebSocketLeavesToTheWorkerIfThereIsRoom() {
        List<String> ran = new ArrayList<>();
        ReceivedRequest kept = exchange.kept();
        assertThat(kept.onOtherThread(() -> ran.add("task"))).isTrue();
        workerIsFull = true;
        assertThat(kept.onOtherThread(() -> ran.add("more"))).isFalse();

        assertThat(ran).containsExactly("task");
    }
}
