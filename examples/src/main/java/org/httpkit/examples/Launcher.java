package org.httpkit.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.httpkit.server.DrainReport;
import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/** Runs a {@link Command}. A failure becomes one line and an exit status; SIGTERM drains the server. */
final class Launcher {
    static final int FAILED = 1;
    static final int MISUSED = 2;

    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(3);

    private Launcher() {}

    static void main(Command command, String... arguments) {
        int status = launch(command, System.out, System.err, new DrainOnShutdown(command), arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Receives a server as soon as it runs. */
    @FunctionalInterface
    interface Started {
        void started(HttpServer server);
    }

    /** The exit status: 0 if the server runs or help was asked for. */
    static int launch(Command command, PrintStream out, PrintStream err, Started started, String... arguments) {
        CommandLine options = command.options();
        try {
            options.parse(arguments);
            if (options.has("help")) {
                out.print(options.help());
                return 0;
            }
            HttpServer.Builder plain = command.server(options);
            HttpServer.Builder secure = command.secureServer(options);
            HttpServer server = plain.start();
            command.started(server);
            started.started(server);
            if (secure != null) {
                HttpServer other;
                try {
                    other = secure.start();
                } catch (IOException | RuntimeException e) {
                    server.close();
                    throw e;
                }
                command.started(other);
                started.started(other);
                out.println(command.secureGreeting(other));
            }
            out.println(command.greeting(server));
            return 0;
        } catch (UsageException | IllegalArgumentException e) {
            err.println(options.command() + ": " + e.getMessage() + "; --help shows what there is");
            return MISUSED;
        } catch (IOException e) {
            err.println(options.command() + ": " + reason(e, options.text("port")));
            return FAILED;
        }
    }

    private static String reason(IOException failure, String port) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    && String.valueOf(cause.getMessage()).contains("in use")) {
                return "port " + port + " is taken; use --port with another one, or --port 0 for any free port";
            }
        }
        return "cannot start: " + failure.getMessage();
    }

    /**
     * SIGTERM and Ctrl-C run the shutdown hooks, after which the JVM would exit with 128 and the signal's number. A drained
     * server has ended as it should, so the hook ends the JVM itself, with 0.
     */
    private static final class DrainOnShutdown extends Thread implements Started {
        private final Command command;
        private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

        DrainOnShutdown(Command command) {
            this.command = command;
        }

        @Override
        public void started(HttpServer server) {
            servers.add(server);
            if (servers.size() == 1) {
                Runtime.getRuntime().addShutdownHook(this);
            }
        }

        @Override
        public void run() {
            for (HttpServer each : servers) { // all at once
                CompletableFuture<DrainReport> unused = each.stop(DRAIN_TIMEOUT);
            }
            int status = 0;
            for (HttpServer each : servers) {
                status = Math.max(status, drain(each));
            }
            command.close();
            Runtime.getRuntime().halt(status);
        }
    }

    private static int drain(HttpServer server) {
        try {
            server.stop(DRAIN_TIMEOUT).get(DRAIN_TIMEOUT.toSeconds() * 2, TimeUnit.SECONDS);
            return 0;
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            System.err.println("The server does not stop as it should: " + e);
            return FAILED;
        }
    }
}
