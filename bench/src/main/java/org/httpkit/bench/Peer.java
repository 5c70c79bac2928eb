package org.httpkit.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.httpkit.server.Worker;
import org.jspecify.annotations.Nullable;

/** Other servers with the probe's routes, to measure beside it: {@code Peer netty|netty-epoll|jdk PORT}. */
public final class Peer {
    private static final byte[] HELLO = {'H', 'e', 'l', 'l', 'o', ',', ' ', 'W', 'o', 'r', 'l', 'd', '!'};

    private static final Map<Integer, byte[]> BYTES = new ConcurrentHashMap<>();

    private Peer() {}

    public static void main(String... arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        int loops = Runtime.getRuntime().availableProcessors();
        switch (arguments[0]) {
            case "netty" -> netty(port, new NioEventLoopGroup(loops), NioServerSocketChannel.class);
            case "netty-epoll" -> netty(port, new EpollEventLoopGroup(loops), EpollServerSocketChannel.class);
            case "jdk" -> jdk(port);
            default ->
                throw new IllegalArgumentException(
                        "Peer is " + arguments[0] + "; it must be netty, netty-epoll or jdk");
        }
    }

    /** The JDK's server. Requests run on the kind of worker that httpkit has by default. */
    private static void jdk(int port) throws IOException {
        // Without this it holds back an answer's end until the client has acknowledged its beginning.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Executor worker = Runtime.version().feature() >= 21 ? Worker.create().pool() : Executors.newFixedThreadPool(64);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 4096);
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

    /** Made once for each length, as an application would keep what it sends often. */
    private static byte[] bytes(String path) {
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

    /** Netty with nothing but its HTTP codec. Handlers run on its event loops and must not block. */
    private static void netty(int port, EventLoopGroup loops, Class<? extends ServerChannel> sockets)
            throws InterruptedException {
        new ServerBootstrap()
                .group(loops)
                .channel(sockets)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpServerCodec(), new NettyHandler());
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
    }

    private static final class NettyHandler extends SimpleChannelInboundHandler<HttpObject> {
        private String path = "";
        private @Nullable HttpRequest head;
        private boolean keepAlive;
        private ByteBuf body = Unpooled.EMPTY_BUFFER;

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpRequest request) {
                path = request.uri();
                head = request;
                keepAlive = HttpUtil.isKeepAlive(request);
                body = path.equals("/echo") ? context.alloc().buffer() : Unpooled.EMPTY_BUFFER;
            }
            if (part instanceof HttpContent content && path.equals("/echo")) {
                body.writeBytes(content.content());
            }
            if (part instanceof LastHttpContent) {
                if (path.equals("/ws") && head != null) {
                    upgrade(context, head);
                } else {
                    answer(context);
                }
            }
        }

        private void upgrade(ChannelHandlerContext context, HttpRequest request) {
            WebSocketServerHandshaker handshaker =
                    new WebSocketServerHandshakerFactory("ws://127.0.0.1/ws", null, false).newHandshaker(request);
            if (handshaker == null) {
                WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel());
                return;
            }
            FullHttpRequest whole = new DefaultFullHttpRequest(request.protocolVersion(), request.method(), path);
            whole.headers().set(request.headers());
            handshaker.handshake(context.channel(), whole);
            context.pipeline().replace(this, "frames", new NettyFrames());
        }

        private void answer(ChannelHandlerContext context) {
            ByteBuf content = path.equals("/plaintext")
                    ? Unpooled.wrappedBuffer(HELLO)
                    : path.startsWith("/bytes/") ? Unpooled.wrappedBuffer(bytes(path)) : body;
            boolean known = path.equals("/plaintext") || path.equals("/echo") || path.startsWith("/bytes/");
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, known ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND, content);
            response.headers().set("Content-Type", "text/plain").set("Content-Length", content.readableBytes());
            if (keepAlive) {
                context.write(response);
            } else {
                context.write(response).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // a load generator resets its connections at its end
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /** Sends each message back. */
    private static final class NettyFrames extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof CloseWebSocketFrame) {
                context.writeAndFlush(frame.retain()).addListener(ChannelFutureListener.CLOSE);
            } else if (frame instanceof PingWebSocketFrame) {
                context.write(new PongWebSocketFrame(frame.content().retain()));
            } else if (!(frame instanceof PongWebSocketFrame)) {
                context.write(frame.retain(), context.voidPromise());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
