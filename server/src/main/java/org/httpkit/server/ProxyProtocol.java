package org.httpkit.server;

/** Whether connections begin with a header of the PROXY protocol, version 1 or 2, that names the client. */
public enum ProxyProtocol {
    /** They do not. Such a header is a bad request. */
    DISABLED,
    /** They all do: a connection without one is closed, and so is one whose header is malformed. */
    ENABLED,
    /**
     * They may. Only for a server that nobody but the proxy can reach, and behind a proxy that always sends the header or strips
     * what clients send: else a client writes its own, and is believed (PROXY protocol section 5).
     */
    OPTIONAL
}
