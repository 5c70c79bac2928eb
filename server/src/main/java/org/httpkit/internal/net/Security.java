package org.httpkit.internal.net;

import javax.net.ssl.SSLSession;

/**
 * What a transport's encryption was agreed on. Immutable.
 *
 * @param applicationProtocol what ALPN has chosen; empty if nothing
 * @param asked whether the client was asked for a certificate
 * @param resumed whether an earlier session goes on
 */
public record Security(SSLSession session, String applicationProtocol, boolean asked, boolean resumed) {}
