package org.httpkit.internal.channel;

import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.server.ChannelListener;

/**
 * Calls a channel's listener: one call at a time and in order, none before the channel is open, none after the last.
 * Safe from any thread.
 */
final class ListenerCalls extends ChannelCalls implements CallPlacer.Placed {
    // Any thread.
    /** Whether only the last call is still to be made. */
    private volatile boolean muted;
    /** Whether the last call was given; it must be made even if the worker takes nothing. */
    private volatile boolean lastGiven;

    ListenerCalls(Owner channel) {
        super(channel);
    }

    /** Hands the calls to the thread on which this server makes them. */
    @Override
    protected void handOver() {
        if (placer().isInline()) {
            run();
        } else if (!placer().isNextOnLoop(channel.link(), this) && !placer().giveToWorker(work())) {
            if (!lastGiven) {
                throw new RejectedExecutionException("The worker has no room for a listener's calls");
            }
            runAnyhow();
        }
    }

    private Runnable work() {
        return placer().learns() ? this::runAndLearn : this;
    }

    private void runAndLearn() {
        long begun = System.nanoTime();
        run();
        placer().learn(this, System.nanoTime() - begun);
    }

    @Override
    public int kind() {
        return channel.kindOfCalls();
    }

    @Override
    public int group() {
        return 0;
    }

    /** Makes the calls on the loop, because this listener's calls are known to be quick. */
    @Override
    public void call() {
        run();
    }

    @Override
    public void finish(Effect effect, long nanos) {
        placer().learn(this, effect, nanos);
    }

    @Override
    protected void failed(Throwable failure) {
        channel.listenerFailed(failure);
    }

    /** Makes the call in its turn. Returns false if the worker has no room for it. */
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
        if (placer().isInline() && !channel.link().isOnLoop()) {
            channel.link().execute(() -> give(last));
        } else {
            give(last);
        }
    }

    /** Drops all further calls but the last, because the listener has failed. */
    void mute() {
        muted = true;
    }

    /** Runs a task of the server after all calls so far. The task must not block. */
    void afterCalls(Runnable task) {
        if (!give(task)) {
            task.run(); // the worker refuses only if none of these calls is on it
        }
    }

    /** Runs the task, which {@link #make makes} a call, in its turn. Returns false if the worker has no room for it. */
    boolean give(Runnable call) {
        try {
            execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
