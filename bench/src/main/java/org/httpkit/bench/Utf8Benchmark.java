package org.httpkit.bench;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.httpkit.internal.bytes.Utf8Validator;
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

/** Checks that 4 KiB are UTF-8, with our validator and with the JDK's decoder, which also makes characters. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class Utf8Benchmark {
    private static final int BYTES = 4096;

    @Param({"a text without umlauts ", "a text with umlauts ä ", "по-русски ", "日本語です"})
    String pattern = "";

    private byte[] bytes = {};
    private final Utf8Validator validator = new Utf8Validator();
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final CharBuffer chars = CharBuffer.allocate(BYTES);

    @Setup
    public void setUp() {
        bytes = pattern.repeat(BYTES / pattern.getBytes(StandardCharsets.UTF_8).length)
                .getBytes(StandardCharsets.UTF_8);
    }

    @Benchmark
    public boolean ours() {
        validator.reset();
        return validator.accept(bytes, 0, bytes.length) && validator.isComplete();
    }

    @Benchmark
    public boolean jdk() {
        return !decoder.reset()
                .decode(ByteBuffer.wrap(bytes), chars.clear(), true)
                .isError();
    }
}
