package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** The server closed an idle connection in favor of a new one. Confined to one thread. */
@Name("org.httpkit.ConnectionGivenUp")
@Label("Connection Given Up")
@Description("As many connections were open as allowed: one that was idle was closed for a new one")
@Category("httpkit")
@StackTrace(false)
final class ConnectionGivenUpEvent extends Event {
    @Label("Peer")
    @Nullable
    String peer;

    @Label("Idle Time")
    @Timespan
    long idleTime;
}
