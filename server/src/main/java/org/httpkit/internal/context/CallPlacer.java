package org.httpkit.internal.context;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.LoopCall;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a call of a handler or a listener runs: at once on the loop, next on the loop, or on the worker. Safe
 * from any thread.
 */
public final class CallPlacer {
    public enum Place {
        /** The call was made here. */
        HERE,
        /** The loop makes the call next, as soon as the work on the link's input has returned. */
        NEXT_ON_LOOP,
        /** The caller must give the call to the worker. */
        WORKER
    }

    /** A call that can be made anywhere. */
    public interface Placed extends LoopCall, Runnable {
        /** The kind under which the forecast counts the call. */
        int kind();

        /** The group of similar kinds, or 0 for none. */
        int group();
    }

    private final Executor worker;
    /** Whether the loops make all calls. */
    private final boolean inline;
    /** Predicts which calls are quick enough for the loops; null if none is made there. */
    private final @Nullable Forecast forecast;

    CallPlacer(Executor worker, boolean inline, @Nullable Forecast forecast) {
        this.worker = worker;
        this.inline = inline;
        this.forecast = forecast;
    }

    /** Whether the loops make all calls. */
    public boolean isInline() {
        return inline;
    }

    /** Whether it learns how long calls take. */
    public boolean learns() {
        return forecast != null;
    }

    /** Makes the call, lets the loop make it next, or returns that it belongs to the worker. Loop thread. */
    public Place place(Link link, Placed call) {
        assert link.isHeldByCaller();
        if (inline) {
            CallingThread.makeCall(call);
            return Place.HERE;
        }
        return isNextOnLoop(link, call) ? Place.NEXT_ON_LOOP : Place.WORKER;
    }

    /** Whether a loop would make the call itself, because it will be quick. */
    public boolean isQuick(Placed call) {
        return forecast != null && forecast.isQuick(call.kind(), call.group());
    }

    /** Lets the loop make the call next, if it will be quick and the caller is on the loop. */
    public boolean isNextOnLoop(Link link, Placed call) {
        return forecast != null
                && link.isOnLoop()
                && forecast.isQuick(call.kind(), call.group())
                && link.callNext(call);
    }

    /** Hands a task to the worker. Returns false if the worker has no room for it. */
    public boolean giveToWorker(Runnable task) {
        try {
            worker.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Learns from a call made on the loop where the next of its kind belongs. */
    public void learn(Placed call, LoopCall.Effect effect, long nanos) {
        if (forecast != null) {
            switch (effect) {
                case KEPT_LOOP, LOST_LOOP -> forecast.took(call.kind(), call.group(), nanos);
                case LOST_LOOP_WAITING -> forecast.waited(call.kind(), call.group());
            }
        }
    }

    /** Learns from a call made elsewhere. */
    public void learn(Placed call, long nanos) {
        if (forecast != null) {
            forecast.took(call.kind(), call.group(), nanos);
        }
    }
}
