package org.httpkit.internal.exchange;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * How an exchange ends, and what is noted of it until then. It may find its end in several threads at once: one of them counts. Safe from
 * any thread.
 */
abstract class ExchangeEnd extends ReceivedRequest implements AnswerProgress {
    private static final VarHandle OVER;

    static {
        try {
            OVER = MethodHandles.lookup().findVarHandle(ExchangeEnd.class, "over", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final HttpStream stream;

    /** Null if nobody wants to be told of the end, and after it. */
    volatile @Nullable ExchangeTimes account;

    /** Whether it has been counted as over. */
    volatile boolean over;

    // Written by the thread that answers, before the stream is over.
    @Nullable
    Consumer<@Nullable Throwable> beforeEnd;

    /** Whether the report of the stop will tell of it. */
    boolean reported;

    ExchangeEnd(HttpStream stream, ServerContext context, Link link, long receivedNanos) {
        super(context, link, receivedNanos);
        this.stream = stream;
        this.account =
                context.observer().wantsExchanges() ? new ExchangeTimes(context, link, this, receivedNanos) : null;
    }

    /** Whether the report of the stop will tell of the answer. After the end. */
    public boolean isReported() {
        return reported;
    }

    /**
     * Nobody will answer any more: the exchange is over with its connection.
     *
     * @param begunStatus the status of a response that had begun, or 0
     */
    public void endWithConnection(int begunStatus) {
        if (isFirstEnd()) {
            context.exchangeEnded();
            if (begunStatus != 0) {
                context.responded(this, begunStatus);
            }
            finish(begunStatus, begunStatus == 0 ? Outcome.UNANSWERED : Outcome.CUT);
        }
    }

    /** The loop has answered it with a refusal. */
    public void refused(int status) {
        if (isFirstEnd()) {
            answered(status);
        }
    }

    /** Bytes of the body have arrived. */
    public void arrived(int bytes) {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.arrived(bytes);
        }
    }

    /** The handler can be called. */
    public void ready() {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.ready();
        }
    }

    /** The handler is being called. */
    void called() {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.called();
        }
    }

    /** Has this called when the response has been handed to the link (null), or cannot be completed; before anything else. */
    public void beforeEnd(Consumer<@Nullable Throwable> task) {
        beforeEnd = task;
    }

    void runBeforeEnd(@Nullable Throwable failure) {
        Consumer<@Nullable Throwable> task = beforeEnd;
        if (task != null) {
            beforeEnd = null;
            task.accept(failure);
        }
    }

    @Override
    public void end(int status) {
        runBeforeEnd(null);
        if (isFirstEnd()) {
            answered(status);
        }
        stream.exchangeOver();
    }

    /** The exchange has ended as a WebSocket's handshake. */
    public void upgraded(Status status) {
        if (isFirstEnd()) {
            context.exchangeEnded();
            context.responded(this, status.code());
            finishWhenSent(status.code(), Outcome.UPGRADED);
        }
    }

    @Override
    public void responding() {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.responding();
        }
    }

    @Override
    public void sent(long bytes) {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.sent(bytes);
        }
    }

    /** An exchange may find its end in several threads at once: one of them counts. */
    boolean isFirstEnd() {
        return !over && OVER.compareAndSet(this, false, true);
    }

    void answered(int status) {
        context.exchangeEnded();
        if (context.isStopping()) {
            reported = true;
            context.reportLeaving(stream.outflow());
        }
        context.responded(this, status);
        ExchangeTimes noted = account;
        if (noted != null) {
            finishWhenSent(status, noted.whole());
        }
    }

    void finishWhenSent(int status, Outcome outcome) {
        ExchangeTimes noted = account;
        if (noted != null) {
            account = null;
            noted.finishWhenSent(stream.outflow(), status, outcome);
        }
    }

    void finish(int status, Outcome outcome) {
        ExchangeTimes noted = account;
        if (noted != null) {
            account = null;
            noted.finish(status, outcome);
        }
    }

    @Override
    public Request request() {
        return this;
    }

    @Override
    public ServerContext context() {
        return context;
    }

    @Override
    public void runBlocking(Runnable task) {
        link.runBlocking(task);
    }

    @Override
    public void abort(int status, Throwable cause) {
        Cause why = context.isStopping() ? Cause.SERVER_STOP : Cause.HANDLER_ERROR;
        abort(status, cause, new EndedException(why, "The response could not be completed", cause));
    }

    @Override
    public void abort(int status, Throwable cause, IOException end) {
        runBeforeEnd(cause);
        if (isFirstEnd()) {
            context.exchangeEnded();
            context.responded(this, status);
            finish(status, Outcome.CUT);
        }
        stream.abort(end);
    }
}
