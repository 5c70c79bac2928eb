package org.httpkit.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.httpkit.server.Worker;
import org.jspecify.annotations.Nullable;

/**
 * Other servers with the probe's routes, to measure beside it: {@code Peer netty|netty-epoll|jdk PORT [OPTION VALUE]...}, see {@link
 * PeerOptions}.
 */
public final class Peer {
    static final byte[] HELLO = {'H', 'e', 'l', 'l', 'o', ',', ' ', 'W', 'o', 'r', 'l', 'd', '!'};

    private static final Map<Integer, byte[]> BYTES = new ConcurrentHashMap<>();

    private Peer() {}

    public static void main(String... arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(List.of(arguments).subList(1, arguments.length));
        int loops = Runtime.getRuntime().availableProcessors();
        switch (arguments[0]) {
            case "netty" -> NettyPeer.start(options, new NioEventLoopGroup(loops), NioServerSocketChannel.class);
            case "netty-epoll" ->
                NettyPeer.start(options, new EpollEventLoopGroup(loops), EpollServerSocketChannel.class);
            case "jdk" -> jdk(options);
            default ->
                throw new IllegalArgumentException(
                        "Peer is " + arguments[0] + "; it must be netty, netty-epoll or jdk");
        }
    }

    /** The JDK's server. Requests run on the kind of worker that httpkit has by default. */
    private static void jdk(PeerOptions options) throws Exception {
        // Without this it holds back an answer's end until the client has acknowledged its beginning.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Executor worker = Runtime.version().feature() >= 21 ? Worker.create().pool() : Executors.newFixedThreadPool(64);
        HttpServer server = jdk(new InetSocketAddress("127.0.0.1", options.port()), options.tls());
        server.setExecutor(worker);
        server.createContext("/plaintext", exchange -> answer(exchange, HELLO));
        server.createContext(
                "/echo", exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()));
        server.createContext(
                "/bytes/",
                exchange -> answer(exchange, bytes(exchange.getRequestURI().getPath())));
        server.createContext("/sleep/", exchange -> {
            try {
                Thread.sleep(number(exchange.getRequestURI().getPath()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            answer(exchange, HELLO);
        });
        server.start();
    }

    private static HttpServer jdk(InetSocketAddress address, @Nullable KeyManagerFactory keys) throws Exception {
        if (keys == null) {
            return HttpServer.create(address, 4096);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(address, 4096);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return server;
    }

    /** Made once for each length, as an application would keep what it sends often. */
    static byte[] bytes(String path) {
        return BYTES.computeIfAbsent(number(path), byte[]::new);
    }

    private static int number(String path) {
        return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
