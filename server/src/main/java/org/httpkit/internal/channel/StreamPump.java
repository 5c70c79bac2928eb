package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.BodySource;
import org.httpkit.internal.exchange.ClientPace;
import org.httpkit.internal.net.DrainWaiter;
import org.httpkit.internal.net.HeldOutput;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.SendListener;
import org.jspecify.annotations.Nullable;

/**
 * Sends data that must be read from a stream piece by piece or that takes long to encode, and queues the sends that
 * come in the meantime. The channel's lock guards the queue.
 *
 * <p>It never reads a stream, and never encodes or compresses long data, under the lock, so that only the sender waits:
 * a loop takes the lock for each message of the client. The worker reads streams. The thread that sends data in memory
 * encodes it; the worker sends what was queued in the meantime.
 */
final class StreamPump implements Runnable {
    /** The channel whose data it sends. */
    interface Source {
        /** Guards the queue. Neither the application's code nor anything that blocks runs under it. */
        Object lock();

        ServerContext context();

        Link link();

        Outflow out();

        /** The output that sends now; other threads may use it only under the lock. */
        ChannelOutput carrier();

        /** Whether the channel is closed. */
        boolean isOver();

        /** Whether a send must be read from a stream, or takes long to encode. To be called under the lock. */
        boolean isLong(Send send);

        /** Whether a send is a whole response. */
        boolean completes(Send send);

        /** Sends data that is in memory as a whole. To be called under the lock. */
        void sendNow(Send send);

        /** Ends the channel. */
        void finish(Send send, Send.End end);

        void notifyWhenSent(@Nullable SendListener whenDone, @Nullable Throwable failure);

        /** Lets the worker continue. */
        void leaveToWorker(StreamPump begun);

        /** Is called under the lock when the pump is done: later sends need not wait. */
        void pulled();

        void pullFailed(Throwable failure);

        /** Reports to the sender that its data will not be sent, and closes its stream. */
        void giveUp(Send send, Throwable failure);

        /** Frees what the output holds if the channel is over. To be called under the lock. */
        void releaseIfOver();
    }

    private final Source channel;
    /** The send to begin with. Written before the worker receives the pump. */
    private @Nullable Send first;

    private final ClientPace pace;

    // Guarded by the channel's lock.
    /** Whether the carrier is encoding for the pump, so that no other thread may release it. */
    private boolean encoding;

    private final ArrayDeque<Send> behind = new ArrayDeque<>(0);
    /** What the queue holds, for the server to count. */
    private final HeldOutput held;
    /** Senders that wait for room. They do not wait on the lock: that would pin virtual threads before JDK 24. */
    private @Nullable DrainWaiter waiters;

    StreamPump(Source channel, Send first) {
        this.channel = channel;
        this.first = first;
        this.pace = new ClientPace(channel.out(), channel.context());
        this.held = new HeldOutput(channel.link()) {
            @Override
            public boolean waitsForPeer() {
                return channel.out().waitsForPeer(); // and not for the stream
            }
        };
    }

    /** Queues the send until everything before it is out. To be called under the lock. */
    void add(Send send) {
        assert Thread.holdsLock(channel.lock());
        behind.add(send);
        changeHeldBytes(send.heldBytes());
    }

    /** Bytes of memory that the queue holds. */
    long heldBytes() {
        return held.queuedBytes();
    }

    private void changeHeldBytes(long change) {
        assert Thread.holdsLock(channel.lock());
        held.changed(change);
        held.settle();
        if (change <= 0) {
            wakeWaiters();
        }
    }

    /** Wakes a sender that waits for room, when the queue has become shorter. To be called under the lock. */
    void wakeAtRoom(Thread sender) {
        assert Thread.holdsLock(channel.lock());
        waiters = new DrainWaiter(sender, waiters);
    }

    /**
     * Is called when the channel is closed: nothing more is sent. The queue frees its memory at once, since the pump may
     * be reading from a stream that has nothing for a long time. To be called under the lock.
     */
    void channelClosed() {
        assert Thread.holdsLock(channel.lock());
        for (int i = behind.size(); i > 0; i--) {
            Send send = behind.remove();
            behind.add(send.isWhole() ? send.withoutData() : send);
        }
        changeHeldBytes(-heldBytes());
        held.end();
        held.close();
    }

    private void wakeWaiters() {
        assert Thread.holdsLock(channel.lock());
        DrainWaiter.wake(waiters);
        waiters = null;
    }

    /** Whether the carrier is in use without the lock. To be called under the lock. */
    boolean isEncoding() {
        assert Thread.holdsLock(channel.lock());
        return encoding;
    }

