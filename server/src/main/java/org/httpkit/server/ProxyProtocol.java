package org.httpkit.server;

/** Whether connections begin with a header of the PROXY protocol, version 1 or 2, which names the client. */
public enum ProxyProtocol {
    /** Connections have no such header. A header is a bad request. */
    DISABLED,
    /** Every connection has one. The server closes a connection without a header, or with a malformed one. */
    ENABLED,
    /**
     * Connections may have one. Use this only for a server that only the proxy can reach, behind a proxy that always
     * sends the header or removes what clients send. Otherwise a client can write its own header, and the server
     * believes it (PROXY protocol section 5).
     */
    OPTIONAL
}
