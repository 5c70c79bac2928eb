package org.httpkit.bench.peers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import robaho.net.httpserver.DefaultHttpServerProvider;
import robaho.net.httpserver.websockets.CloseCode;
import robaho.net.httpserver.websockets.WebSocket;
import robaho.net.httpserver.websockets.WebSocketFrame;
import robaho.net.httpserver.websockets.WebSocketHandler;

/** Robaho's server behind the API of the JDK's, each connection on a virtual thread, so that handlers may block. */
public final class RobahoPeer {
    private RobahoPeer() {}

    public static void main(String... arguments) throws Exception {
        Settings settings = Settings.parse(arguments);
        System.setProperty("robaho.net.httpserver.nodelay", "true");
        System.setProperty("robaho.net.httpserver.http2OverSSL", "true");
        System.setProperty("robaho.net.httpserver.http2OverNonSSL", Boolean.toString(settings.http2()));
        HttpServer server = server(new InetSocketAddress("127.0.0.1", settings.port()), settings);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/plaintext", exchange -> answer(exchange, Answers.HELLO));
        server.createContext("/echo", exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()));
        server.createContext("/bytes/", exchange -> answer(exchange, Answers.bytes(path(exchange))));
        server.createContext("/sleep/", exchange -> answer(exchange, Answers.sleep(path(exchange))));
        server.createContext("/ws", new WebSocketHandler() {
            @Override
            protected WebSocket openWebSocket(HttpExchange exchange) {
                return new Socket(exchange, false);
            }
        });
        server.createContext("/bcast", new WebSocketHandler() {
            @Override
            protected WebSocket openWebSocket(HttpExchange exchange) {
                return new Socket(exchange, true);
            }
        });
        server.start();
    }

    private static HttpServer server(InetSocketAddress address, Settings settings) throws Exception {
        DefaultHttpServerProvider provider = new DefaultHttpServerProvider();
        if (settings.store().isEmpty()) {
            return provider.createHttpServer(address, Answers.BACKLOG);
        }
        HttpsServer server = provider.createHttpsServer(address, Answers.BACKLOG);
        server.setHttpsConfigurator(new HttpsConfigurator(settings.tls()));
        return server;
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

    /** Sends each message back, or to all that are open. */
    private static final class Socket extends WebSocket {
        private static final Set<Socket> ROOM = ConcurrentHashMap.newKeySet();

        private final boolean broadcasts;

        Socket(HttpExchange exchange, boolean broadcasts) {
            super(exchange);
            this.broadcasts = broadcasts;
        }

        @Override
        protected void onOpen() {
            if (broadcasts) {
                ROOM.add(this);
            }
        }

        @Override
        protected void onMessage(WebSocketFrame message) {
            message.setUnmasked();
            if (!broadcasts) {
                send(message);
                return;
            }
            for (Socket member : ROOM) {
                member.send(message);
            }
        }

        private void send(WebSocketFrame message) {
            try {
                sendFrame(message);
            } catch (IOException gone) {
                ROOM.remove(this);
            }
        }

        @Override
        protected void onPong(WebSocketFrame pong) {}

        @Override
        protected void onClose(CloseCode code, String reason, boolean byPeer) {
            ROOM.remove(this);
        }
    }
}
