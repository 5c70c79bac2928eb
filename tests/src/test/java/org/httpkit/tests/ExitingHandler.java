package org.httpkit.tests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;

/** A program whose handler ends the process, which stops the server. */
final class ExitingHandler {
    static final int STATUS = 7;

    private ExitingHandler() {}

    public static void main(String[] arguments) throws IOException {
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .dispatch(Dispatch.valueOf(arguments[0]))
                .stopOnShutdown(Duration.ofMillis(200))
                .handler(request -> {
                    System.exit(STATUS);
                    return null;
                })
                .start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            int unused = client.getInputStream().read();
        }
    }
}
