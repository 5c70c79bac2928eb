/** Tools to test the server, and what is built on it, without time or chance. */
module org.httpkit.testkit {
    requires static java.management;
    requires static org.jspecify;
    requires static org.junit.jupiter.api;
    requires transitive org.httpkit.server;

    exports org.httpkit.testkit;
    exports org.httpkit.testkit.simulation;
}
