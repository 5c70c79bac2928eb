package org.httpkit.bench.peers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Robaho's server behind the API of the JDK's, each connection on a virtual thread, so that handlers may block. */
public final class RobahoPeer {
    private RobahoPeer() {}

    public static void main(String... arguments) throws IOException {
        System.setProperty("robaho.net.httpserver.nodelay", "true");
        HttpServer server = new robaho.net.httpserver.DefaultHttpServerProvider()
                .createHttpServer(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])), Answers.BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/plaintext", exchange -> answer(exchange, Answers.HELLO));
        server.createContext("/echo", exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()));
        server.createContext("/bytes/", exchange -> answer(exchange, Answers.bytes(path(exchange))));
        server.createContext("/sleep/", exchange -> answer(exchange, Answers.sleep(path(exchange))));
        server.start();
    }

    private static String path(HttpExchange exchange) {
        return exchange.getRequestURI().getPath();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
