package org.httpkit.internal.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the open connections of each client: an IPv4 address, or an IPv6 /64, which is the least that one subscriber
 * has (RFC 6177 section 2). Holds nothing for clients without a connection. Safe from any thread.
 *
 * <p>A count that has reached zero stays dead, and a new one replaces it: so no connection can enter a count that is
 * being removed.
 */
public final class ClientCounts {
    private static final int DEAD = -1;

    private final ConcurrentHashMap<Object, Count> counts = new ConcurrentHashMap<>();

    /**
     * A link's place in the counts, in one reference because each connection has it: its client's count, or its held
     * input with that count.
     */
    interface Counted {
        /** The client's count; null if the client is not counted. */
        @Nullable
        Count client();
    }

    /** One client's connections. */
    public static final class Count implements Counted {
        private final Object client;
        private final AtomicInteger open = new AtomicInteger();
        /** Received bytes that the server holds for this client; see {@link InputBudget}. */
        final AtomicLong heldBytes = new AtomicLong();
        /** Bytes that wait for this client; see {@link OutputBudget}. */
        final AtomicLong queuedBytes = new AtomicLong();

        private Count(Object client) {
            this.client = client;
        }

        @Override
        public Count client() {
            return this;
        }

        /** How many connections it has open. */
        int open() {
            return open.get();
        }
    }

    /** Counts another connection of this address. Returns null if the client is at its limit. */
    @Nullable
    Count tryEnter(InetAddress address, int most) {
        Object client = clientOf(address);
        while (true) {
            Count count = counts.get(client);
            if (count == null) {
                count = new Count(client);
                Count others = counts.putIfAbsent(client, count);
                count = others == null ? count : others;
            }
            int open = count.open.get();
            if (open >= most) {
                return null;
            }
            if (open == DEAD) {
                counts.remove(client, count); // as its last holder is about to
            } else if (count.open.compareAndSet(open, open + 1)) {
                return count;
            }
        }
    }

    /** Removes a connection from the count. To be called once for each counted connection. */
    void leave(Count count) {
        int before = count.open.getAndUpdate(open -> open == 1 ? DEAD : open - 1);
        if (before == 1) {
            counts.remove(count.client, count);
        }
    }

    /** How many clients have a connection. */
    int clients() {
        return counts.size();
    }

    private static Object clientOf(InetAddress address) {
        byte[] bytes = address.getAddress();
        ByteBuffer bits = ByteBuffer.wrap(bytes);
        if (bytes.length == 4) {
            return bits.getInt();
        }
        return bits.getLong();
    }
}
