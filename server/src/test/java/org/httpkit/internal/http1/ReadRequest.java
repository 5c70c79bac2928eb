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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;

/**
 * A request as a parser read it, in a form in which two parsers can be compared.
 *
 * @param line the method, a space, the target
 * @param fields name, colon, space, value of each header field
 * @param body each byte as a character
 * @param trailers as the fields
 * @param isComplete whether its end was reached
 */
record ReadRequest(String line, List<String> fields, String body, List<String> trailers, boolean isComplete) {

    /** What our decoder accepts: the last request may lack its end, for want of input or for a violation. */
    static List<ReadRequest> ours(byte[] input) {
        List<ReadRequest> requests = new ArrayList<>();
        RequestDecoder decoder = new RequestDecoder(Http1Limits.DEFAULT, new HeadScratch());
        ByteBuffer in = ByteBuffer.wrap(input);
        Parts parts = null;
        try {
            for (RequestDecoder.Step step = decoder.advance(in);
                    step != RequestDecoder.Step.NEED_INPUT;
                    step = decoder.advance(in)) {
                if (step == RequestDecoder.Step.HEAD) {
                    RequestHead head = decoder.head();
                    parts = new Parts(head.method() + " " + head.target(), lines(head));
                } else if (step == RequestDecoder.Step.BODY) {
                    parts.body.append(StandardCharsets.ISO_8859_1.decode(decoder.body()));
                } else {
                    requests.add(parts.whole(lines(decoder.trailers()), true));
                    parts = null;
                }
            }
        } catch (ViolationException e) {
            // What was accepted before it counts.
        }
        if (parts != null) {
            requests.add(parts.whole(List.of(), false));
        }
        return requests;
    }

    /** What Netty's decoder accepts, as it is by default but for limits, which are larger than ours. */
    static List<ReadRequest> nettys(byte[] input) {
        List<ReadRequest> requests = new ArrayList<>();
        HttpDecoderConfig config =
                new HttpDecoderConfig().setMaxInitialLineLength(100_000).setMaxHeaderSize(100_000);
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(config));
        channel.writeInbound(Unpooled.wrappedBuffer(input));
        Parts parts = null;
        boolean failed = false;
        for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
            failed |= object.decoderResult().isFailure();
            if (!failed && object instanceof HttpRequest request) {
                parts = new Parts(request.method() + " " + request.uri(), lines(request.headers()));
            }
            if (!failed && object instanceof HttpContent content) {
                parts.body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (!failed && object instanceof LastHttpContent last) {
                requests.add(parts.whole(lines(last.trailingHeaders()), true));
                parts = null;
            }
            ReferenceCountUtil.release(object);
        }
        channel.finishAndReleaseAll();
        if (parts != null) {
            requests.add(parts.whole(List.of(), false));
        }
        return requests;
    }

    /** Whether this is what another reading, which did not reach the end, may have become. */
    boolean goesOnFrom(ReadRequest beginning) {
        return line.equals(beginning.line) && fields.equals(beginning.fields) && body.startsWith(beginning.body);
    }

    private static List<String> lines(Headers fields) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            lines.add(fields.name(i) + ": " + fields.value(i));
        }
        return lines;
    }

    private static List<String> lines(HttpHeaders fields) {
        List<String> lines = new ArrayList<>();
        fields.iteratorAsString().forEachRemaining(field -> lines.add(field.getKey() + ": " + field.getValue()));
        return lines;
    }

    /** A request whose end is not yet known. */
    private static final class Parts {
        private final String line;
        private final List<String> fields;
        private final StringBuilder body = new StringBuilder();

        Parts(String line, List<String> fields) {
            this.line = line;
            this.fields = fields;
        }

        ReadRequest whole(List<String> trailers, boolean isComplete) {
            return new ReadRequest(line, fields, body.toString(), trailers, isComplete);
        }
    }
}
