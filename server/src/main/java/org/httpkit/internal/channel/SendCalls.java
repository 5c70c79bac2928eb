package org.httpkit.internal.channel;

/**
 * Reports to a channel's senders what became of their data: one call at a time, in order, and independently of the
 * listener's calls, since a listener may wait for such a report. Safe from any thread.
 */
final class SendCalls extends ChannelCalls {
    SendCalls(Owner channel) {
        super(channel);
    }

    @Override
    protected void handOver() {
        if (placer().isInline()) {
            run();
        } else if (!placer().giveToWorker(this)) {
            runAnyhow(); // the API promises each sender a call
        }
    }

    @Override
    protected void failed(Throwable failure) {
        channel.context().observer.handlerFailed(channel.request(), failure);
    }
}
