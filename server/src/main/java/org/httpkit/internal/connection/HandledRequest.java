package org.httpkit.internal.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.net.Call;
import org.httpkit.internal.net.Link;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The call of the handler for a request: as a {@link Runnable} on the worker or right on the loop, as a {@link Call} while the
 * loop is put down. Whoever makes it, or runs something that blocks on its behalf, may be interrupted meanwhile, and only then.
 */
abstract class HandledRequest extends ReceivedRequest implements Runnable, Call {
    private static final VarHandle RUNNER;
    private static final Object BEING_INTERRUPTED = new Object();

    static {
        try {
            RUNNER = MethodHandles.lookup().findVarHandle(HandledRequest.class, "runner", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What requests of this kind have in common, for the forecast. */
    private int kind;

    private int group;

    /** The thread that runs the handler or pulls the body, while it may be interrupted because the server's patience ends. */
    private volatile @Nullable Object runner;

    /** What a call from the loop has returned or thrown, until it is finished. */
    private @Nullable Object outcome;

    HandledRequest(ServerContext context, Link link, long receivedNanos) {
        super(context, link, receivedNanos);
    }

    /** Whether the handler reads the body while it comes, so that how long it takes says nothing of the handler. */
    abstract boolean isStreamed();

    /** The handler is being called. */
    abstract void called();

    /** Sends the response; null is 404. */
    abstract void respond(@Nullable Response response);

    /** Answers for a handler that failed. */
    abstract void fail(Throwable failure);

    /** Whether the handler may be called from the loop, as far as one can tell. */
    boolean willBeQuick() {
        Forecast forecast = context.forecast;
        if (forecast == null) {
            return false;
        }
        kind = head().kind(context.seed);
        group = head().group(context.seed);
        return forecast.isQuick(kind, group);
    }

    @Override
    int kindOfCalls() {
        return ~kind;
    }

    /** Calls the handler and sends what it returns. */
    @Override
    public void run() {
        becomeRunner();
        called();
        try {
            @Nullable Response response = handleAndLearn();
            Thread.interrupted(); // whatever the handler meant by it, a file that is sent would be closed by it
            respond(response);
        } catch (Throwable e) {
            fail(e);
        } finally {
            stopBeingRunner();
        }
    }

    private @Nullable Response handleAndLearn() throws Exception {
        Forecast forecast = context.forecast;
        if (forecast == null || isStreamed()) {
            return context.handler.handle(this);
        }
        long begun = System.nanoTime();
        try {
            return context.handler.handle(this);
        } finally {
            forecast.took(kind, group, System.nanoTime() - begun);
        }
    }

    @Override
    public void call() {
        becomeRunner();
        called();
        try {
            outcome = context.handler.handle(this);
        } catch (Throwable e) {
            outcome = e;
        } finally {
            stopBeingRunner();
        }
    }

    @Override
    public void finish(Effect effect, long nanos) {
        Forecast forecast = Objects.requireNonNull(context.forecast);
        switch (effect) {
            case KEPT_LOOP, LOST_LOOP -> forecast.took(kind, group, nanos);
            case LOST_LOOP_WAITING -> forecast.waited(kind, group);
        }
        Object result = outcome;
        outcome = null;
        if (result instanceof Throwable thrown) {
            fail(thrown);
            return;
        }
        try {
            respond((Response) result);
        } catch (Throwable e) {
            fail(e);
        }
    }

    /**
     * Runs what may block where it may: here if this is the worker's thread that runs the handler, else on the worker.
     *
     * @return false if the worker has no room for it
     */
    boolean onWorker(Runnable task) {
        if (Thread.currentThread().equals(runner) && !link.isOnLoopThread()) {
            task.run();
            return true;
        }
        return onOtherThread(task);
    }

    @Override
    boolean onOtherThread(Runnable task) {
        try {
            context.worker.execute(() -> runInterruptibly(task));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void runInterruptibly(Runnable task) {
        becomeRunner();
        try {
            task.run();
        } finally {
            stopBeingRunner();
        }
    }

    /** From here on an interrupt is for this thread, even if another one has not finished yet that has handed over to it. */
    private void becomeRunner() {
        Object before = runner;
        while (before == BEING_INTERRUPTED || !RUNNER.compareAndSet(this, before, Thread.currentThread())) {
            Thread.onSpinWait();
            before = runner;
        }
    }

    /** From here on no interrupt comes: it would hit what the thread does next. */
    private void stopBeingRunner() {
        if (!RUNNER.compareAndSet(this, Thread.currentThread(), null)) {
            while (runner == BEING_INTERRUPTED) {
                Thread.onSpinWait(); // one is coming right now; of another thread that has taken over we are free
            }
        }
    }

    /** Has whoever works on it now, handler or body, give up. */
    final void interruptRunner() {
        if (runner instanceof Thread thread && RUNNER.compareAndSet(this, thread, BEING_INTERRUPTED)) {
            thread.interrupt();
            runner = null;
        }
    }
}
