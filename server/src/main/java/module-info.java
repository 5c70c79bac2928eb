/** An event-driven HTTP and WebSocket server that depends on nothing but the JDK. */
@SuppressWarnings("module") // the testkit is built later
module org.httpkit.server {
    requires static org.jspecify;
    requires static jdk.jfr;
    requires static jdk.unsupported;

    uses org.httpkit.server.ContentCoding;

    exports org.httpkit.http;
    exports org.httpkit.server;
    // To drive connections without sockets, threads or time.
    exports org.httpkit.internal.connection to
            org.httpkit.testkit;
    exports org.httpkit.internal.context to
            org.httpkit.testkit;
    exports org.httpkit.internal.dispatch to
            org.httpkit.testkit;
    exports org.httpkit.internal.net to
            org.httpkit.testkit;
    // To read what a server says.
    exports org.httpkit.internal.bytes to
            org.httpkit.testkit;
    exports org.httpkit.internal.http2 to
            org.httpkit.testkit;
}