    /** Encodes and sends the first, which is in memory as a whole, on its sender's thread. */
    void runHere(Send send) {
        first = null;
        try {
            encode(send, Objects.requireNonNull(send.data()));
        } catch (IOException e) {
            abandon(send, e); // the channel has closed
            return;
        } catch (RuntimeException | Error e) {
            settle(null);
            if (send.end() != null) {
                channel.pullFailed(e); // the end that was to follow no longer comes
            }
            throw e;
        }
        settle(send.end());
    }

    /** Lets the worker continue with the queue, if it holds anything; the end that follows the first comes last. */
    private void settle(Send.@Nullable End end) {
        Send last = end == null ? null : new Send(null, null, end);
        boolean alone;
        synchronized (channel.lock()) {
            alone = behind.isEmpty();
            if (alone) {
                channel.pulled();
            } else if (last != null) {
                behind.add(last);
            }
        }
        if (!alone) {
            channel.leaveToWorker(this);
        } else if (last != null && end != null) {
            channel.finish(last, end);
        }
    }

    /** Sends the first and then the queue. Runs on the worker. */
    @Override
    public void run() {
        Send untold = first;
        try {
            if (untold == null) {
                untold = next();
            }
            while (untold != null) {
                Send pulled = untold;
                Send.End end = pulled.end();
                if (end != null && channel.completes(pulled)) {
                    channel.finish(pulled, end);
                    return;
                }
                pull(pulled, Objects.requireNonNull(pulled.data()));
                untold = null;
                if (end == null) {
                    untold = next();
                } else {
                    channel.finish(new Send(null, null, end), end);
                }
            }
        } catch (Throwable e) {
            channel.pullFailed(e);
            abandon(untold, e);
        }
    }

    /** Is called when the worker has no room for the rest. */
    void refused() {
        abandon(first, new IOException("The worker has no room"));
    }

    /** Sends the data; the sender receives its call when the data is out. */
    private void pull(Send send, ChannelData data) throws Exception {
        if (data.isWhole()) {
            encode(send, data);
            return;
        }
        synchronized (channel.lock()) {
            requireNotClosed();
            channel.carrier().beginPieces(data);
        }
        BodySource.pull(data.body(), this::sendPiece);
        synchronized (channel.lock()) {
            requireNotClosed();
            channel.carrier().endPieces();
            channel.notifyWhenSent(send.whenDone(), null);
        }
    }

    private void encode(Send send, ChannelData data) throws IOException {
        synchronized (channel.lock()) {
            requireNotClosed();
            encoding = true;
        }
        byte[] encoded = null;
        try {
            encoded = channel.carrier().encode(data);
        } finally {
            synchronized (channel.lock()) {
                encoding = false;
                channel.releaseIfOver();
            }
        }
        synchronized (channel.lock()) {
            requireNotClosed();
            channel.carrier().sendEncoded(data, encoded);
            channel.notifyWhenSent(send.whenDone(), null);
        }
    }

    private void sendPiece(byte[] bytes, int offset, int count) throws IOException, InterruptedException {
        int most = channel.carrier().mostPieceBytes();
        for (int done = 0; done < count; done += most) {
            sendCut(bytes, offset + done, Math.min(most, count - done));
            if (count - done <= most) {
                return;
            }
        }
    }

    private void sendCut(byte[] bytes, int offset, int count) throws IOException, InterruptedException {
        synchronized (channel.lock()) {
            requireNotClosed();
            channel.carrier().sendPiece(bytes, offset, count);
        }
        pace.awaitTaken(count);
        held.progressed(channel.out().freshNanos());
    }

    private void requireNotClosed() throws IOException {
        if (channel.isOver()) {
            throw new IOException("The channel was closed meanwhile");
        }
    }

    /**
     * Sends what has waited, up to the next send that comes in pieces or takes long. Returns that send, or null at the
     * end.
     */
    private @Nullable Send next() throws IOException {
        while (true) {
            Send next;
            synchronized (channel.lock()) {
                requireNotClosed();
                next = behind.poll();
                if (next == null) {
                    channel.pulled();
                    return null;
                }
                changeHeldBytes(-next.heldBytes());
                if (channel.isLong(next)) {
                    return next;
                }
                if (!channel.completes(next)) {
                    channel.sendNow(next);
                }
            }
            if (next.end() != null) {
                channel.finish(next, next.end());
                return null;
            }
        }
    }

    /** Reports to all senders whose data will not be sent, and closes their streams. */
    private void abandon(@Nullable Send current, Throwable failure) {
        synchronized (channel.lock()) {
            channel.pulled();
            changeHeldBytes(-heldBytes());
        }
        // From here on no thread adds a send.
        if (current != null) {
            channel.giveUp(current, failure);
        }
        behind.forEach(send -> channel.giveUp(send, failure));
    }
}
