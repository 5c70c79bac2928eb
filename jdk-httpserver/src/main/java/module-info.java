/** Runs programs written for {@code com.sun.net.httpserver} on this server. */
module org.httpkit.jdkhttpserver {
    requires static org.jspecify;
    requires transitive jdk.httpserver;
    requires transitive org.httpkit.server;

    exports org.httpkit.jdkhttpserver;

    provides com.sun.net.httpserver.spi.HttpServerProvider with
            org.httpkit.jdkhttpserver.HttpKitProvider;
}
