package org.httpkit.internal.channel;

import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.server.ChannelListener;

/**
 * Makes the calls to a channel's listener: one at a time and in order, none before the channel is open, none after the last.
 * Safe from any thread.
 */
final class ListenerCalls extends ChannelCalls implements CallPlacer.Placed {
    // Any thread.
    /** Nothing but the last call is made any more. */
    private volatile boolean muted;
    /** The last call is given, and has to be made even if the worker takes nothing. */
    private volatile boolean lastGiven;

    ListenerCalls(Owner channel) {
        super(channel);
    }

    /** Has calls made where this server makes them. */
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

    /** Makes the calls for the loop, because calls of this listener are known to be quick. */
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
        if (placer().isInline() && !channel.link().isOnLoop()) {
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
