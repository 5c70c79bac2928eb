package org.httpkit.internal.net;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the received bytes that the server holds for its links because it cannot use them yet, against a limit for all
 * and one for each client. Beyond a limit, the link that has held most for longest must drop its bytes; but what cannot
 * be let go leaves an eighth of each limit to those who wait, however much it is. Safe from any thread.
 *
 * <p>Bytes used up by the end of the work on a read are never counted.
 */
public final class InputBudget {
    /** The approximate memory that a link takes besides the bytes while it holds some. */
    static final int OVERHEAD_BYTES = 2048;

    /**
     * What each open connection takes from its client's limit, even without held bytes: about the memory of an idle
     * one.
     */
    static final int OPEN_BYTES = 1024;

    /**
     * A client that holds no more than this, overhead included, goes only when all others are gone: it may wait because
     * the server is slow, not the client.
     */
    private static final long LITTLE_BYTES = 8 << 10;

    /** A client that sends this fast does not make others wait. */
    private static final long DECENT_BYTES_PER_SECOND = 16 << 10;

    private static final long SECOND_NANOS = 1_000_000_000;
    /** Added to each time, so that the bytes decide as long as all clients are fast. */
    private static final long LEAST_NANOS = 1_000_000;

    /** A link, seen as the holder of input. Its own methods are safe from any thread, except the last. */
    public interface Holder extends Executor {

        /** Runs a command on the loop thread, ahead of those that free nothing. */
        void executeFirst(Runnable command);

        /** The loop's clock. */
        long nanos();

        /** The client's count; null if it is not counted. */
        ClientCounts.@Nullable Count clientCount();

        /**
         * Is called when the server holds too much and this holding, if it still exists, was the worst. Loop thread.
         */
        void letGoOfInput(Holding worst, long heldBytes);
    }

    private final InputLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final Set<Holding> holdings = ConcurrentHashMap.newKeySet();

    public InputBudget(InputLimits limits) {
        this.limits = limits;
    }

    /** How many bytes are held, overhead included. */
    public long bytes() {
        return bytes.get();
    }

    /** How many links hold bytes. */
    public int links() {
        return holdings.size();
    }

    /** The bytes held for one link. */
    static final class Holding implements ClientCounts.Counted {
        private final Holder link;
        private final ClientCounts.@Nullable Count client;

        private final long number;

        // Guarded by this.
        private long bytes;
        /** Whether it is over, or the link has received the call to end it. */
        private boolean over;

        // Written by the link's loop, read by any thread.
        private volatile boolean canBeLetGo;
        /** When the bytes so far would all have arrived at a decent pace from the beginning; not in the future. */
        private volatile long paceNanos;

        private Holding(Holder link, long number) {
            this.link = link;
            this.client = link.clientCount();
            this.number = number;
            this.paceNanos = link.nanos();
        }

        @Override
        public ClientCounts.@Nullable Count client() {
            return client;
        }

        /** Counts received bytes. Loop thread. */
        void received(int count, long nowNanos) {
            paceNanos = Math.min(nowNanos, paceNanos + count * SECOND_NANOS / DECENT_BYTES_PER_SECOND);
        }

        private synchronized long bytes() {
            return bytes;
        }

        private synchronized boolean isOver() {
            return over;
        }

        /** Grows with the bytes that it and its client hold, and with the time for which it has been slow. */
        private double weight(long nowNanos) {
            double all = clientBytes();
            return (bytes() + all) * (Math.max(0, nowNanos - paceNanos) + LEAST_NANOS);
        }

        private boolean isLittle() {
            return clientBytes() <= LITTLE_BYTES;
        }

        private long clientBytes() {
            return client == null ? bytes() : client.heldBytes.get();
        }
    }

    Holding begin(Holder link) {
        Holding holding = new Holding(link, begun.incrementAndGet());
        holdings.add(holding);
        return holding;
    }

