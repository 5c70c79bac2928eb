package org.httpkit.internal.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many connections each client has open: each IPv4 address, and each IPv6 /64, since that is what one subscriber has at least
 * (RFC 6177 section 2). Holds nothing of clients without a connection. Safe from any thread.
 *
 * <p>A count that has gone down to zero is dead for good, and its successor begins anew: so nobody can enter by one that is just
 * being removed.
 */
public final class ClientCounts {
    private static final int DEAD = -1;

    private final ConcurrentHashMap<Object, Count> counts = new ConcurrentHashMap<>();

    /** What a link counts as, in one reference, since each connection has it: one of a client's, or one that holds input besides. */
    interface Counted {
        /** Whose it is; null if that is not counted. */
        @Nullable
        Count client();
    }

    /** One client's connections. */
    public static final class Count implements Counted {
        private final Object client;
        private final AtomicInteger open = new AtomicInteger();
        /** What the server holds of what it received from this client; see {@link InputBudget}. */
        final AtomicLong heldBytes = new AtomicLong();
        /** What waits for this client; see {@link OutputBudget}. */
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

    /** Counts another connection of that address; null if the client has as many as allowed. */
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

    /** One connection less. To be called once for each that was counted. */
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
