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
 * Decides who answers an exchange, ends it, and keeps the notes about it until then. Several threads may try at once: only the first counts.
 * Safe from any thread.
 */
abstract class ExchangeEnd extends ReceivedRequest implements AnswerProgress {
    private static final VarHandle ANSWERED;
    private static final VarHandle OVER;

    static {
        try {
            ANSWERED = MethodHandles.lookup().findVarHandle(ExchangeEnd.class, "answered", boolean.class);
            OVER = MethodHandles.lookup().findVarHandle(ExchangeEnd.class, "over", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final HttpStream stream;

    /** Null if no observer wants a report of the end, and after the end. */
    volatile @Nullable ExchangeTimes account;

    private volatile boolean answered;

    /** Whether it has been counted as over. */
    volatile boolean over;

    // Written by the thread that answers, before the stream is over.
    @Nullable
    Consumer<@Nullable Throwable> beforeEnd;

    /** Whether the report of the server's stop will include this exchange. */
    boolean reported;

    ExchangeEnd(HttpStream stream, ServerContext context, Link link, long receivedNanos) {
        super(context, link, receivedNanos);
        this.stream = stream;
        this.account =
                context.observer().wantsExchanges() ? new ExchangeTimes(context, link, this, receivedNanos) : null;
    }

    /** Whether the caller is the one who answers. */
    public boolean claim() {
        return ANSWERED.compareAndSet(this, false, true);
    }

    boolean isAnswered() {
        return answered;
    }

    /** Whether the report of the server's stop will include this answer. Valid after the end. */
    public boolean isReported() {
        return reported;
    }

    /**
     * Ends the exchange with its connection: no answer will come.
     *
     * @param begunStatus the status of a response that had begun, or 0
     */
    public void endWithConnection(int begunStatus) {
        if (isFirstEnd()) {
            context.exchangeEnded(begunStatus);
            if (begunStatus != 0) {
                context.responded(this, begunStatus);
            }
            finish(begunStatus, begunStatus == 0 ? Outcome.UNANSWERED : Outcome.CUT);
        }
    }

    /** Is called when the loop has answered with a refusal. */
    public void refused(int status) {
        if (isFirstEnd()) {
            answered(status);
        }
    }

    /** Is called when bytes of the body have arrived. */
    public void arrived(int bytes) {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.arrived(bytes);
        }
    }

    /** Is called when the handler can be called. */
    public void ready() {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.ready();
        }
    }

    /** Is called when the handler's call begins. */
    void called() {
        ExchangeTimes noted = account;
        if (noted != null) {
            noted.called();
        }
    }

    /**
     * Registers a task to be called before anything else when the link has received the response (null), or when the
     * response cannot be completed.
     */
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

    /** Is called when the exchange has ended as a WebSocket handshake. */
    public void upgraded(Status status) {
        if (isFirstEnd()) {
            context.exchangeEnded(status.code());
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

    /** Whether this call is the first to end the exchange: several threads may try at once. */
    boolean isFirstEnd() {
        if (over || !OVER.compareAndSet(this, false, true)) {
            return false;
        }
        freeBody();
        return true;
    }

    /** Frees memory outside of the heap that serves to read the request's body. */
    abstract void freeBody();

    void answered(int status) {
        context.exchangeEnded(status);
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
            context.exchangeEnded(status);
            context.responded(this, status);
            finish(status, Outcome.CUT);
        }
        stream.abort(end);
    }
}
