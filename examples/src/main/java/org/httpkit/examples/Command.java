package org.httpkit.examples;

import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/** A program that starts a server, and perhaps a second one for TLS; {@link Launcher} runs it. */
interface Command extends AutoCloseable {

    /** The options of the command line, with their defaults. */
    CommandLine options();

    /**
     * The server to start.
     *
     * @throws UsageException if an option has a value that makes no sense
     * @throws IllegalArgumentException likewise, thrown by the builder
     */
    HttpServer.Builder server(CommandLine options) throws UsageException;

    /**
     * The server for TLS to start beside {@link #server}, if the command line asks for it. Called after that.
     *
     * @throws UsageException if an option has a value that makes no sense
     */
    default HttpServer.@Nullable Builder secureServer(CommandLine options) throws UsageException {
        return null;
    }

    /** Called with each server once it runs. */
    default void started(HttpServer server) {}

    /** The line to print when the server for TLS runs. */
    default String secureGreeting(HttpServer server) {
        return "https://localhost:" + server.port() + "/";
    }

    /** The line to print when the server runs. */
    String greeting(HttpServer server);

    /** Ends what runs beside the servers, after they have stopped. */
    @Override
    default void close() {}
}
