package org.httpkit.server;

/** Whether the server asks clients for a certificate in the TLS handshake. */
public enum ClientAuth {
    /** The server does not ask. */
    NONE,
    /** The server asks, and clients may have none. An untrusted certificate ends the handshake. */
    OPTIONAL,
    /** The server accepts only clients with a trusted certificate. */
    REQUIRED
}
