package org.httpkit.topics;

import org.httpkit.server.Request;

/**
 * Decides which client may listen to which topic. Many threads may call it at once: those on which the server calls
 * handlers or listeners.
 */
@FunctionalInterface
public interface Permission {

    /**
     * Whether the client of this request may subscribe to the topic, and get its missed messages.
     *
     * @throws Exception as a handler does: the client gets 500; an open WebSocket is closed with 1011
     */
    boolean allows(Request request, String topic) throws Exception;
}
