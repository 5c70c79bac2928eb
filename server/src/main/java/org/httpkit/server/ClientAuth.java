package org.httpkit.server;

/** Whether clients are asked for a certificate in the TLS handshake. */
public enum ClientAuth {
    /** They are not asked. */
    NONE,
    /** They are asked, and may have none; one that is not trusted ends the handshake. */
    OPTIONAL,
    /** Without a certificate that is trusted there is no connection. */
    REQUIRED
}
