package org.httpkit.internal.connection;

import java.util.Objects;
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
final class ListenerCalls extends SerialExecutor implements Call {
    private final RealChannel channel;

    // Any thread.
    /** Nothing but the last call is made any more. */
    private volatile boolean muted;
    /** The last call is given, and has to be made even if the worker takes nothing. */
    private volatile boolean lastGiven;

    ListenerCalls(RealChannel channel) {
        this.channel = channel;
    }

    /** Has calls made where this server makes them. */
    @Override
    protected void handOver() {
        ServerContext context = channel.context();
        if (context.inline) {
            run();
            return;
        }
        Forecast forecast = context.forecast;
        try {
            if (forecast == null) {
                context.worker.execute(this);
            } else if (!willBeQuick(forecast) || !channel.link().callNext(this)) {
                context.worker.execute(() -> runAndLearn(forecast));
            }
        } catch (RejectedExecutionException e) {
            if (!lastGiven) {
                throw e;
            }
            ForkJoinPool.commonPool().execute(this);
        }
    }

    private boolean willBeQuick(Forecast forecast) {
        return channel.link().isOnLoop() && forecast.isQuick(channel.kindOfCalls(), 0);
    }

    private void runAndLearn(Forecast forecast) {
        long begun = System.nanoTime();
        run();
        forecast.took(channel.kindOfCalls(), 0, System.nanoTime() - begun);
    }

    /** Makes the calls for the loop, because calls of this listener are known to be quick. */
    @Override
    public void call() {
        run();
    }

    @Override
    public void finish(Effect effect, long nanos) {
        Forecast forecast = Objects.requireNonNull(channel.context().forecast);
        switch (effect) {
            case KEPT_LOOP, LOST_LOOP -> forecast.took(channel.kindOfCalls(), 0, nanos);
            case LOST_LOOP_WAITING -> forecast.waited(channel.kindOfCalls(), 0);
        }
    }

    @Override
    protected void runTask(Runnable task) {
        if (channel.context().inline) {
            channel.link().makeCall(task);
        } else {
            task.run();
        }
    }

    @Override
    protected void failed(Throwable failure) {
        channel.listenerFailed(failure);
    }

    /** Makes the call in its turn. False if the worker has no room for it. */
    boolean call(Consumer<ChannelListener> call) {
        return give(() -> make(call));
    }

    /** Makes the call now, in a task whose turn it is. */
    void make(Consumer<ChannelListener> call) {
        if (!muted) {
            call.accept(channel.listener());
        }
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

    /** Runs the task, which is to {@link #make} a call, in its turn. False if the worker has no room for it. */
    boolean give(Runnable call) {
        try {
            execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
