package org.httpkit.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;

/**
 * A program to start with few file descriptors: serves, tells its port, and for each line of input how many
 * connections are open and how often accepting failed; ends with its input.
 */
final class FewDescriptors {
    private FewDescriptors() {}

    public static void main(String[] arguments) throws IOException {
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .handler(request -> Response.text("fine"))
                .start()) {
            System.out.println(server.port() + " " + server.stats().connectionsOpen());
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            while (input.readLine() != null) {
                ServerStats stats = server.stats();
                System.out.println(stats.connectionsOpen() + " " + stats.acceptFailures());
            }
        }
    }
}
