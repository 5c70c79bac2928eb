package org.httpkit.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.BlockScratch;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.HpackDecoder;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.Http2Limits;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.RequestAssembler;
import org.httpkit.internal.http2.ResponseEncoder;
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

/** Decodes the field block of a browser's request to its head, and encodes the head of a small answer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HpackBenchmark {
    private static final String[] FIELDS = {
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "referer",
        "https://www.example.com/news/",
        "accept-encoding",
        "gzip, deflate, br, zstd",
        "accept-language",
        "en-GB,en;q=0.9,de;q=0.8",
        "upgrade-insecure-requests",
        "1",
        "cookie",
        "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark; consent=1; _ga=GA1.2.1234567890.1712345678"
    };

    private static final int FIRST_DYNAMIC_INDEX = 62;

    /** {@code huffman} spells out every field in Huffman's code; {@code indexed} refers to a table that has them all. */
    @Param({"huffman", "indexed"})
    String fields = "huffman";

    private final HpackDecoder decoder = new HpackDecoder();
    private final BlockScratch scratch = new BlockScratch.Pool().borrow();
    private final HpackEncoder encoder = new HpackEncoder();
    private final ByteQueue out = new ByteQueue(1024);
    private final Headers answer = Headers.of("Content-Type", "text/plain; charset=utf-8");
    private final byte[] date = ResponseEncoder.field("date", "Sat, 28 Nov 2026 23:00:00 GMT");
    private final byte[] server = ResponseEncoder.field("server", "httpkit");
    private byte[] block = {};

    @Setup
    public void setUp() throws Http2ViolationException {
        ByteQueue made = new ByteQueue(1024);
        appendPseudoFields(made);
        switch (fields) {
            case "huffman" -> {
                for (int i = 0; i < FIELDS.length; i += 2) {
                    made.append(ResponseEncoder.field(FIELDS[i], FIELDS[i + 1]));
                }
            }
            case "indexed" -> {
                ByteQueue first = new ByteQueue(1024);
                appendPseudoFields(first);
                for (int i = 0; i < FIELDS.length; i += 2) {
                    first.append((byte) 0x40);
                    appendString(first, FIELDS[i]);
                    appendString(first, FIELDS[i + 1]);
                }
                decode(first.toByteArray());
                for (int i = 0; i < FIELDS.length / 2; i++) {
                    made.append((byte) (0x80 | FIRST_DYNAMIC_INDEX + i));
                }
            }
            default -> throw new IllegalArgumentException(fields);
        }
        block = made.toByteArray();
    }

    private static void appendPseudoFields(ByteQueue out) {
        out.append(new byte[] {(byte) 0x82, (byte) 0x87, 0x01});
        appendString(out, "www.example.com");
        out.append((byte) 0x04);
        appendString(out, "/news/article/2024/05/how-to-make-bread?utm_source=feed&page=2");
    }

    private static void appendString(ByteQueue out, String text) {
        if (text.length() >= 127) {
            throw new IllegalArgumentException("Too long: " + text);
        }
        out.append((byte) text.length());
        out.append(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Benchmark
    public void decode(Blackhole blackhole) throws Http2ViolationException {
        blackhole.consume(decode(block));
    }

    private RequestHead decode(byte[] bytes) throws Http2ViolationException {
        RequestAssembler request = scratch.request();
        request.start(Http2Limits.DEFAULT, true);
        decoder.begin(request, Http2Limits.DEFAULT.maxHeaderListBytes(), scratch.strings());
        decoder.decode(bytes, 0, bytes.length);
        decoder.end();
        RequestHead head = request.end();
        if (head == null) {
            throw new IllegalStateException("Refused: " + request.violation());
        }
        return head;
    }

    @Benchmark
    public int encode() {
        out.clear();
        int begin = FrameEncoder.beginHeaders(out);
        ResponseEncoder.encode(encoder, out, 200, answer, 12, date, server);
        FrameEncoder.endHeaders(out, begin, 1, false, 16_384);
        return out.length();
    }
}
