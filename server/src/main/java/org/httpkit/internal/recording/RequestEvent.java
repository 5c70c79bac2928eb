package org.httpkit.internal.recording;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A request is over. Confined to one thread. */
@Name("org.httpkit.Request")
@Label("Request")
@Description("A request is over: its response has left, or its connection has ended")
@Category("httpkit")
@StackTrace(false)
final class RequestEvent extends Event {
    @Label("Method")
    @Nullable
    String method;

    @Label("Path")
    @Nullable
    String path;

    @Label("Protocol")
    @Description("HTTP/1.0, HTTP/1.1 or HTTP/2.0")
    @Nullable
    String protocol;

    @Label("Client")
    @Nullable
    String client;

    @Label("Status")
    @Description("0 if no response had begun")
    int status;

    @Label("Outcome")
    @Nullable
    String outcome;

    @Label("Request Body")
    @DataAmount
    long requestBodyBytes;

    @Label("Response Body")
    @DataAmount
    long responseBodyBytes;

    @Label("Queue Time")
    @Description("From the moment the request could be handled until its handler was called")
    @Timespan
    long queueTime;

    @Label("Handler Time")
    @Description("From the call of the handler until the response began")
    @Timespan
    long handlerTime;

    @Label("Write Time")
    @Description("From the beginning of the response until the operating system had taken all of it")
    @Timespan
    long writeTime;

    @Label("Total Time")
    @Description("From the end of the request's head")
    @Timespan
    long totalTime;
}
