/** An event-driven HTTP and WebSocket server that depends on nothing but the JDK. */
module org.httpkit.server {
    requires static org.jspecify;

    exports org.httpkit.http;
}
