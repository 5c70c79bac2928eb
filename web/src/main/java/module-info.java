/** Tools for applications on top of the server: routes, static files, forms with files, filters. */
module org.httpkit.web {
    requires static org.jspecify;
    requires transitive java.net.http;
    requires transitive org.httpkit.server;

    exports org.httpkit.web;
}
