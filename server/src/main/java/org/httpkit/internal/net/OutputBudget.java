package org.httpkit.internal.net;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that wait for all peers of a server, against a limit. Beyond it, the link whose peer is most to
 * blame is closed with a {@link ShedException}. Half of the limit applies to each client, among its links. Safe from
 * any thread.
 *
 * <p>Only waiting bytes count, not those that the socket takes at once.
 */
public final class OutputBudget {
    /** A link, seen as a sender of waiting bytes. Safe from any thread. */
    public interface Sender extends Outflow {

        /**
         * When the peer last took waiting bytes, on the scale of {@link #freshNanos}; earlier if it has taken them more
         * slowly than the least rate.
         */
        long progressNanos();

        /** The client's count, which also includes the waiting bytes; null if there is none. */
        ClientCounts.@Nullable Count clientCount();

        /** Closes the link ahead of all that waits for its loop: bytes that have not left by then never do. */
        void shed(ShedException cause);
    }

    /** Up to this many links, the system's buffers are unlimited: a fast peer far away needs them. */
    private static final int FEW_LINKS = 64;

    /** Bytes that the system may take for all further links together, beyond the minimum for each. */
    private static final int SHARED_SYSTEM_BYTES = 64 << 20;

    private static final int MIN_SYSTEM_BYTES = 16 << 10;

    /**
     * What the system may take for a large answer if there were many lately: enough for ten megabytes a second over a
     * long distance.
     */
    static final int LARGE_SYSTEM_BYTES = 256 << 10;

    private static final long LATELY_NANOS = 2_000_000_000;

    /** Added to the time that each peer is behind, so that the bytes decide as long as none is far behind. */
    private static final long LEAST_NANOS = 250_000_000;

    private final ToLongFunction<@Nullable Sender> maxBytes;
    private final LongSupplier minBytesPerSecond;
    private final AtomicLong bytes = new AtomicLong();
    /**
     * The links whose peers must take bytes before more can leave, numbered in the order in which they began to wait.
     */
    private final Map<Sender, Long> waiting = new ConcurrentHashMap<>();

    private final AtomicLong begun = new AtomicLong();
    /** The sum of the grants of {@link #grantSystemBytes}. */
    private final AtomicLong systemBytes = new AtomicLong();
    /** How many large answers have begun since that time. */
    private final AtomicInteger largeAnswers = new AtomicInteger();

    private volatile long largeSinceNanos;
    /** The link that is being closed, or was closed last. */
    private final AtomicReference<@Nullable Sender> shed = new AtomicReference<>();

    /** Makes a budget without a least rate. */
    public OutputBudget(ToLongFunction<@Nullable Sender> maxBytes) {
        this(maxBytes, () -> 0);
    }

    /**
     * Makes a budget that queries its limits again each time.
     *
     * @param maxBytes how much may wait; receives the link for which more waits now, if there is one
     * @param minBytesPerSecond the least rate at which a peer must take waiting bytes; 0 for none
     */
    public OutputBudget(ToLongFunction<@Nullable Sender> maxBytes, LongSupplier minBytesPerSecond) {
        this.maxBytes = maxBytes;
        this.minBytesPerSecond = minBytesPerSecond;
    }

    public long minBytesPerSecond() {
        return minBytesPerSecond.getAsLong();
    }

    /** How many bytes wait. */
    public long bytes() {
        return bytes.get();
    }

    /** For how many links bytes wait. */
    public int links() {
        return waiting.size();
    }

    /** Whether too many peers do not keep up, so that the system must take less for the next ones. */
    boolean isCrowded() {
        return waiting.size() >= FEW_LINKS;
    }

    /**
     * Returns how much the system may take for a link that begins to send, as a power of two: a share of the remainder,
     * so that the sum never exceeds its limit, however many links come at once.
     */
    int grantSystemBytes() {
        while (true) {
            long granted = systemBytes.get();
            long share = Math.max(1, (SHARED_SYSTEM_BYTES - granted) / FEW_LINKS);
            int grant = (int) Math.max(MIN_SYSTEM_BYTES, Long.highestOneBit(share));
            if (systemBytes.compareAndSet(granted, granted + grant)) {
                return grant;
            }
        }
    }

    /** Takes back a grant that the link no longer needs. */
    void takeBackSystemBytes(int grant) {
        systemBytes.addAndGet(-grant);
    }

