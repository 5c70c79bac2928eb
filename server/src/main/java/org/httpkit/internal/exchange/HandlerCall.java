package org.httpkit.internal.exchange;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.httpkit.http.Method;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.LoopCall;
import org.httpkit.server.Handler;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Calls the handler for a request: as a {@link Runnable} on the worker or directly on the loop, as a {@link LoopCall}
 * while the loop is put down. The thread that makes the call, or blocks on its behalf, may be interrupted during that
 * time only.
 */
public final class HandlerCall implements CallPlacer.Placed {
    private static final VarHandle RUNNER;
    private static final Object BEING_INTERRUPTED = new Object();

    static {
        try {
            RUNNER = MethodHandles.lookup().findVarHandle(HandlerCall.class, "runner", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Exchange exchange;

    /** The kind under which the forecast counts requests like this one. */
    private int kind;

    private int group;

    /** The thread that runs the handler or pulls the body, while it may be interrupted because the server's patience ends. */
    private volatile @Nullable Object runner;

    /** The result or exception of a call from the loop, until the call is finished. */
    private @Nullable Object outcome;

    HandlerCall(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Finds out what requests of this kind have in common, if that matters. */
    public void identify() {
        if (exchange.context.calls.learns()) {
            kind = exchange.head().kind(exchange.context.environment.seed());
            group = exchange.head().group(exchange.context.environment.seed());
        }
    }

    @Override
    public int kind() {
        return kind;
    }

    @Override
    public int group() {
        return group;
    }

    /** The kind under which the forecast counts calls to the listener of the exchange's channel. */
    int kindOfCalls() {
        return ~kind;
    }

    /** Calls the handler and sends what it returns. */
    @Override
    public void run() {
        becomeRunner();
        exchange.called();
        try {
            @Nullable Response response = handleAndLearn();
            Thread.interrupted(); // whatever the handler meant by it, a file that is sent would be closed by it
            exchange.respond(response);
        } catch (Throwable e) {
            exchange.fail(e);
        } finally {
            stopBeingRunner();
        }
    }

    private @Nullable Response handleAndLearn() throws Exception {
        if (!exchange.context.calls.learns() || exchange.isStreamed()) {
            return handle();
        }
        long begun = System.nanoTime();
        try {
            return handle();
        } finally {
            exchange.context.calls.learn(this, System.nanoTime() - begun);
        }
    }

    private @Nullable Response handle() throws Exception {
        exchange.prepareBody();
        Handler handler = exchange.context.handler;
        Response response = handler.handle(exchange);
        return response == null
                        && exchange.method().equals(Method.HEAD)
                        && !exchange.isAnswered()
                        && handler.answersHeadByGet()
                ? handler.handle(new HeadAsGet(exchange))
                : response;
    }

    @Override
    public void call() {
        becomeRunner();
        exchange.called();
        try {
            outcome = handle();
        } catch (Throwable e) {
            outcome = e;
        } finally {
            stopBeingRunner();
        }
    }

    @Override
    public void finish(Effect effect, long nanos) {
        exchange.context.calls.learn(this, effect, nanos);
        Object result = outcome;
        outcome = null;
        if (result instanceof Throwable thrown) {
            exchange.fail(thrown);
            return;
        }
        try {
            exchange.respond((Response) result);
        } catch (Throwable e) {
            exchange.fail(e);
        }
    }

    /**
     * Runs what may block where it may: here if this is the worker's thread that runs the handler, else on the worker.
     *
     * @return false if the worker has no room for it
     */
    boolean onWorker(Runnable task) {
        if (Thread.currentThread().equals(runner) && !CallingThread.isLoopThread()) {
            task.run();
            return true;
        }
        return onOtherThread(task);
    }

    /** Runs what may block on another thread of the worker; false if the worker has no room for it. */
    boolean onOtherThread(Runnable task) {
        return exchange.context.calls.giveToWorker(() -> runInterruptibly(task));
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

    /** Whether a thread runs the handler, or pulls the body. */
    boolean isRunning() {
        return runner != null;
    }

    /** Interrupts the thread that works on the exchange now, for its handler or its body. */
    void interrupt() {
        if (runner instanceof Thread thread && RUNNER.compareAndSet(this, thread, BEING_INTERRUPTED)) {
            thread.interrupt();
            runner = null;
        }
    }
}
