package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's client over HTTP/2: with prior knowledge, and over TLS. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
@PlainText("Both are tried in any case")
@Tag("foreign")
final class NettyHttp2ClientTest extends ServerTest {
    /** 100 MB with {@code -Dhttpkit.long=true}. */
    private static final int LARGE = Boolean.getBoolean("httpkit.long") ? 100_000_000 : 3_000_000;

    private static final int PIECE = 100_000;
    private static final int MANY = 1000;

    @Parameter
    private boolean secure;

    private final Http2Site site = new Http2Site();
    private HttpServer server;
    private Channel connection;

    @BeforeEach
    void start() throws Exception {
        server = serve(
                site,
                options -> options.tls(secure ? TestCertificate.localhost().tls() : null));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        closeLater(() -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        SslContext tls = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(TestCertificate.trustManager(TestCertificate.localhost()))
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
        connection = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (secure) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), "localhost", server.port()));
                        }
                        channel.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient()
                                                .encoderEnforceMaxConcurrentStreams(true)
                                                .build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                })
                .connect("127.0.0.1", server.port())
                .sync()
                .channel();
    }

    /** One stream, and what the server has answered on it. */
    private static final class Stream extends SimpleChannelInboundHandler<Http2StreamFrame> {
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        final CountDownLatch begun = new CountDownLatch(1);
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        volatile @Nullable Http2Headers head;
        volatile @Nullable Http2Headers trailers;
        private Channel channel;

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) throws IOException {
            boolean ends = false;
            if (frame instanceof Http2HeadersFrame headers) {
                if (head == null) {
                    head = headers.headers();
                } else {
                    trailers = headers.headers();
                }
                ends = headers.isEndStream();
            } else if (frame instanceof Http2DataFrame data) {
                data.content().readBytes(body, data.content().readableBytes());
                begun.countDown();
                ends = data.isEndStream();
            }
            if (ends) {
                ended.complete(null);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof Http2ResetFrame reset) {
                ended.completeExceptionally(new IOException("Reset with " + reset.errorCode()));
            }
            super.userEventTriggered(context, event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended.completeExceptionally(new ClosedChannelException());
        }

        Stream awaitEnd() throws Exception {
            ended.get(60, TimeUnit.SECONDS);
            return this;
        }

        String status() {
            Http2Headers received = head;
            return received == null ? "none" : received.status().toString();
        }

        String text() {
            return body.toString(StandardCharsets.UTF_8);
        }

        /** Sends so many bytes piece by piece, each when the connection has taken the one before, and ends the stream. */
        void send(int bytes) {
            int count = Math.min(bytes, PIECE);
            channel.writeAndFlush(
                            new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(Http2Test.bytes(count)), count == bytes))
                    .addListener(written -> {
                        if (written.isSuccess() && count < bytes) {
                            send(bytes - count);
                        }
                    });
        }
    }

    private Stream open(String method, String path) throws Exception {
        Stream stream = new Stream();
        stream.channel = new Http2StreamChannelBootstrap(connection)
                .handler(stream)
                .open()
                .sync()
                .getNow();
        Http2Headers head = new DefaultHttp2Headers()
                .method(method)
                .scheme(secure ? "https" : "http")
                .authority("localhost:" + server.port())
                .path(path);
        stream.channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, method.equals("GET")));
        return stream;
    }

    private void assertOneConnectionGoesOn() {
        eventually(() -> assertThat(server.stats().streamsOpen()).isZero());
        assertThat(server.stats().connectionsOpen()).as("%s", server.stats()).isEqualTo(1);
    }

    @Test
    void asksManyThingsAtOnce() throws Exception {
        assertThat(open("GET", "/version").awaitEnd().text()).isEqualTo("HTTP/2.0");
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            streams.add(open("GET", "/" + i));
        }
        for (int i = 0; i < MANY; i++) {
            assertThat(streams.get(i).awaitEnd().text()).isEqualTo("/" + i);
        }
        assertOneConnectionGoesOn();
    }

    @Test
    void sendsMuchAndGetsItBackMeanwhile() throws Exception {
        Stream stream = open("POST", "/echo");
        stream.send(LARGE);

        byte[] echo = stream.awaitEnd().body.toByteArray();
        assertThat(echo).hasSize(LARGE);
        byte[] piece = Http2Test.bytes(PIECE);
        for (int at = 0; at < LARGE; at += PIECE) {
            assertThat(Arrays.mismatch(echo, at, at + PIECE, piece, 0, PIECE)).isEqualTo(-1);
        }
        assertOneConnectionGoesOn();
    }

    @Test
    void getsTrailers() throws Exception {
        Stream stream = open("GET", "/trailers").awaitEnd();

        assertThat(stream.text()).isEqualTo("sum");
        assertThat(stream.trailers).isNotNull();
        assertThat(stream.trailers.get("x-sum")).hasToString("7");
    }

    @Test
    void getsAnEarlyAnswerAndGoesOn() throws Exception {
        Stream stream = open("POST", "/early");
        stream.send(LARGE);

        assertThat(stream.awaitEnd().status()).isEqualTo("403");
        assertThat(stream.text()).isEqualTo("early");
        assertThat(open("GET", "/next").awaitEnd().text()).isEqualTo("/next");
        assertOneConnectionGoesOn();
    }

    @Test
    void givesUpAnAnswerAndGoesOn() throws Exception {
        Stream stream = open("GET", "/endless");
        await(stream.begun);

        stream.channel.close();

        await(site.gone);
        assertThat(open("GET", "/next").awaitEnd().text()).isEqualTo("/next");
        assertOneConnectionGoesOn();
    }
}
