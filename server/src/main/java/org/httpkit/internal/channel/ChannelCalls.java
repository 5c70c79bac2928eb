package org.httpkit.internal.channel;

import java.util.concurrent.ForkJoinPool;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.Link;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Request;

/**
 * Calls the application's code on behalf of one channel: one call at a time, in order, on the thread where this server
 * makes its calls.
 */
abstract class ChannelCalls extends SerialExecutor {
    /** The owner of these calls. */
    interface Owner {
        ServerContext context();

        Link link();

        Request request();

        /** The kind under which the forecast counts calls to the listener. */
        int kindOfCalls();

        ChannelListener listener();

        /** Is called when the listener has thrown. */
        void listenerFailed(Throwable failure);
    }

    final Owner channel;

    ChannelCalls(Owner channel) {
        this.channel = channel;
    }

    final CallPlacer placer() {
        return channel.context().calls;
    }

    @Override
    protected final void runTask(Runnable task) {
        if (placer().isInline()) {
            CallingThread.makeCall(task);
        } else {
            task.run();
        }
    }

    /** Runs the calls that were promised even though the worker has no room for them. */
    final void runAnyhow() {
        ForkJoinPool.commonPool().execute(this);
    }
}
