package org.httpkit.tests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** A program without a lambda: starts a server, sends one request, and prints the answer. */
final class FirstAnswer implements Handler {
    private static final int RESPONSE_BYTES = "HTTP/1.1 200 OK".length();

    private FirstAnswer() {}

    public static void main(String[] arguments) throws IOException {
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .handler(new FirstAnswer())
                .start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = client.getInputStream().readNBytes(RESPONSE_BYTES);
            System.out.println();
            System.out.write(answer);
            System.out.println();
            Runtime.getRuntime().halt(0); // before the client closes: what an end loads does not count
        }
    }

    @Override
    public Response handle(Request request) {
        return Response.text("first");
    }
}