    /**
     * Sets how much is held now. Returns false if the link must drop it, for which a call follows. Loop thread of the
     * link.
     */
    boolean change(Holding holding, long now, boolean canBeLetGo) {
        holding.canBeLetGo = canBeLetGo;
        long change;
        synchronized (holding) {
            long held = now + OVERHEAD_BYTES;
            change = holding.over ? 0 : held - holding.bytes;
            if (change == 0) {
                return !holding.over;
            }
            holding.bytes = held;
            add(holding, change);
        }
        if (change > 0) {
            shedWhileTooMuch(holding, false);
        }
        return !holding.isOver();
    }

    /**
     * Keeps what a holding has from being let go, if there is room for that. Returns false if the link must drop it, for
     * which a call follows. Loop thread of the link.
     */
    boolean tryKeep(Holding holding) {
        shedWhileTooMuch(holding, true);
        holding.canBeLetGo = false;
        return !holding.isOver();
    }

    /** Is called when the link no longer holds anything. Loop thread of the link. */
    void end(Holding holding) {
        take(holding);
    }

    /** Stops counting a holding; returns how much it held, 0 if it was no longer counted. */
    private long take(Holding holding) {
        long held;
        synchronized (holding) {
            if (holding.over) {
                return 0;
            }
            holding.over = true;
            held = holding.bytes;
            add(holding, -held);
        }
        holdings.remove(holding);
        return held;
    }

    private void add(Holding holding, long change) {
        assert Thread.holdsLock(holding);
        bytes.addAndGet(change);
        if (holding.client != null) {
            holding.client.heldBytes.addAndGet(change);
        }
    }

    /** @param keeps whether it is to become one that cannot be let go */
    private void shedWhileTooMuch(Holding growing, boolean keeps) {
        ClientCounts.Count client = growing.client;
        if (client != null) {
            shedWhileTooMuch(client.heldBytes, limitOf(client), client, growing, keeps);
        }
        shedWhileTooMuch(bytes, limits.maxReceivedBytesTotal(), null, growing, keeps);
    }

    private void shedWhileTooMuch(
            AtomicLong held, long limit, ClientCounts.@Nullable Count client, Holding growing, boolean keeps) {
        long eighth = limit / 8;
        long most = keeps ? limit - eighth : limit;
        if (!isTooMuch(held.get(), most, growing)) {
            return;
        }
        // Without the lock, each loop would end one link where one is enough. It is held for a look at all holdings for
        // each
        // link that goes.
        synchronized (holdings) {
            while (isTooMuch(held.get(), most, growing)) {
                boolean refused = keeps && growing.isOver(); // the others have what they had before
                if (refused || !shedHeaviest(client, growing.link.nanos(), keeps ? 0 : eighth)) {
                    break; // the application is using it
                }
            }
        }
    }

    /** A single link is limited elsewhere, by the length of a body or a message. */
    private static boolean isTooMuch(long bytes, long limit, Holding growing) {
        return bytes > limit && bytes > growing.bytes();
    }

    private long limitOf(ClientCounts.Count client) {
        long limit = limits.maxReceivedBytesPerAddress();
        return Math.max(limit / 4, limit - (long) OPEN_BYTES * client.open()); // some input must always be possible
    }

    /** Sheds none, and returns false, if all those that can be let go have no more than the spare bytes. */
    private boolean shedHeaviest(ClientCounts.@Nullable Count client, long nowNanos, long spareBytes) {
        Holding heaviest = null;
        double most = 0;
        boolean isLittle = true;
        long sum = 0;
        for (Holding holding : holdings) {
            if (!holding.canBeLetGo || (client != null && holding.client != client)) {
                continue;
            }
            sum += holding.bytes();
            double weight = holding.weight(nowNanos);
            boolean little = holding.isLittle();
            if (heaviest == null
                    || (little == isLittle
                            ? weight > most || (weight == most && holding.number < heaviest.number)
                            : isLittle)) {
                most = weight;
                isLittle = little;
                heaviest = holding;
            }
        }
        if (heaviest == null || sum <= spareBytes) {
            return false;
        }
        Holder link = heaviest.link;
        Holding shed = heaviest;
        long held = take(shed);
        if (held > 0) {
            link.executeFirst(() -> link.letGoOfInput(shed, held));
        }
        return true;
    }
}
