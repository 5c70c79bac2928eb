package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 was reset. Confined to one thread. */
@Name("org.httpkit.StreamReset")
@Label("Stream Reset")
@Description("A stream of HTTP/2 was reset before its exchange was over")
@Category("httpkit")
@StackTrace(false)
final class StreamResetEvent extends Event {
    @Label("Path")
    @Nullable
    String path;

    @Label("Client")
    @Nullable
    String client;

    @Label("By Client")
    @Description("Whether the client has reset it, or the server")
    boolean byClient;

    @Label("Code")
    @Description("The error code of RFC 9113 section 7")
    @Nullable
    String code;
}
