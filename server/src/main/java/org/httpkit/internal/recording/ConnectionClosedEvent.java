package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A connection was closed. Confined to one thread. */
@Name("org.httpkit.ConnectionClosed")
@Label("Connection Closed")
@Category("httpkit")
@StackTrace(false)
final class ConnectionClosedEvent extends Event {
    @Label("Peer")
    @Nullable
    String peer;

    @Label("Cause")
    @Nullable
    String cause;
}
