package org.httpkit.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.ViolationException;
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

/**
 * Decodes one masked message, from its bytes in a heap buffer to what an application gets: a checked String for a text, a separate
 * array for a binary message. The decoder unmasks in place, so the benchmark copies the bytes there first.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FrameDecoderBenchmark {
    private static final int LONGEST = 1 << 20;

    /** In {@code mixed} one of twenty characters takes two bytes. */
    @Param({"binary", "ascii", "mixed"})
    String kind = "binary";

    @Param({"16", "128", "4096", "65536"})
    int bytes = 128;

    private byte[] frame = {};
    private byte[] input = {};
    private ByteBuffer in = ByteBuffer.allocate(0);
    private ByteBuf nettyIn = Unpooled.EMPTY_BUFFER;
    private final MessageDecoder decoder = new MessageDecoder(LONGEST, null);
    private EmbeddedChannel netty = new EmbeddedChannel();

    @Setup
    public void setUp() {
        byte[] payload = new byte[bytes];
        byte[] pattern = kind.equals("mixed")
                ? "a text with umlauts ä".getBytes(StandardCharsets.UTF_8)
                : "a text without umlauts".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i + pattern.length <= bytes; i += pattern.length) {
            System.arraycopy(pattern, 0, payload, i, pattern.length);
        }
        frame = Frames.masked(kind.equals("binary") ? 2 : 1, payload);
        input = new byte[frame.length];
        in = ByteBuffer.wrap(input);
        nettyIn = Unpooled.wrappedBuffer(input);
        netty = new EmbeddedChannel(
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(LONGEST)
                        .build()),
                new Utf8FrameValidator());
    }

    @Benchmark
    public Object ours() throws ViolationException {
        System.arraycopy(frame, 0, input, 0, frame.length);
        in.rewind();
        return decoder.advance(in) == MessageDecoder.Step.TEXT ? decoder.text() : decoder.bytes();
    }

    @Benchmark
    public Object netty() {
        System.arraycopy(frame, 0, input, 0, frame.length);
        nettyIn.setIndex(0, frame.length);
        netty.writeInbound(nettyIn.retain());
        WebSocketFrame message = netty.readInbound();
        try {
            if (message instanceof TextWebSocketFrame text) {
                return text.text();
            }
            byte[] own = new byte[message.content().readableBytes()];
            message.content().readBytes(own);
            return own;
        } finally {
            message.release();
        }
    }
}
