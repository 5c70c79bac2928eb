package org.httpkit.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http1.DateLine;
import org.httpkit.internal.http1.ResponseEncoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decides the framing of a response and writes its head. Netty's encoder receives the framing instead of deciding it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ResponseEncoderBenchmark {
    private final ByteQueue out = new ByteQueue(4096);
    private final byte[] dateLine = DateLine.of(784111777);
    private final byte[] serverLine = ResponseEncoder.fieldLine("Server", "httpkit");
    private final Headers oneField = Headers.of("Content-Type", "text/plain; charset=utf-8");
    private final Headers fiveFields = Headers.of(
            "Content-Type",
            "application/json; charset=utf-8",
            "Cache-Control",
            "no-cache, no-store, must-revalidate",
            "ETag",
            "\"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
            "Vary",
            "Accept-Encoding",
            "Set-Cookie",
            "session=8f14e45fceea167a5a36dedd4bea2543; Path=/; HttpOnly; Secure; SameSite=Lax");

    private final EmbeddedChannel netty = new EmbeddedChannel(new HttpResponseEncoder());
    private final HttpResponse nettyOneField = nettyResponse(oneField);
    private final HttpResponse nettyFiveFields = nettyResponse(fiveFields);

    private static HttpResponse nettyResponse(Headers fields) {
        HttpResponse response =
                new DefaultHttpResponse(io.netty.handler.codec.http.HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        for (int i = 0; i < fields.size(); i++) {
            response.headers().add(fields.name(i), fields.value(i));
        }
        response.headers()
                .add("Content-Length", "13")
                .add("Server", "httpkit")
                .add("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        return response;
    }

    @Benchmark
    public int nettyOneField() {
        return encode(nettyOneField);
    }

    @Benchmark
    public int nettyFiveFields() {
        return encode(nettyFiveFields);
    }

    private int encode(HttpResponse response) {
        int length = 0;
        netty.writeOutbound(response, LastHttpContent.EMPTY_LAST_CONTENT);
        for (ByteBuf out = netty.readOutbound(); out != null; out = netty.readOutbound()) {
            length += out.readableBytes();
            out.release();
        }
        return length;
    }

    @Benchmark
    public int oneField() {
        return encode(oneField);
    }

    @Benchmark
    public int fiveFields() {
        return encode(fiveFields);
    }

    private int encode(Headers fields) {
        out.clear();
        ResponseFraming framing = ResponseFraming.decide(Method.GET, HttpVersion.HTTP_1_1, 200, 13, -1, true);
        ResponseEncoder.encode(out, 200, fields, framing, dateLine, serverLine);
        return out.length();
    }
}
