package org.httpkit.internal.net;

import java.net.InetAddress;

/**
 * How many connections may be open, and how much may be held of what comes on them. Asked anew for each connection, so that the
 * answers may change. Safe from any thread.
 */
public interface ConnectionLimits extends InputLimits {

    /** Most connections open at once. */
    int maxConnections();

    /** Most connections open at once of one client, which is an IPv4 address or an IPv6 /64. */
    int maxConnectionsPerAddress();

    /** Whether an address speaks for many clients, so that its connections are not counted. */
    boolean isExempt(InetAddress address);
}