    /**
     * Counts a large answer; returns whether there were many lately. They may all be in the system's buffers, with no
     * link waiting.
     */
    boolean isOneOfManyLarge(long nowNanos) {
        if (nowNanos - largeSinceNanos > LATELY_NANOS) {
            largeSinceNanos = nowNanos; // two threads may do so, which forgets one answer
            largeAnswers.set(0);
        }
        return largeAnswers.incrementAndGet() > FEW_LINKS;
    }

    /** Is called when more waits for the link's peer, or for the thread that is writing to it. */
    public void grew(Sender link, long count) {
        add(link, count);
        shedIfTooMuch(link);
    }

    public void shrank(Sender link, long count) {
        add(link, -count);
    }

    private void add(Sender link, long count) {
        bytes.addAndGet(count);
        ClientCounts.Count client = link.clientCount();
        if (client != null) {
            client.queuedBytes.addAndGet(count);
        }
    }

    /** Is called when the link's peer must take bytes first. */
    public void add(Sender link) {
        assert !link.isDrained();
        if (!waiting.containsKey(link)) {
            waiting.put(link, begun.incrementAndGet()); // only the holder of the link's write claim gets here
        }
        if (link.isClosed()) {
            waiting.remove(link); // it may have been removed already, for good
        }
    }

    /**
     * Is called when nothing waits for the link's peer any more. For the holder of its write claim, before bytes can
     * wait again.
     */
    public void remove(Sender link) {
        assert !link.isDrained();
        waiting.remove(link);
    }

    /**
     * Is called when the link is closed. If it was being shed, the next shedding has waited for this, even if its peer
     * had taken everything.
     */
    public void closed(Sender link) {
        waiting.remove(link);
        if (shed.get() == link) {
            shedIfTooMuch(null);
        }
    }

    /** Of two links with equal weight, the one with the smaller number is closed, so that chance decides nothing. */
    public long number(Sender link) {
        return waiting.getOrDefault(link, Long.MAX_VALUE);
    }

    /** Is called when a closed link holds nothing any more, in case that was not enough. */
    public void settled() {
        shedIfTooMuch(null);
    }

    private void shedIfTooMuch(@Nullable Sender growing) {
        ClientCounts.Count client = growing == null ? null : growing.clientCount();
        if (isTooMuch(growing, null)) {
            shedHeaviest(growing, null);
        } else if (client != null && isTooMuch(growing, client)) {
            shedHeaviest(growing, client);
        }
    }

    /** Whether too much waits: for all, or for this client. */
    private boolean isTooMuch(@Nullable Sender growing, ClientCounts.@Nullable Count client) {
        long most = maxBytes.applyAsLong(growing);
        return client == null ? bytes.get() > most : client.queuedBytes.get() > most / 2;
    }

    /** Closes one link at a time: until it has given back its bytes, it is unknown whether another must close. */
    private void shedHeaviest(@Nullable Sender growing, ClientCounts.@Nullable Count client) {
        Sender last = shed.get();
        if (last != null
                && (last.queuedBytes() > 0
                        || !isTooMuch(growing, client))) { // in this order: it may be giving them back at this moment
            return;
        }
        Sender heaviest = growing; // perhaps not among the waiting ones yet
        double most = growing == null ? 0 : weight(growing);
        long number = growing == null ? Long.MAX_VALUE : number(growing);
        for (Map.Entry<Sender, Long> entry : waiting.entrySet()) {
            double weight = weight(entry.getKey());
            boolean counts = client == null || entry.getKey().clientCount() == client;
            if (counts && (weight > most || (weight == most && weight > 0 && entry.getValue() < number))) {
                most = weight;
                heaviest = entry.getKey();
                number = entry.getValue();
            }
        }
        if (heaviest != null && shed.compareAndSet(last, heaviest)) {
            heaviest.shed(new ShedException(heaviest.queuedBytes()));
        }
    }

    /**
     * How much a link is to blame. The weight grows with the time that its peer has been behind, and with the bytes
     * that wait for it and for its client. A peer that reads as fast as it can is rarely behind, however much waits for
     * it.
     */
    public double weight(Sender link) {
        double own = link.queuedBytes();
        ClientCounts.Count client = link.clientCount();
        double all = client == null ? own : client.queuedBytes.get();
        long behind = link.waitsForPeer() ? Math.max(0, link.freshNanos() - link.progressNanos()) : 0;
        return own == 0 ? 0 : (own + all) * (behind + LEAST_NANOS);
    }
}
