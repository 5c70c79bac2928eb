/** Tools to test the server, and programs built on it, independent of time and chance. */
module org.httpkit.testkit {
    requires static java.management;
    requires static org.jspecify;
    requires static org.junit.jupiter.api;
    requires transitive org.httpkit.server;

    exports org.httpkit.testkit;
    exports org.httpkit.testkit.simulation;
}
