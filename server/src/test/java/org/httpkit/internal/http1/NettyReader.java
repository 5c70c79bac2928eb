package org.httpkit.internal.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads requests with Netty's decoder, as it is by default but for limits, which are larger than ours. */
final class NettyReader {
    private NettyReader() {}

    /** What it accepts: the last request may lack its end. */
    static List<ReadRequest> read(byte[] input) {
        HttpDecoderConfig config =
                new HttpDecoderConfig().setMaxInitialLineLength(100_000).setMaxHeaderSize(100_000);
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(config));
        channel.writeInbound(Unpooled.wrappedBuffer(input));
        List<ReadRequest> requests = new ArrayList<>();
        ReadRequest.Parts parts = new ReadRequest.Parts();
        boolean failed = false;
        for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
            failed |= object.decoderResult().isFailure();
            if (!failed && object instanceof HttpRequest request) {
                parts.line = request.method() + " " + request.uri();
                addLines(request.headers(), parts.fields);
                parts.headIsComplete = true;
            }
            if (!failed && object instanceof HttpContent content) {
                parts.body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (!failed && object instanceof LastHttpContent last) {
                addLines(last.trailingHeaders(), parts.trailers);
                parts.addWholeTo(requests);
                parts = new ReadRequest.Parts();
            }
            ReferenceCountUtil.release(object);
        }
        channel.finishAndReleaseAll();
        parts.addIncompleteTo(requests);
        return requests;
    }

    private static void addLines(HttpHeaders fields, List<String> lines) {
        fields.iteratorAsString()
                .forEachRemaining(field -> lines.add(ReadRequest.field(field.getKey(), field.getValue())));
    }
}
