package org.httpkit.bench;

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

/** Decides the framing of a response and writes its head. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ResponseEncoderBenchmark {
    private final ByteQueue out = new ByteQueue(4096);
    private final byte[] dateLine = DateLine.of(784111777);
    private final byte[] serverLine = ResponseEncoder.fieldLine("Server", "http-kit");
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
        ResponseFraming framing = ResponseFraming.decide(Method.GET, HttpVersion.HTTP_1_1, 200, 13, true);
        ResponseEncoder.encode(out, 200, fields, framing, dateLine, serverLine);
        return out.length();
    }
}
