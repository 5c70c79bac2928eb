package org.httpkit.examples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.httpkit.server.HttpServer;

/**
 * Starts the tour, requests its page and a file, and stops it. The build runs this with {@code -Parchive}, so that the JVM records which
 * classes that takes.
 */
public final class Rehearsal {
    private static final int PATIENCE_MILLIS = 10_000;

    private Rehearsal() {}

    /** Takes no arguments. */
    public static void main(String... arguments) throws Exception {
        Tour tour = new Tour();
        CommandLine options = tour.options();
        options.parse("--port", "0");
        try (HttpServer server = tour.server(options).start()) {
            ask(server.port(), "/");
            ask(server.port(), "/page/tour.css");
        }
    }

    private static void ask(int port, String path) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(PATIENCE_MILLIS);
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("GET " + path + " should be answered with 200, not with "
                        + answer.lines().findFirst());
            }
        }
    }
}
