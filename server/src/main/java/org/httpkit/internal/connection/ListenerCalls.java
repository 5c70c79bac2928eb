package org.httpkit.internal.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.net.Call;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls to a channel's listener: one at a time and in order, none before the channel is open, none after the last.
 * Safe from any thread.
 */
final class ListenerCalls implements Executor, Consumer<Throwable> {
    private final RealChannel channel;
    private final SerialExecutor inOrder;

    /** Calls that wait for the channel to open; null from then on. Guarded by this object's own monitor. */
    private @Nullable List<Runnable> early = new ArrayList<>(0);
    /** Whether somebody makes the calls that have waited: only one may, or their order is lost. Guarded like them. */
    private boolean opening;

    // Any thread.
    /** Nothing but the last call is made any more. */
    private volatile boolean muted;
    /** The last call is given, and has to be made even if the worker takes nothing. */
    private volatile boolean lastGiven;

    ListenerCalls(RealChannel channel) {
        this.channel = channel;
        this.inOrder = new SerialExecutor(this, this);
    }

    /** Runs calls where this server makes them. */
    @Override
    public void execute(Runnable calls) {
        ServerContext context = channel.context();
        if (context.inline) {
            calls.run();
            return;
        }
        Forecast forecast = context.forecast;
        try {
            if (forecast == null) {
                context.worker.execute(calls);
            } else {
                execute(new ForecastCalls(calls, forecast));
            }
        } catch (RejectedExecutionException e) {
            if (!lastGiven) {
                throw e;
            }
            ForkJoinPool.commonPool().execute(calls);
        }
    }

    private void execute(ForecastCalls calls) {
        if (!calls.willBeQuick() || !channel.link().callNext(calls)) {
            channel.context().worker.execute(calls);
        }
    }

    /** Calls that are made on the loop if calls of this listener are known to be quick, and tell how long they took. */
    private final class ForecastCalls implements Runnable, Call {
        private final Runnable calls;
        private final Forecast forecast;

        ForecastCalls(Runnable calls, Forecast forecast) {
            this.calls = calls;
            this.forecast = forecast;
        }

        boolean willBeQuick() {
            return channel.link().isOnLoop() && forecast.isQuick(channel.kindOfCalls(), 0);
        }

        @Override
        public void run() {
            long begun = System.nanoTime();
            calls.run();
            forecast.took(channel.kindOfCalls(), 0, System.nanoTime() - begun);
        }

        @Override
        public void call() {
            calls.run();
        }

        @Override
        public void finish(Effect effect, long nanos) {
            switch (effect) {
                case KEPT_LOOP, LOST_LOOP -> forecast.took(channel.kindOfCalls(), 0, nanos);
                case LOST_LOOP_WAITING -> forecast.waited(channel.kindOfCalls(), 0);
            }
        }
    }

    /** A call has thrown. */
    @Override
    public void accept(Throwable failure) {
        channel.listenerFailed(failure);
    }

    /** Makes the call in its turn. False if the worker has no room for it. */
    boolean call(Runnable call) {
        return give(() -> {
            if (!muted) {
                call.run();
            }
        });
    }

    /** Makes the last call in its turn, in any case. Used once. */
    void callLast(Runnable call) {
        lastGiven = true;
        Runnable last = () -> {
            muted = true;
            call.run();
        };
        if (channel.context().inline && !channel.link().isOnLoop()) {
            channel.link().execute(() -> give(last));
        } else {
            give(last);
        }
    }

    /** Makes no further calls but the last: the listener has failed. */
    void mute() {
        muted = true;
    }

    /** Runs something of ours that does not block after all calls so far. */
    void afterCalls(Runnable task) {
        if (!give(task)) {
            task.run(); // the worker refuses only if it has none of our calls
        }
    }

    /** How many calls have not been made yet. */
    int waiting() {
        synchronized (this) {
            if (early != null) {
                return early.size();
            }
        }
        return inOrder.waiting();
    }

    /** The channel is open: makes the calls that have waited for it. Who comes second leaves that to the first. */
    void opened() {
        synchronized (this) {
            if (opening) {
                return;
            }
            opening = true;
        }
        for (List<Runnable> waiting = takeEarly(); !waiting.isEmpty(); waiting = takeEarly()) {
            waiting.forEach(this::giveOrRun);
        }
    }

    private synchronized List<Runnable> takeEarly() {
        List<Runnable> waiting = early == null ? List.of() : early;
        early = waiting.isEmpty() ? null : new ArrayList<>();
        return waiting;
    }

    private void giveOrRun(Runnable call) {
        if (!tryInOrder(call)) {
            try {
                call.run(); // here, where the worker has let the channel be opened
            } catch (Throwable e) {
                accept(e);
            }
        }
    }

    private boolean give(Runnable call) {
        synchronized (this) {
            if (early != null) {
                early.add(call);
                return true;
            }
        }
        return tryInOrder(call);
    }

    private boolean tryInOrder(Runnable call) {
        try {
            inOrder.execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
