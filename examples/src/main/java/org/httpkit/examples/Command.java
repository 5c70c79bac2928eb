package org.httpkit.examples;

import org.httpkit.server.HttpServer;

/** A program that starts one server; {@link Launcher} runs it. */
interface Command {

    /** What may be given on the command line, with its defaults. */
    CommandLine options();

    /**
     * The server to start.
     *
     * @throws UsageException if an option has a value that makes no sense
     * @throws IllegalArgumentException likewise, thrown by the builder
     */
    HttpServer.Builder server(CommandLine options) throws UsageException;

    /** Is told of the server when it runs. */
    default void started(HttpServer server) {}

    /** The line to print when the server runs. */
    String greeting(HttpServer server);
}
