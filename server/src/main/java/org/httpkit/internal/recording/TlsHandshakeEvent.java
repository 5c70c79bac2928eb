package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A TLS handshake is over, or has failed. Confined to one thread. */
@Name("org.httpkit.TlsHandshake")
@Label("TLS Handshake")
@Category("httpkit")
@StackTrace(false)
final class TlsHandshakeEvent extends Event {
    @Label("Peer")
    @Nullable
    String peer;

    @Label("Resumed")
    @Description("Whether it went on with an earlier session")
    boolean resumed;

    @Label("Failure")
    @Description("Why it failed, in the words of the JDK; null if it did not")
    @Nullable
    String failure;
}
