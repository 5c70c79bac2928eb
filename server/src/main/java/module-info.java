/** An event-driven HTTP and WebSocket server that depends on nothing but the JDK. */
module org.httpkit.server {
    requires static org.jspecify;
    requires static jdk.jfr;
    requires static jdk.unsupported;

    exports org.httpkit.http;
    exports org.httpkit.server;
}
