package org.httpkit.internal.net;

import javax.net.ssl.SSLSession;

/**
 * The parameters of a transport's encryption. Immutable.
 *
 * @param applicationProtocol the protocol that ALPN has chosen; empty if none
 * @param asked whether the server asked the client for a certificate
 * @param resumed whether an earlier session was resumed
 */
public record Security(SSLSession session, String applicationProtocol, boolean asked, boolean resumed) {}
