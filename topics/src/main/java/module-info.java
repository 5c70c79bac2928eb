/** Sends one message to all listeners: topics over WebSocket, server-sent events, streams and long polls. */
module org.httpkit.topics {
    requires static org.jspecify;
    requires transitive org.httpkit.server;

    exports org.httpkit.topics;
}
