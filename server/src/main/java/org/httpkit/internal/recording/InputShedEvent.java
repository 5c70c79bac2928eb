package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The server ended a connection because it held too much input of clients. Confined to one thread. */
@Name("org.httpkit.InputShed")
@Label("Input Shed")
@Description("A connection was ended because too much was held of what clients sent, and most for longest for this one")
@Category("httpkit")
@StackTrace(false)
final class InputShedEvent extends Event {
    @Label("Peer")
    @Nullable
    String peer;

    @Label("Held")
    @DataAmount
    long heldBytes;
}
