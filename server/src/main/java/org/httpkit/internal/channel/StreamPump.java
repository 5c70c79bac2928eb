package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.BodySource;
import org.httpkit.internal.exchange.ClientPace;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.SendListener;
import org.jspecify.annotations.Nullable;

/**
 * Sends what has to be pulled out of a stream piece by piece, or takes long to encode, and holds the sends that come meanwhile. What
 * waits is guarded by the channel's lock.
 *
 * <p>No stream is read and nothing long is encoded or compressed under the lock, so that it keeps nobody but its own sender waiting:
 * a loop takes the lock for each message of that client. Streams are read on the worker. What is all there is encoded by the thread
 * that sends it, and what has come meanwhile is left to the worker.
 */
final class StreamPump implements Runnable {
    /** Whose data it sends. */
    interface Source {
        /** Guards what waits. No code of the application, and nothing that blocks, runs under it. */
        Object lock();

        ServerContext context();

        Outflow out();

        /** What sends now; not of another thread's business but under the lock. */
        ChannelOutput carrier();

        /** Whether the channel is closed. */
        boolean isOver();

        /** Whether a send has to be pulled, or takes long to encode. To be called under the lock. */
        boolean isLong(Send send);

        /** Whether a send is a whole response. */
        boolean completes(Send send);

        /** Sends what is all there. To be called under the lock. */
        void sendNow(Send send);

        /** Brings the end about. */
        void finish(Send send, Send.End end);

        void notifyWhenSent(@Nullable SendListener whenDone, @Nullable Throwable failure);

        /** Has the worker go on. */
        void leaveToWorker(StreamPump begun);

        /** Nothing waits any more until something is pulled. To be called under the lock. */
        void pulled();

        void pullFailed(Throwable failure);

        /** Tells the sender of data that will not be sent, and closes its stream. */
        void giveUp(Send send, Throwable failure);

        /** Frees what the output holds once nothing is sent any more. To be called under the lock. */
        void releaseIfOver();
    }

    private final Source channel;
    /** What to begin with. Written before it is handed to the worker. */
    private @Nullable Send first;

    private final ClientPace pace;

    // Guarded by the channel's lock.
    /** Whether the carrier encodes for us, so that nobody else may release it. */
    private boolean encoding;

    private final ArrayDeque<Send> behind = new ArrayDeque<>(0);

    // Written under the lock, read by any thread.
    private volatile long heldBytes;

    StreamPump(Source channel, Send first) {
        this.channel = channel;
        this.first = first;
        this.pace = new ClientPace(channel.out(), channel.context());
    }

    /** Has the send wait until the pieces of those before are out. To be called under the lock. */
    void add(Send send) {
        behind.add(send);
        changeHeldBytes(send.heldBytes());
    }

    /** Bytes of memory held by what waits. */
    long heldBytes() {
        return heldBytes;
    }

    private void changeHeldBytes(long change) {
        long before = heldBytes; // only holders of the lock write it
        heldBytes = before + change;
        channel.lock().notifyAll(); // who waits for room
    }

    /** Whether the carrier is in use without the lock. To be called under it. */
    boolean isEncoding() {
        return encoding;
    }

    /** Encodes and sends the first, which is all there, on its sender's own thread. */
    void runHere(Send send) {
        first = null;
        try {
            encode(send, Objects.requireNonNull(send.data()));
        } catch (IOException e) {
            abandon(send, e); // closed meanwhile
            return;
        } catch (RuntimeException | Error e) {
            settle(null);
            if (send.end() != null) {
                channel.pullFailed(e); // the end that was to follow does not come any more
            }
            throw e;
        }
        settle(send.end());
    }

    /** Has the worker go on with what has come meanwhile, if anything has; the end that follows the first comes last. */
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

    /** Sends the first and what has come meanwhile. Runs on the worker. */
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

    /** The worker has no room for what is left. */
    void refused() {
        abandon(first, new IOException("The worker has no room"));
    }

    /** Sends the data, and has the sender told when it is out. */
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
    }

    private void requireNotClosed() throws IOException {
        if (channel.isOver()) {
            throw new IOException("The channel was closed meanwhile");
        }
    }

    /** Sends what has waited, up to the next that comes in pieces or takes long, or to the end: then null. */
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

    /** Tells those whose data will not be sent, and closes their streams. */
    private void abandon(@Nullable Send current, Throwable failure) {
        synchronized (channel.lock()) {
            channel.pulled();
            changeHeldBytes(-heldBytes);
        }
        // Nobody adds any more.
        if (current != null) {
            channel.giveUp(current, failure);
        }
        behind.forEach(send -> channel.giveUp(send, failure));
    }
}
