package org.httpkit.internal.connection;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends what has to be pulled out of a stream piece by piece, and holds the sends that come meanwhile. Runs on the worker; what
 * waits is guarded by the channel's lock.
 *
 * <p>No stream is read under the lock, so that a slow one keeps nobody but its own sender waiting.
 */
final class Pull implements Runnable {
    private final RealChannel channel;
    private final Send first;
    private final ClientPace pace;

    // Guarded by the channel's lock.
    private final ArrayDeque<Send> behind = new ArrayDeque<>(0);

    // Written under the lock, read by any thread.
    private volatile long heldBytes;

    Pull(RealChannel channel, Send first) {
        this.channel = channel;
        this.first = first;
        this.pace = new ClientPace(channel.link(), channel.context());
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

    @Override
    public void run() {
        Send untold = first;
        try {
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

    /** The worker has no room to pull. */
    void refused() {
        abandon(first, new IOException("The worker has no room"));
    }

    /** Sends the data, and has the sender told when it is out. */
    private void pull(Send send, Outgoing data) throws Exception {
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

    private void sendPiece(byte[] bytes, int offset, int count) throws IOException, InterruptedException {
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

    /** Sends what has waited behind the pieces, up to the next that comes in pieces, or to the end: then null. */
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
                if (next.isWhole() && !channel.completes(next)) {
                    channel.sendNow(next);
                }
            }
            if (!next.isWhole()) {
                return next;
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
            channel.giveUp(current, failure, channel.link());
        }
        behind.forEach(send -> channel.giveUp(send, failure, channel.link()));
    }
}
