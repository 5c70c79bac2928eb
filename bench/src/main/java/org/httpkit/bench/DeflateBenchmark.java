package org.httpkit.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.MessageDeflater;
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

/** Compresses one text message (RFC 7692) as each side's server does when a client offers plain permessage-deflate. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DeflateBenchmark {
    @Param({"512", "16384"})
    int bytes = 512;

    private String text = "";
    private final MessageDeflater deflater = deflater(DeflateOptions.DEFAULT);
    private final MessageDeflater keeping = deflater(new DeflateOptions(true, true, 6, 256));
    private EmbeddedChannel netty = new EmbeddedChannel();

    private static MessageDeflater deflater(DeflateOptions options) {
        return new DeflateAgreement(options.serverKeepsContext(), options.clientKeepsContext(), OptionalInt.empty())
                .newDeflater(options);
    }

    @Setup
    public void setUp() {
        StringBuilder json = new StringBuilder();
        for (int id = 0; json.length() < bytes; id++) {
            json.append("{\"id\":")
                    .append(id)
                    .append(",\"name\":\"item ")
                    .append(id * 31 % 97)
                    .append("\"},");
        }
        text = json.substring(0, bytes);
        WebSocketServerExtension extension = Objects.requireNonNull(new PerMessageDeflateServerExtensionHandshaker(0)
                .handshakeExtension(new WebSocketExtensionData("permessage-deflate", Map.of())));
        netty = new EmbeddedChannel(extension.newExtensionEncoder());
    }

    @Benchmark
    public byte[] ours() {
        return deflater.text(text);
    }

    @Benchmark
    public byte[] oursKeepingContext() {
        return keeping.text(text);
    }

    @Benchmark
    public int nettyKeepingContext() {
        netty.writeOutbound(new TextWebSocketFrame(text));
        WebSocketFrame frame = netty.readOutbound();
        ByteBuf content = frame.content();
        int length = content.readableBytes();
        frame.release();
        return length;
    }
}
