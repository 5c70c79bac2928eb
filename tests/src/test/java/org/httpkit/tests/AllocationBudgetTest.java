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
import org.httpkit.testkit.RawHttp2;
import org.junit.jupiter.api.Test;

/** The heap a request may cost. */
final class AllocationBudgetTest extends ServerTest {
    private static final int REQUESTS = 10_000;
    private static final int WARM_UP_REQUESTS = 5_000;
    private static final Response HELLO = Response.text("Hello, World!");

    @Test
    void allocatesAtMost1536BytesForAPlaintextRequestOnTheWorker() throws Exception {
        assertThat(bytesPerRequest(Dispatch.WORKER)).isLessThanOrEqualTo(1536);
    }

    @Test
    void allocatesAtMost600BytesForAPlaintextRequestInline() throws Exception {
        assertThat(bytesPerRequest(Dispatch.INLINE)).isLessThanOrEqualTo(600);
    }

    @Test
    void allocatesAtMost2048BytesForAStreamOfHttp2OnTheWorker() throws Exception {
        assertThat(bytesPerStream(Dispatch.WORKER)).isLessThanOrEqualTo(2048);
    }

    @Test
    void allocatesAtMost1280BytesForAStreamOfHttp2Inline() throws Exception {
        assertThat(bytesPerStream(Dispatch.INLINE)).isLessThanOrEqualTo(1280);
    }

    private double bytesPerStream(Dispatch dispatch) throws IOException {
        HttpServer server = closeLater(HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .dispatch(dispatch)
                .handler(request -> HELLO)
                .start());
        try (SocketChannel client = SocketChannel.open()) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            client.write(ByteBuffer.wrap(RawHttp2.PREFACE.getBytes(StandardCharsets.US_ASCII)));
            client.write(ByteBuffer.wrap(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, 0, 0, 0})));
            client.write(ByteBuffer.wrap(
                    RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, RawHttp2.word(Integer.MAX_VALUE - 65_535))));
            byte[] fields = RawHttp2.request("GET", "/plaintext", "accept", "text/plain", "user-agent", "test");
            ByteBuffer request = ByteBuffer.allocateDirect(512);
            request.put(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, fields))
                    .flip();
            ByteBuffer response = ByteBuffer.allocateDirect(4096);
            int id = 1;
            for (; id < 2 * WARM_UP_REQUESTS; id += 2) {
                askUntilItEnds(client, request.putInt(5, id), response);
            }
            Allocation others = Allocation.ofAllThreadsBut(Thread.currentThread());
            for (; id < 2 * (WARM_UP_REQUESTS + REQUESTS); id += 2) {
                askUntilItEnds(client, request.putInt(5, id), response);
            }
            return (double) others.bytes() / REQUESTS;
        }
    }

    private static void askUntilItEnds(SocketChannel client, ByteBuffer request, ByteBuffer response)
            throws IOException {
        ask(client, request, response);
        while (response.position() == 0 || response.get(response.position() - 1) != '!') {
            client.read(response);
        }
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
