package org.httpkit.internal.context;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.LoopCall;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a call of the application's code runs, be it of a handler or of a listener: right here on the loop, next on the loop,
 * or on the worker. Safe from any thread.
 */
public final class CallPlacer {
    public enum Place {
        /** It was made here. */
        HERE,
        /** It is the loop's next, as soon as the work on the link's input has returned. */
        NEXT_ON_LOOP,
        /** It has to go to the worker. */
        WORKER
    }

    /** A call that can be made anywhere. */
    public interface Placed extends LoopCall, Runnable {
        /** What calls of its kind have in common, for the forecast. */
        int kind();

        /** What calls of similar kinds have in common, or 0. */
        int group();
    }

    private final Executor worker;
    /** Whether all calls are made on the loops. */
    private final boolean inline;
    /** Which calls are made on the loops because they will be quick; null if none. */
    private final @Nullable Forecast forecast;

    CallPlacer(Executor worker, boolean inline, @Nullable Forecast forecast) {
        this.worker = worker;
        this.inline = inline;
        this.forecast = forecast;
    }

    /** Whether all calls are made on the loops. */
    public boolean isInline() {
        return inline;
    }

    /** Whether it is learned how long calls take. */
    public boolean learns() {
        return forecast != null;
    }

    /** Makes the call, has the loop make it next, or says that it is the worker's. Loop thread. */
    public Place place(Link link, Placed call) {
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

    /** Has the loop make the call next, if it will be quick and the caller is on the loop. */
    public boolean isNextOnLoop(Link link, Placed call) {
        return forecast != null
                && link.isOnLoop()
                && forecast.isQuick(call.kind(), call.group())
                && link.callNext(call);
    }

    /** Hands a task to the worker; false if that has no room for it. */
    public boolean giveToWorker(Runnable task) {
        try {
            worker.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** A call was made for the loop: how long it took tells where the next of its kind belongs. */
    public void learn(Placed call, LoopCall.Effect effect, long nanos) {
        if (forecast != null) {
            switch (effect) {
                case KEPT_LOOP, LOST_LOOP -> forecast.took(call.kind(), call.group(), nanos);
                case LOST_LOOP_WAITING -> forecast.waited(call.kind(), call.group());
            }
        }
    }

    /** A call was made elsewhere. */
    public void learn(Placed call, long nanos) {
        if (forecast != null) {
            forecast.took(call.kind(), call.group(), nanos);
        }
    }
}
