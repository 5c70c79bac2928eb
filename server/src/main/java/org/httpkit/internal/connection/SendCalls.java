package org.httpkit.internal.connection;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.internal.dispatch.SerialExecutor;

/**
 * Tells a channel's senders what became of their data: one at a time, in order, and beside the listener's calls, since a listener may
 * wait for just that. Safe from any thread.
 */
final class SendCalls extends SerialExecutor {
    private final RealChannel channel;

    SendCalls(RealChannel channel) {
        this.channel = channel;
    }

    @Override
    protected void handOver() {
        ServerContext context = channel.context();
        if (context.inline) {
            run();
            return;
        }
        try {
            context.worker.execute(this);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(this); // each sender was promised a call
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
        channel.context().observer.handlerFailed(channel.request(), failure);
    }
}
