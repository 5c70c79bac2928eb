package org.httpkit.internal.net;

/**
 * Limits on held received bytes. Queried again each time more is held, so that the values may change. Safe from any
 * thread.
 */
public interface InputLimits {

    /** For all links together. */
    long maxReceivedBytesTotal();

    /** For one client, which is an IPv4 address or an IPv6 /64. */
    long maxReceivedBytesPerAddress();
}
