package org.httpkit.internal.channel;

import java.util.concurrent.ForkJoinPool;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.Link;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Request;

/** Calls to the application's code on behalf of one channel: one at a time, in order, where this server makes its calls. */
abstract class ChannelCalls extends SerialExecutor {
    /** Whose calls these are. */
    interface Owner {
        ServerContext context();

        Link link();

        Request request();

        /** What calls to the listener have in common, for the forecast. */
        int kindOfCalls();

        ChannelListener listener();

        /** The listener has thrown. */
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

    /** Where calls run that were promised, if the worker has no room for them. */
    final void runAnyhow() {
        ForkJoinPool.commonPool().execute(this);
    }
}
