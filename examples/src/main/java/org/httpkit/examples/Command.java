package org.httpkit.examples;

import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/** A program that starts a server, and perhaps a second one for TLS; {@link Launcher} runs it. */
interface Command extends AutoCloseable {

    /** What may be given on the command line, with its defaults. */
    CommandLine options();

    /**
     * The server to start.
     *
     * @throws UsageException if an option has a value that makes no sense
     * @throws IllegalArgumentException likewise, thrown by the builder
     */
    HttpServer.Builder server(CommandLine options) throws UsageException;

    /**
     * What to start beside {@link #server}, which is asked for before: the same for TLS, if that is wanted.
     *
     * @throws UsageException if an option has a value that makes no sense
     */
    default HttpServer.@Nullable Builder secureServer(CommandLine options) throws UsageException {
        return null;
    }

    /** Is told of the server when it runs. */
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
