package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A request has become a WebSocket. Confined to one thread. */
@Name("org.httpkit.WebSocketHandshake")
@Label("WebSocket Handshake")
@Category("httpkit")
@StackTrace(false)
final class WebSocketHandshakeEvent extends Event {
    @Label("Path")
    @Nullable
    String path;

    @Label("Client")
    @Nullable
    String client;
}
