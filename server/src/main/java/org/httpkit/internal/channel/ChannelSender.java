package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.SendListener;
import org.httpkit.server.SendResult;
import org.httpkit.server.WhenFull;
import org.jspecify.annotations.Nullable;

/**
 * Sends a channel's data: at once if it is in memory as a whole, through a {@link StreamPump} if it takes long or comes
 * in pieces. Safe from any thread.
 */
abstract class ChannelSender extends ChannelEnd {
    ChannelSender(ReceivedRequest request, ChannelOutput output, ChannelOptions options, ChannelListener listener) {
        super(request, output, options, listener);
    }

    @Override
    public SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone) {
        Object sendable = listener instanceof ChannelCallbacks binding ? binding.toSend(this, data) : data;
        ChannelData outgoing = ChannelData.of(sendable);
        boolean fansOut = !closeAfterSend && context().fanOut.includes(data, this);
        return submit(new Send(
                fansOut ? outgoing.fanningOut() : outgoing, whenDone, closeAfterSend ? Send.End.NORMAL : null));
    }

    @Override
    public boolean sendEvent(Event event) {
        ChannelData data = isWebSocket() ? ChannelData.of(event.message()) : ChannelData.ofEvent(event);
        SendResult result =
                submit(new Send(context().fanOut.includes(event, this) ? data.fanningOut() : data, null, null));
        return result == SendResult.SENT || result == SendResult.QUEUED;
    }

    @Override
    public boolean ping(byte[] payload) {
        return sendControl(FrameEncoder.ping(payload, 0, payload.length));
    }

    @Override
    public boolean pong(byte[] payload) {
        return sendControl(FrameEncoder.pong(payload, 0, payload.length));
    }

    boolean sendControl(byte[] frame) {
        synchronized (calls) {
            if (!isOpen() || isFull() || !(carrier instanceof MessageOutput webSocket)) {
                return false;
            }
            webSocket.write(frame);
            return true;
        }
    }

    SendResult submit(Send send) {
        SendResult result;
        do {
            result = offer(send);
        } while (result == SendResult.REJECTED && awaitRoom());
        SendListener whenDone = send.whenDone();
        if (result == SendResult.CLOSED) {
            discard(send);
            if (whenDone != null) {
                tell(whenDone, new IOException("The channel is closed"));
            }
        } else if (result == SendResult.REJECTED && whenDone != null) {
            tell(whenDone, new IOException("Too much waits for the client already"));
        }
        return result;
    }

    SendResult offer(Send send) {
        boolean full;
        WhenFull policy = whenFull;
        StreamPump begun = null;
        boolean headOnly = false;
        synchronized (calls) {
            claim();
            if (state != State.OPEN || out().isClosed()) {
                return SendResult.CLOSED;
            }
            full = isFull();
            if (full && policy != WhenFull.CLOSE) {
                tellWhenDrained();
                return SendResult.REJECTED;
            }
            if (!full) {
                if (send.end() != null) {
                    state = State.ENDING;
                }
                if (pull != null) {
                    pull.add(send);
                    return SendResult.QUEUED;
                }
                headOnly = send.end() == null && send.data() != null && carrier.endsWithHead(send.data());
                if (headOnly) {
                    sendNow(send.headOnly());
                    state = State.ENDING;
                } else {
                    begun = begin(send);
                }
            }
        }
        if (full) {
            long queued = queuedBytes();
            if (drop(CloseReason.Cause.SLOW_CONSUMER)) {
                context().observer.slowConsumerClosed(request, queued);
            }
            return SendResult.CLOSED;
        }
        if (headOnly) {
            discard(send);
            finish(Send.END, Send.End.NORMAL);
        } else {
            goOn(send, begun);
        }
        return out().isDrained() && send.isWhole() ? SendResult.SENT : SendResult.QUEUED;
    }

    /** Whether the channel is full. Below the limit any single message is accepted, so that a large one can pass. */
    boolean isFull() {
        long most = context().options.maxQueuedBytes();
        if (queuedBytes() < most) {
            return false;
        }
        out().flushSoon(); // bytes that wait only for the loop do not count against the client
        return queuedBytes() >= most;
    }

    @Override
    public boolean isLong(Send send) {
        assert Thread.holdsLock(calls);
        return !send.isWhole() || (send.data() != null && !completes(send) && carrier.takesLong(send.data()));
    }

    /** The part of a send that is done under the lock; what is left to pull, if anything is. */
    @Nullable
    StreamPump begin(Send send) {
        assert Thread.holdsLock(calls);
        if (isLong(send)) {
            StreamPump begun = new StreamPump(this, send);
            pull = begun;
            return begun;
        }
        if (!completes(send)) {
            sendNow(send);
        }
        return null;
    }

    @Override
    public void sendNow(Send send) {
        assert Thread.holdsLock(calls);
        if (send.data() != null) {
            carrier.send(send.data());
        }
        notifyWhenSent(send.whenDone(), null);
    }

    /** The part of a send that is done without it. */
    void goOn(Send send, @Nullable StreamPump begun) {
        if (begun == null) {
            if (send.end() != null) {
                finish(send, send.end());
            }
        } else if (!send.isWhole()) {
            leaveToWorker(begun);
        } else {
            begun.runHere(send);
        }
    }

    @Override
    public void leaveToWorker(StreamPump begun) {
        if (!request.onOtherThread(begun)) {
            context().observer.listenerSaturated(request);
            drop(CloseReason.Cause.OVERLOAD);
            begun.refused();
        }
    }

    /** Waits if that is the policy and the thread may; true if it is worth another try. */
    boolean awaitRoom() {
        if (whenFull != WhenFull.BLOCK || CallingThread.isOnAnyLoop()) {
            return false;
        }
        try {
            while (waitsBehindPull()) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            Thread.onSpinWait(); // while another thread is writing there is nothing to wait for
            out().awaitDrained();
            return true;
        } catch (IOException e) {
            return true; // closed meanwhile, as the next try will find
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether what waits behind a pull makes the channel full; then the caller is woken when that changes. */
    private boolean waitsBehindPull() {
        synchronized (calls) {
            StreamPump sending = pull;
            if (sending == null || sending.heldBytes() == 0) {
                return false;
            }
            boolean waits = state == State.OPEN && !out().isClosed() && isFull();
            if (waits) {
                sending.wakeAtRoom(Thread.currentThread());
            }
            return waits;
        }
    }

    /**
     * Arranges the call for a refused sender: the loop makes it if it has to write the rest, otherwise it comes at the
     * end of the data that waits now.
     */
    void tellWhenDrained() {
        assert Thread.holdsLock(calls);
        Send marker = new Send(null, DrainMark.MARK, null);
        if (pull != null) {
            if (!drainMarked) {
                drainMarked = true;
                pull.add(marker);
            }
        } else if (!drainMarked && !out().waitsForPeer()) {
            drainMarked = true;
            sendNow(marker);
        }
    }
}
