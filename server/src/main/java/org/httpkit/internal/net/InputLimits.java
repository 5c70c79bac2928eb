package org.httpkit.internal.net;

/** How many received bytes may be held. Asked anew each time more is held, so that the answers may change. Safe from any thread. */
public interface InputLimits {

    /** For all links together. */
    long maxReceivedBytesTotal();

    /** For one client, which is an IPv4 address or an IPv6 /64. */
    long maxReceivedBytesPerAddress();
}
