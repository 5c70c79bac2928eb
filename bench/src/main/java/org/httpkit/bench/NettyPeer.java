package org.httpkit.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
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
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Netty with nothing but its codecs. Handlers run on its event loops and must not block. Over TLS, which is the JDK's, it speaks
 * HTTP/1.1 and HTTP/2; in the clear only one of them, so that nothing looks which.
 */
final class NettyPeer extends ChannelInitializer<SocketChannel> {
    private final boolean http2;
    private final @Nullable SslContext tls;

    private NettyPeer(boolean http2, @Nullable SslContext tls) {
        this.http2 = http2;
        this.tls = tls;
    }

    static void start(PeerOptions options, EventLoopGroup loops, Class<? extends ServerChannel> sockets)
            throws Exception {
        new ServerBootstrap()
                .group(loops)
                .channel(sockets)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new NettyPeer(options.http2(), options.tls() == null ? null : tls(options.tls())))
                .bind("127.0.0.1", options.port())
                .sync();
    }

    private static SslContext tls(KeyManagerFactory keys) throws SSLException {
        return SslContextBuilder.forServer(keys)
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        if (tls == null) {
            speak(channel.pipeline(), http2);
            return;
        }
        channel.pipeline()
                .addLast(
                        tls.newHandler(channel.alloc()),
                        new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
                            @Override
                            protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                                speak(context.pipeline(), protocol.equals(ApplicationProtocolNames.HTTP_2));
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                                context.close();
                            }
                        });
    }

    private static void speak(ChannelPipeline pipeline, boolean http2) {
        if (http2) {
            pipeline.addLast(Http2FrameCodecBuilder.forServer().build(), new NettyStreams());
        } else {
            pipeline.addLast(new HttpServerCodec(), new NettyHandler());
        }
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
                    ? Unpooled.wrappedBuffer(Peer.HELLO)
                    : path.startsWith("/bytes/") ? Unpooled.wrappedBuffer(Peer.bytes(path)) : body;
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
