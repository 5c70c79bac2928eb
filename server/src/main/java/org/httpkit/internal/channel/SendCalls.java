package org.httpkit.internal.channel;

/**
 * Tells a channel's senders what became of their data: one at a time, in order, and beside the listener's calls, since a listener may
 * wait for just that. Safe from any thread.
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
            runAnyhow(); // each sender was promised a call
        }
    }

    @Override
    protected void failed(Throwable failure) {
        channel.context().observer.handlerFailed(channel.request(), failure);
    }
}
