package org.httpkit.internal.connection;

import java.util.concurrent.ForkJoinPool;
import org.httpkit.internal.dispatch.SerialExecutor;

/** Calls to the application's code on behalf of one channel: one at a time, in order, where this server makes its calls. */
abstract class ChannelCalls extends SerialExecutor {
    final RealChannel channel;

    ChannelCalls(RealChannel channel) {
        this.channel = channel;
    }

    final CallPlacer placer() {
        return channel.context().calls;
    }

    @Override
    protected final void runTask(Runnable task) {
        if (placer().isInline()) {
            channel.link().makeCall(task);
        } else {
            task.run();
        }
    }

    /** Where calls run that were promised, if the worker has no room for them. */
    final void runAnyhow() {
        ForkJoinPool.commonPool().execute(this);
    }
}
