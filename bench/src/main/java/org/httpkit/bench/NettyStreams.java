package org.httpkit.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;

/** One handler for all streams of an HTTP/2 connection, which answers GET alone. Confined to its event loop. */
final class NettyStreams extends SimpleChannelInboundHandler<Http2HeadersFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, Http2HeadersFrame request) {
        String path = request.headers().path().toString();
        ByteBuf content = path.equals("/plaintext")
                ? Unpooled.wrappedBuffer(Peer.HELLO)
                : path.startsWith("/bytes/") ? Unpooled.wrappedBuffer(Peer.bytes(path)) : Unpooled.EMPTY_BUFFER;
        Http2Headers headers = new DefaultHttp2Headers()
                .status(content.isReadable() ? "200" : "404")
                .set("content-type", "text/plain")
                .setInt("content-length", content.readableBytes());
        context.write(new DefaultHttp2HeadersFrame(headers).stream(request.stream()));
        context.write(new DefaultHttp2DataFrame(content, true).stream(request.stream()));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a load generator resets its connections at its end
    }
}
