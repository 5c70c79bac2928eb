package org.httpkit.topics;

import org.httpkit.server.Request;

/** Decides who may listen to what. Called from many threads at once, where the server calls handlers or listeners. */
@FunctionalInterface
public interface Permission {

    /**
     * Whether the client of this request may subscribe to the topic, and have what it has missed of it.
     *
     * @throws Exception as a handler's: the client gets 500, a WebSocket that is open is closed with 1011
     */
    boolean allows(Request request, String topic) throws Exception;
}
