package org.httpkit.arena;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;

/** The program: one handler behind a server for each {@link Listener}. */
public final class Arena {
    private Arena() {}

    /**
     * Starts the servers, and prints a line with name and port for each.
     *
     * @param arguments {@code --root DIR}: the folder that has {@code data} and {@code certs}, default {@code /};
     *     {@code --any-port}: free ports of the loopback address instead of those that the rules name
     */
    public static void main(String... arguments) throws IOException {
        List<String> options = List.of(arguments);
        int root = options.indexOf("--root");
        Map<Listener, HttpServer> servers =
                start(Path.of(root < 0 ? "/" : options.get(root + 1)), options.contains("--any-port"));
        servers.forEach((listener, server) -> System.out.println(listener + " " + server.port()));
    }

    private static Map<Listener, HttpServer> start(Path root, boolean anyPort) throws IOException {
        Handler handler = Endpoints.of(root.resolve("data"));
        Map<Listener, HttpServer> servers = new EnumMap<>(Listener.class);
        try {
            for (Listener listener : Listener.values()) {
                if (listener.isPossible(root)) {
                    servers.put(listener, listener.start(root, anyPort, handler));
                }
            }
            return servers;
        } catch (IOException | RuntimeException e) {
            servers.values().forEach(HttpServer::close); // their threads would keep the process alive
            throw e;
        }
    }
}
