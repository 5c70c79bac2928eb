package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The server closed a connection because too much waited for its client. Confined to one thread. */
@Name("org.httpkit.SlowConsumer")
@Label("Slow Consumer")
@Description("A connection was closed because too much waited for its client")
@Category("httpkit")
@StackTrace(false)
final class SlowConsumerEvent extends Event {
    @Label("Path")
    @Nullable
    String path;

    @Label("Peer")
    @Nullable
    String peer;

    @Label("Queued")
    @DataAmount
    long queuedBytes;

    @Label("Shed")
    @Description("Whether it was too much for all clients together, and this the one to blame most")
    boolean shed;
}
