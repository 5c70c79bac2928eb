package org.httpkit.internal.net;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The received bytes that are held for the links of a server because they cannot be used yet, against a limit for all and one for
 * each client. Past a limit, the link that has held most for longest has to let go of them. Safe from any thread.
 *
 * <p>What is used up by the time that a read has been worked on never comes here.
 */
public final class InputBudget {
    /** What a link takes besides the bytes while it holds some, roughly. */
    static final int OVERHEAD_BYTES = 2048;

    /** What each open connection of a client takes from the client's limit, held bytes or not: about what an idle one takes. */
    static final int OPEN_BYTES = 1024;

    /** Who sends as quickly as this is not one that makes others wait. */
    private static final long DECENT_BYTES_PER_SECOND = 16 << 10;

    private static final long SECOND_NANOS = 1_000_000_000;
    /** Added to each time, so that the bytes decide as long as everybody is quick. */
    private static final long LEAST_NANOS = 1_000_000;

    /** A link, as far as what is held of its input goes. Its own methods are for any thread, but for the last one. */
    public interface Holder extends Executor {

        /** The loop's clock. */
        long nanos();

        /** Where it is counted; null if nowhere. */
        ClientCounts.@Nullable Count clientCount();

        /** Too much is held, and this was the worst of it, if it is still there. Loop thread. */
        void letGoOfInput(Holding worst, long heldBytes);
    }

    private final InputLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final Set<Holding> holdings = ConcurrentHashMap.newKeySet();

    public InputBudget(InputLimits limits) {
        this.limits = limits;
    }

    /** How many bytes are held, with what they take besides. */
    public long bytes() {
        return bytes.get();
    }

    /** For how many links something is held. */
    public int links() {
        return holdings.size();
    }

    /** What is held for one link. */
    static final class Holding implements ClientCounts.Counted {
        private final Holder link;
        private final ClientCounts.@Nullable Count client;

        private final long number;

        // Guarded by this.
        private long bytes;
        /** It is over, or the link has been told that it is to be. */
        private boolean over;

        // Written by the link's loop, read by any thread.
        private volatile boolean canBeLetGo;
        /** When all would have come that came, at a decent pace from the beginning on; not in the future. */
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

        /** So many bytes have been received. Loop thread. */
        void received(int count, long nowNanos) {
            paceNanos = Math.min(nowNanos, paceNanos + count * SECOND_NANOS / DECENT_BYTES_PER_SECOND);
        }

        private synchronized long bytes() {
            return bytes;
        }

        private synchronized boolean isOver() {
            return over;
        }

        /** The more it holds, it and its client, and the longer it has been slow, the more. */
        private double weight(long nowNanos) {
            double own = bytes();
            double all = client == null ? own : client.heldBytes.get();
            return (own + all) * (Math.max(0, nowNanos - paceNanos) + LEAST_NANOS);
        }
    }

    Holding begin(Holder link) {
        Holding holding = new Holding(link, begun.incrementAndGet());
        holdings.add(holding);
        return holding;
    }

    /** So much is held now; false if the link has to let go of it, as it will be told. Loop thread of the link. */
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
            shedWhileTooMuch(holding);
        }
        return !holding.isOver();
    }

    /** Nothing is held for the link any more. Loop thread of the link. */
    void end(Holding holding) {
        take(holding);
    }

    /** What it held is no longer counted; 0 if that was so already. */
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

    /** The one that is alone has a limit of its own, of a body or a message. */
    private void shedWhileTooMuch(Holding growing) {
        ClientCounts.Count client = growing.client;
        while (client != null && isTooMuch(client.heldBytes.get(), limitOf(client), growing)) {
            if (!shedHeaviest(client, growing.link.nanos())) {
                break; // the application works with it
            }
        }
        while (isTooMuch(bytes.get(), limits.maxReceivedBytesTotal(), growing)) {
            if (!shedHeaviest(null, growing.link.nanos())) {
                break;
            }
        }
    }

    private long limitOf(ClientCounts.Count client) {
        long limit = limits.maxReceivedBytesPerAddress();
        return Math.max(limit / 4, limit - (long) OPEN_BYTES * client.open()); // however many: something has to come in
    }

    private static boolean isTooMuch(long bytes, long limit, Holding growing) {
        return bytes > limit && bytes > growing.bytes();
    }

    private boolean shedHeaviest(ClientCounts.@Nullable Count client, long nowNanos) {
        Holding heaviest = null;
        double most = 0;
        for (Holding holding : holdings) {
            if (!holding.canBeLetGo || (client != null && holding.client != client)) {
                continue;
            }
            double weight = holding.weight(nowNanos);
            if (heaviest == null || weight > most || (weight == most && holding.number < heaviest.number)) {
                most = weight;
                heaviest = holding;
            }
        }
        if (heaviest == null) {
            return false;
        }
        Holder link = heaviest.link;
        Holding shed = heaviest;
        long held = take(shed);
        if (held > 0) {
            link.execute(() -> link.letGoOfInput(shed, held));
        }
        return true;
    }
}
