package org.httpkit.internal.connection;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.net.Call;
import org.httpkit.server.ChannelListener;

/**
 * Makes the calls to a channel's listener: one at a time and in order, none before the channel is open, none after the last.
 * Safe from any thread.
 */
final class ListenerCalls extends SerialExecutor {
    private final RealChannel channel;

    // Any thread.
    /** Nothing but the last call is made any more. */
    private volatile boolean muted;
    /** The last call is given, and has to be made even if the worker takes nothing. */
    private volatile boolean lastGiven;

    ListenerCalls(RealChannel channel) {
        this.channel = channel;
    }

    /** Runs calls where this server makes them. */
    @Override
    protected void handOver(Runnable calls) {
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
                handOver(new ForecastCalls(calls, forecast));
            }
        } catch (RejectedExecutionException e) {
            if (!lastGiven) {
                throw e;
            }
            ForkJoinPool.commonPool().execute(calls);
        }
    }

    private void handOver(ForecastCalls calls) {
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

    @Override
    protected void failed(Throwable failure) {
        channel.listenerFailed(failure);
    }

    /** Makes the call in its turn. False if the worker has no room for it. */
    boolean call(Consumer<ChannelListener> call) {
        return give(() -> {
            if (!muted) {
                call.accept(channel.listener());
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

    private boolean give(Runnable call) {
        try {
            execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
