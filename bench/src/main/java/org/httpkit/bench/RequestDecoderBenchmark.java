package org.httpkit.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Decodes one request, from its bytes in a heap buffer to its end. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RequestDecoderBenchmark {
    private static final String BROWSER = """
            GET /news/article/2024/05/how-to-make-bread?utm_source=feed&page=2 HTTP/1.1
            Host: www.example.com
            Connection: keep-alive
            Cache-Control: max-age=0
            Upgrade-Insecure-Requests: 1
            User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
            Referer: https://www.example.com/news/
            Accept-Encoding: gzip, deflate, br, zstd
            Accept-Language: en-GB,en;q=0.9,de;q=0.8
            Cookie: session=8f14e45fceea167a5a36dedd4bea2543; theme=dark; consent=1; _ga=GA1.2.1234567890.1712345678

            """;

    private static final String SMALL = """
            GET /plaintext HTTP/1.1
            Host: localhost:8090
            Accept: text/plain
            Connection: keep-alive

            """;

    private static final String POST = """
            POST /echo HTTP/1.1
            Host: localhost:8090
            Content-Type: application/json
            Content-Length: 26

            {"id":1,"name":"httpkit"}
            """;

    /** {@code browser} has 10 fields in about 700 bytes. */
    @Param({"browser", "small", "post"})
    String request = "browser";

    private ByteBuffer in = ByteBuffer.allocate(0);
    private ByteBuf nettyIn = Unpooled.EMPTY_BUFFER;
    private RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, new DecoderPool());
    private EmbeddedChannel netty = new EmbeddedChannel();

    @Setup
    public void setUp() {
        String text =
                switch (request) {
                    case "browser" -> BROWSER;
                    case "small" -> SMALL;
                    case "post" -> POST;
                    default -> throw new IllegalArgumentException(request);
                };
        byte[] bytes = text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        in = ByteBuffer.wrap(bytes, 0, bytes.length - (request.equals("post") ? 1 : 0));
        nettyIn = Unpooled.wrappedBuffer(bytes, 0, in.limit());
        netty = new EmbeddedChannel(new HttpRequestDecoder(new HttpDecoderConfig().setMaxInitialLineLength(8192)));
    }

    @Benchmark
    public RequestDecoder.Step ours(Blackhole blackhole) throws ViolationException {
        in.rewind();
        RequestDecoder.Step step = decoder.advance(in);
        blackhole.consume(decoder.head());
        while (step != RequestDecoder.Step.END) {
            step = decoder.advance(in);
        }
        return step;
    }

    @Benchmark
    public void netty(Blackhole blackhole) {
        nettyIn.readerIndex(0);
        netty.writeInbound(nettyIn.retain());
        Object message = netty.readInbound();
        while (message != null) {
            blackhole.consume(message);
            ReferenceCountUtil.release(message);
            message = netty.readInbound();
        }
    }
}
