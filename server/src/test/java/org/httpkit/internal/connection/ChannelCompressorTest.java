package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.httpkit.internal.channel.MessageOutput;
import org.httpkit.internal.channel.RealChannel;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.MessageDeflater;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.ServerObserver;
import org.junit.jupiter.api.Test;

/** The compressor of a channel holds memory outside of the heap: it goes with the channel, but not from under a thread that uses it. */
final class ChannelCompressorTest {
    private static final DeflateOptions KEEPS_CONTEXT = new DeflateOptions(true, true, 6, 0);

    private final MessageDeflater deflater =
            new DeflateAgreement(true, true, OptionalInt.empty()).newDeflater(KEEPS_CONTEXT);
    private final RealChannel channel = open();

    private RealChannel open() {
        Link link = new Link(new FakeLoop(), new FakeWire());
        ServerContext context = ServerContext.of(
                HttpServer.builder().handler(request -> Response.of(200)).options(),
                Runnable::run,
                new ServerObserver() {});
        Http1Connection connection = new Http1Connection(context, link, new DecoderPool(), null, 0);
        link.start(connection);
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Http1Stream stream = new Http1Stream(connection, context, link, head, 0);
        RealChannel made = (RealChannel) stream.newChannel(ChannelOptions.DEFAULT, new ChannelListener() {});
        made.handedOver();
        made.upgrade(new MessageOutput(new WebSocketConnection(made, null), deflater, false), stream.exchange(), null);
        return made;
    }

    private boolean holdsMemory() throws ReflectiveOperationException {
        Field field = MessageDeflater.class.getDeclaredField("deflater");
        field.setAccessible(true);
        return field.get(deflater) != null;
    }

    @Test
    void isFreedAsTheChannelCloses() throws Exception {
        assertThat(channel.trySend("a".repeat(1000))).isNotEqualTo(SendResult.CLOSED);
        assertThat(holdsMemory()).isTrue();

        channel.connectionClosed(null, false);

        assertThat(holdsMemory()).isFalse();
    }

    @Test
    void isFreedAfterAThreadThatUsesItHasFinished() throws Exception {
        for (String text : List.of("a".repeat(1 << 20), "b".repeat(1 << 20))) {
            channel.trySend(text);
        }
        Thread sender = new Thread(() -> {
            while (channel.trySend("c".repeat(1 << 20)) != SendResult.CLOSED) {
                Thread.onSpinWait();
            }
        });
        sender.start();

        channel.connectionClosed(null, false);
        sender.join();

        assertThat(holdsMemory()).isFalse();
    }
}
