package org.httpkit.internal.net;

import java.net.InetAddress;

/**
 * Limits on open connections and on the received bytes held for them. Queried again for each connection, so that the
 * values may change. Safe from any thread.
 */
public interface ConnectionLimits extends InputLimits {

    /** Most connections open at once. */
    int maxConnections();

    /** Most connections open at once of one client, which is an IPv4 address or an IPv6 /64. */
    int maxConnectionsPerAddress();

    /** Whether an address stands for many clients, so that its connections are not counted. */
    boolean isExempt(InetAddress address);
}
