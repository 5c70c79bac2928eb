package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

/** The heap a request may cost. */
final class AllocationBudgetTest extends ServerTest {
    private static final int REQUESTS = 20_000;
    private static final int WARM_UP_REQUESTS = 30_000;
    private static final Response HELLO = Response.text("Hello, World!");

    @Test
    void allocatesAtMost1536BytesForAPlaintextRequestOnTheWorker() throws Exception {
        assertThat(bytesPerRequest(Dispatch.WORKER)).isLessThanOrEqualTo(1536);
    }

    @Test
    void allocatesAtMost600BytesForAPlaintextRequestInline() throws Exception {
        assertThat(bytesPerRequest(Dispatch.INLINE)).isLessThanOrEqualTo(600);
    }

    private double bytesPerRequest(Dispatch dispatch) throws IOException {
        HttpServer server = closeLater(HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .dispatch(dispatch)
                .handler(request -> HELLO)
                .start());
        try (SocketChannel client = SocketChannel.open()) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            ByteBuffer request = ByteBuffer.allocateDirect(512);
            request.put(get("/plaintext", "Accept: text/plain", "User-Agent: test", "Connection: keep-alive")
                            .getBytes(StandardCharsets.ISO_8859_1))
                    .flip();
            ByteBuffer response = ByteBuffer.allocateDirect(4096);
            ask(client, request, response);
            int length = response.position();

            repeat(WARM_UP_REQUESTS, client, request, response, length);
            Allocation others = Allocation.ofAllThreadsBut(Thread.currentThread());
            repeat(REQUESTS, client, request, response, length);
            return (double) others.bytes() / REQUESTS;
        }
    }

    private static void repeat(int times, SocketChannel client, ByteBuffer request, ByteBuffer response, int length)
            throws IOException {
        for (int i = 0; i < times; i++) {
            ask(client, request, response);
            while (response.position() < length) {
                client.read(response);
            }
        }
    }

    private static void ask(SocketChannel client, ByteBuffer request, ByteBuffer response) throws IOException {
        client.write(request.rewind());
        client.read(response.clear());
    }
}
