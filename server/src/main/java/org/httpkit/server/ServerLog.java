package org.httpkit.server;

/** The logger that an observer writes to unless told otherwise. */
final class ServerLog {
    static final System.Logger LOGGER = System.getLogger("org.httpkit.server");

    private ServerLog() {}
}
