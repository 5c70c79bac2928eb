package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.UpgradedConnection;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response. As a {@link Request} it is the user's; the rest is between the thread that answers and the
 * connection.
 */
public final class Exchange extends ExchangeBody {
    private final HandlerCall call;

    // Any thread.
    /** Whether what the handler returned is the answer, not its channel. */
    private volatile boolean answersItself;

    private volatile boolean cancelled;

    private volatile @Nullable ExchangeChannel channel;

    /** The answer that the application writes by itself; null if it does not. */
    private volatile @Nullable BegunAnswer begun;

    public Exchange(HttpStream stream, ServerContext context, Link link, RequestHead head, long receivedNanos) {
        super(stream, context, link, head, receivedNanos);
        this.call = new HandlerCall(this);
    }

    /** The call of the handler. */
    public HandlerCall call() {
        return call;
    }

    /** Whether it has ended, with or without an answer, and nothing runs for it any more. */
    public boolean isAtRest() {
        return over && !call.isRunning();
    }

    /**
     * Is called when the client has ended its side. It may still read, so the answer is sent. But it may also have
     * gone, and the answer on a channel may come at any time, or never. A WebSocket's protocol, which takes over right
     * now, notices the end itself; a channel that opens may become a WebSocket.
     *
     * @return false if the connection is to be closed now
     */
    public boolean peerEnded() {
        cancelled = true;
        ExchangeChannel made = channel;
        if (made != null && !made.isClaimed()) {
            made.peerEnded();
        }
        ExchangeChannel open = claimed();
        return open == null || open.isOpening() || open.isWebSocket();
    }

    /**
     * Is called when the channel can receive its end. A client that ended its side before causes no further event, so
     * this checks once more.
     */
    public void channelOpened() {
        if (cancelled) {
            stream.recheckInputEnd();
        }
    }

    /**
     * Whether a channel answers, which may take its time: a stream goes on, and a long poll waits, until the
     * application ends it.
     */
    public boolean isOpenEnded() {
        ExchangeChannel open = claimed();
        return open != null && (open.isStream() || open.unansweredUntil() != Protocol.NO_DEADLINE);
    }

    /** When a channel is to be asked for its answer that has not begun; {@link Protocol#NO_DEADLINE} if there is none to ask. */
    public long unansweredUntil() {
        ExchangeChannel open = claimed();
        return open == null ? Protocol.NO_DEADLINE : open.unansweredUntil();
    }

    /** That time has come. */
    public void answerIsDue(long nowNanos) {
        ExchangeChannel open = claimed();
        if (open != null) {
            open.answerIsDue(nowNanos);
        }
    }

    /** The server stops: a stream that would go on and on is ended. */
    public void serverStopping() {
        ExchangeChannel open = claimed();
        if (open != null) {
            open.serverStopping();
        }
    }

    /** The client has taken everything that waited. */
    public void drained() {
        ExchangeChannel open = claimed();
        if (open != null) {
            open.drained();
        }
    }

    /** The channel that answers, if one does; else there may still be one that waits for its turn. */
    private @Nullable ExchangeChannel claimed() {
        ExchangeChannel made = channel;
        return made != null && made.isClaimed() ? made : null;
    }

    /** The connection is closed under the exchange. */
    public void connectionClosed(@Nullable IOException failure, boolean interrupt) {
        cancelled = true;
        failStreamedBody(failure);
        ExchangeChannel made = channel;
        if (made != null) {
            boolean answers = made.isClaimed() && !answersItself;
            made.connectionClosed(failure, interrupt);
            if (answers) {
                endWithConnection(made.begunStatus());
            }
        }
        BegunAnswer own = begun;
        if (own != null && own.connectionClosed(failure)) {
            endWithConnection(own.begunStatus());
        }
        if (interrupt) {
            call.interrupt();
        }
    }

    /** Sends the response; null is 404. Only the first counts. */
    public void respond(@Nullable Response response) {
        if (response == null) {
            respond(Responses.NOT_FOUND, true);
        } else {
            respond(response, response == Responses.OVERLOADED);
        }
    }

    /** @param isOurs whether the application may shape it */
    private void respond(Response given, boolean isOurs) {
        if (given.body() instanceof ResponseBody.Channel answering) {
            leaveTo(answering.channel());
            return;
        }
        if (given.body() instanceof ResponseBody.Later later) {
            CompletionStage<?> response = later.response(); // in a dynamic language, of anything
            response.whenComplete(this::respondLater);
        } else if (claim()) {
            answersItself = true;
            ResponseWriter writer = new ResponseWriter(this, stream);
            if (isOurs) {
                writer.writeError(given);
            } else {
                writer.write(given);
            }
            ExchangeChannel unused = channel;
            if (unused != null) {
                unused.answeredOtherwise();
            }
        } else {
            ExchangeChannel answering = channel;
            if (answering != null) {
                answering.notReturned();
            }
        }
    }

