package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A server has stopped; the event lasts as long as the stop took. The thread that asks hands it to the one that stops.
 */
@Name("org.httpkit.Drain")
@Label("Drain")
@Description("A server has stopped")
@Category("httpkit")
@StackTrace(false)
final class DrainEvent extends Event {
    @Label("Connections")
    @Description("Open at the beginning")
    int connections;

    @Label("Drained")
    @Description("Exchanges that were answered in full")
    long drained;

    @Label("Cut")
    @Description("Exchanges that were interrupted")
    long cut;
}
