package org.httpkit.internal.net;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many connections are open, in all and of each client, against the limits. Safe from any thread. */
final class Admission {
    private final ConnectionLimits limits;
    private final Runnable roomAgain;
    private final AtomicInteger open = new AtomicInteger();
    private final ClientCounts clients = new ClientCounts();

    /** @param roomAgain run when one connection less than the most is open again, by the thread that has closed one */
    Admission(ConnectionLimits limits, Runnable roomAgain) {
        this.limits = limits;
        this.roomAgain = roomAgain;
    }

    /** How many connections are open. */
    int open() {
        return open.get();
    }

    /** Counts another connection; false if there is no room for it. */
    boolean tryEnter() {
        if (open.incrementAndGet() <= limits.maxConnections()) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    boolean hasRoom() {
        return open.get() < limits.maxConnections();
    }

    /** Whether the connections of that address are counted. */
    boolean isCounted(InetAddress client) {
        return !limits.isExempt(client);
    }

    /** Counts a connection of that client; null if it has too many. */
    ClientCounts.@Nullable Count tryEnter(InetAddress client) {
        return clients.tryEnter(client, limits.maxConnectionsPerAddress());
    }

    /** A connection that was counted under that client, if it was, is closed. */
    void leave(ClientCounts.@Nullable Count count) {
        leaveClient(count);
        int before = open.getAndDecrement();
        if (before >= limits.maxConnections()) {
            roomAgain.run();
        }
    }

    /** A connection is no longer counted under that client, if it was. */
    void leaveClient(ClientCounts.@Nullable Count count) {
        if (count != null) {
            clients.leave(count);
        }
    }
}
