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
 * What waits for all the peers of a server, held against a limit: past it, the link whose peer is to blame most is closed with a
 * {@link ShedException}. For one client half of that may wait, and past it the same happens among its links. Safe from any thread.
 *
 * <p>Only what has to wait is counted: bytes that the socket takes at once never come here.
 */
public final class OutputBudget {
    /** A link, as far as what waits for its peer goes. Safe from any thread. */
    public interface Sender extends Outflow {

        /**
         * When the peer last took something of what waits, on the scale of {@link #freshNanos}; earlier if it has taken less since it
         * had to than the least rate asks for.
         */
        long progressNanos();

        /** Where what waits is counted besides; null if nowhere. */
        ClientCounts.@Nullable Count clientCount();
    }

    /** For so many links the system may take what it likes: a quick peer far away needs it. */
    private static final int FEW_LINKS = 64;

    /** What the system may take for all that come then, but for the least that each gets. */
    private static final int SHARED_SYSTEM_BYTES = 64 << 20;

    private static final int MIN_SYSTEM_BYTES = 16 << 10;

    /** What the system may take for a large answer if there were many lately: enough for ten megabytes a second, far away. */
    static final int LARGE_SYSTEM_BYTES = 256 << 10;

    private static final long LATELY_NANOS = 2_000_000_000;

    /** Added to the time that each is behind, so that the bytes decide as long as nobody is far. */
    private static final long LEAST_NANOS = 250_000_000;

    private final ToLongFunction<@Nullable Sender> maxBytes;
    private final LongSupplier minBytesPerSecond;
    private final AtomicLong bytes = new AtomicLong();
    /** The links whose peers have to take something before more can leave, numbered in the order in which they began to wait. */
    private final Map<Sender, Long> waiting = new ConcurrentHashMap<>();

    private final AtomicLong begun = new AtomicLong();
    /** What the system may take by {@link #grantSystemBytes}. */
    private final AtomicLong systemBytes = new AtomicLong();
    /** How many large answers were begun since then. */
    private final AtomicInteger largeAnswers = new AtomicInteger();

    private volatile long largeSinceNanos;
    /** The link that is being closed, or was the last to be. */
    private final AtomicReference<@Nullable Sender> shed = new AtomicReference<>();

    /** Without a least rate. */
    public OutputBudget(ToLongFunction<@Nullable Sender> maxBytes) {
        this(maxBytes, () -> 0);
    }

    /**
     * A backlog whose limits are asked for anew each time.
     *
     * @param maxBytes what may wait; asked with the link for which more waits now, if it is one
     * @param minBytesPerSecond how quickly a peer has to take what waits for it; 0 if that does not matter
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

    /** For how many links something waits. */
    public int links() {
        return waiting.size();
    }

    /** Whether so many peers do not keep up that the system is to take less for the next ones. */
    boolean isCrowded() {
        return waiting.size() >= FEW_LINKS;
    }

    /**
     * How much the system is to take for a link that now has something to send, a power of two: a share of what is left, so that it is
     * never more in all than was meant, however many come at once.
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

    /** The link does not need it any more. */
    void takeBackSystemBytes(int grant) {
        systemBytes.addAndGet(-grant);
    }

    /** A large answer begins: whether there were many lately. They may all be in the system's buffers, with nobody waiting. */
    boolean isOneOfManyLarge(long nowNanos) {
        if (nowNanos - largeSinceNanos > LATELY_NANOS) {
            largeSinceNanos = nowNanos; // two may do so, which forgets one answer
            largeAnswers.set(0);
        }
        return largeAnswers.incrementAndGet() > FEW_LINKS;
    }

    /** More waits for the link's peer, or for the thread that writes to it just now. */
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

    /** The link's peer has to take something first. */
    public void add(Sender link) {
        assert !link.isDrained();
        if (!waiting.containsKey(link)) {
            waiting.put(link, begun.incrementAndGet()); // only the holder of the link's write claim gets here
        }
        if (link.isClosed()) {
            waiting.remove(link); // it may have been removed already, for good
        }
    }

    /** Nothing waits for the link's peer any more. For the holder of its write claim, before anyone can leave something again. */
    public void remove(Sender link) {
        assert !link.isDrained();
        waiting.remove(link);
    }

    /** The link is closed. If it was to be shed, the next one has waited for that, also if its peer had taken everything meanwhile. */
    public void closed(Sender link) {
        waiting.remove(link);
        if (shed.get() == link) {
            shedIfTooMuch(null);
        }
    }

    /** Of two links with equal weight the one with the smaller number has to go, so that chance decides nothing. */
    public long number(Sender link) {
        return waiting.getOrDefault(link, Long.MAX_VALUE);
    }

    /** A link that is closed holds nothing any more: perhaps that was not enough. */
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

    /** Whether more waits than may: for all, or for that client. */
    private boolean isTooMuch(@Nullable Sender growing, ClientCounts.@Nullable Count client) {
        long most = maxBytes.applyAsLong(growing);
        return client == null ? bytes.get() > most : client.queuedBytes.get() > most / 2;
    }

    /** One at a time: until the last one has given back its bytes, nobody knows whether another one has to go. */
    private void shedHeaviest(@Nullable Sender growing, ClientCounts.@Nullable Count client) {
        Sender last = shed.get();
        if (last != null
                && (last.queuedBytes() > 0
                        || !isTooMuch(growing, client))) { // in this order: it may give them back right now
            return;
        }
        Sender heaviest = growing; // perhaps not known to wait yet
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
            heaviest.closeSoon(new ShedException(heaviest.queuedBytes()));
        }
    }

    /**
     * How much a link is to blame: the more, the longer its peer has been behind, and the more waits for it and for its client in all.
     * A peer that reads as quickly as it can is hardly ever behind, however much waits for it.
     */
    public double weight(Sender link) {
        double own = link.queuedBytes();
        ClientCounts.Count client = link.clientCount();
        double all = client == null ? own : client.queuedBytes.get();
        long behind = link.waitsForPeer() ? Math.max(0, link.freshNanos() - link.progressNanos()) : 0;
        return own == 0 ? 0 : (own + all) * (behind + LEAST_NANOS);
    }
}