    private void respondLater(@Nullable Object result, @Nullable Throwable failure) {
        try {
            if (failure == null) {
                respond((Response) result);
            } else {
                fail(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
        } catch (Throwable e) { // nobody would see it
            fail(e);
        }
    }

    private void leaveTo(AsyncChannel answering) {
        ExchangeChannel made = channel;
        if (made != null && made.handle().equals(answering)) {
            made.handedOver();
            endIfClosed(made);
        } else {
            fail(new IllegalStateException("The handler has returned the channel of another request"));
        }
    }

    /** The client may have gone before the channel had the exchange: then it will not answer. */
    private void endIfClosed(ExchangeChannel made) {
        if (stream.outflow().isClosed()) {
            endWithConnection(made.begunStatus());
        } else if (cancelled) {
            stream.recheckInputEnd();
        }
    }

    /**
     * Answers for the handler, which is not asked, with a page of the application's; plainly if the worker has no room
     * to make one.
     *
     * @return false if there are no pages, or the exchange has been answered
     */
    public boolean refuseByPage(Status status, String reason) {
        if (context.options.errorPages() == null || !claim()) {
            return false;
        }
        ResponseWriter writer = new ResponseWriter(this, stream);
        Response plain = Responses.refusal(status, reason);
        if (!onOtherThread(() -> writer.write(ErrorAnswers.shaped(context, plain, reason, this)))) {
            writer.write(plain);
        }
        return true;
    }

    /** Answers for a handler that failed, unless its answer has begun. */
    void fail(Throwable failure) {
        ExchangeChannel open = claimed();
        RefusedBodyException refused = RefusedBodyException.of(failure);
        if (refused != null && open == null) {
            if (!refused.isTold()) {
                context.observer.refused(refused.status().code(), String.valueOf(refused.getMessage()));
            }
            if (!cutsOwn(failure)) {
                respond(refused.answer(context), true);
            }
            return;
        }
        // If the client has gone, or a stop interrupts, the handler can only fail, which needs no report.
        boolean expected = cancelled && (failure instanceof IOException || failure instanceof InterruptedException);
        if (!stream.isOver() && !expected) {
            context.observer.handlerFailed(this, failure);
        }
        if (open != null) {
            open.failed(failure);
            endIfClosed(open);
            open.beginCalls();
            return;
        }
        if (!cutsOwn(failure)) {
            respond(Responses.INTERNAL_ERROR, true);
        }
    }

    /** Breaks off what the application answers by itself; returns false if it does not. */
    private boolean cutsOwn(Throwable failure) {
        BegunAnswer own = begun;
        if (own == null) {
            return false;
        }
        own.cut(failure);
        return true;
    }

    @Override
    public int kindOfCalls() {
        return call.kindOfCalls();
    }

    @Override
    public boolean onOtherThread(Runnable task) {
        return call.onOtherThread(task);
    }

    @Override
    public boolean onWorker(Runnable task) {
        return call.onWorker(task);
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void sendEarlyHints(Headers fields) {
        EarlyHints.send(fields, stream, this::isAnswered);
    }

    @Override
    public OutputStream beginResponse(Response head, long length) throws IOException {
        if (length < -1 || head.body() != ResponseBody.Empty.EMPTY || head.trailers() != null) {
            throw new IllegalArgumentException("length is " + length
                    + " (legal: -1 or more), and the head has to be without body and trailers: " + head);
        }
        requireNotOnLoop();
        PushedBody body = new PushedBody(this, stream, head, length);
        claimFor(body);
        if (stream.outflow().isClosed() && body.connectionClosed(null)) {
            endWithConnection(0); // the client may have gone before there was a body to cut
        }
        body.endIfEmpty();
        return body;
    }

    @Override
    public UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout) {
        requireNotOnLoop();
        ProtocolSwitch made = stream.newSwitch(
                ProtocolSwitch.answer(head(), isStreamed(), protocol, fields, idleTimeout), idleTimeout);
        claimFor(made);
        UpgradedConnection upgraded = made.perform();
        if (stream.outflow().isClosed()) {
            made.connectionClosed(null); // the client may have gone before anybody would have noticed
        }
        return upgraded;
    }

    private static void requireNotOnLoop() {
        if (CallingThread.isOnAnyLoop()) {
            throw new IllegalStateException("An event loop must not use a stream that may have to wait for its client");
        }
    }

    private void claimFor(BegunAnswer own) {
        if (!claim()) {
            throw new IllegalStateException("This exchange is a channel already, or has been answered");
        }
        begun = own;
        ExchangeChannel unused = channel;
        if (unused != null) {
            unused.answeredOtherwise();
        }
    }

    @Override
    public Response asChannel(ChannelOptions options, ChannelListener listener) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(listener, "listener");
        ExchangeChannel opened = claimForChannel(options, listener);
        opened.open(options);
        if (stream.outflow().isClosed()) {
            connectionClosed(null, context.isStopping()); // the client may have gone before there was a channel to tell
        } else if (cancelled) {
            stream.recheckInputEnd();
        }
        return Response.channel(opened.handle());
    }

    /** Closes the channel that the application may have been given before, and has not used. */
    private ExchangeChannel claimForChannel(ChannelOptions options, ChannelListener listener) {
        if (!claim()) {
            throw new IllegalStateException("This exchange is a channel already, or has been answered");
        }
        ExchangeChannel claimed = stream.newChannel(options, listener);
        ExchangeChannel unused = replaceChannel(claimed);
        if (unused != null) {
            unused.answeredOtherwise();
        }
        return claimed;
    }

    private synchronized @Nullable ExchangeChannel replaceChannel(ExchangeChannel next) {
        ExchangeChannel before = channel;
        channel = next;
        return before;
    }

    @Override
    public synchronized AsyncChannel channel(ChannelCallbacks callbacks) {
        if (channel != null) {
            throw new IllegalStateException("This exchange has a channel already");
        }
        ExchangeChannel made = stream.newChannel(ChannelOptions.DEFAULT.answerTimeout(Duration.ZERO), callbacks);
        channel = made;
        if (isAnswered()) {
            made.answeredOtherwise();
        } else if (stream.outflow().isClosed()) {
            made.connectionClosed(null, context.isStopping());
        }
        return made.handle();
    }
}
