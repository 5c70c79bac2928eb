package org.httpkit.internal.net;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts open connections, in all and for each client, against the limits. Safe from any thread. */
final class Admission {
    private final ConnectionLimits limits;
    private final Runnable roomAgain;
    private final AtomicInteger open = new AtomicInteger();
    private final ClientCounts clients = new ClientCounts();

    /** @param roomAgain runs when the number falls below the limit again, on the thread that has closed a connection */
    Admission(ConnectionLimits limits, Runnable roomAgain) {
        this.limits = limits;
        this.roomAgain = roomAgain;
    }

    /** How many connections are open. */
    int open() {
        return open.get();
    }

    /** Counts another connection. Returns false if there is no room for it. */
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

    /** Whether the connections of this address count. */
    boolean isCounted(InetAddress client) {
        return !limits.isExempt(client);
    }

    /** Counts a connection of this client. Returns null if the client has too many. */
    ClientCounts.@Nullable Count tryEnter(InetAddress client) {
        return clients.tryEnter(client, limits.maxConnectionsPerAddress());
    }

    /** Is called when a connection has closed, with its client's count if it was counted. */
    void leave(ClientCounts.@Nullable Count count) {
        leaveClient(count);
        int before = open.getAndDecrement();
        if (before >= limits.maxConnections()) {
            roomAgain.run();
        }
    }

    /** Stops counting a connection for its client, if it was counted. */
    void leaveClient(ClientCounts.@Nullable Count count) {
        if (count != null) {
            clients.leave(count);
        }
    }
}
