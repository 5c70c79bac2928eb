package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message to channels of every kind: each client gets it in the form that it reads. */
final class SharedMessageTest extends ServerTest {
    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover";

    /** Long enough to be compressed. */
    private static final String LONG = "one ü ".repeat(50);

    private final RecordingListener listener = new RecordingListener();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reachesClientsOfEveryKind(boolean forMany) throws Exception {
        HttpServer server = serve(request -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), listener));
        RawWebSocket plain = closeLater(RawWebSocket.open(server, "/"));
        RawWebSocket deflating = closeLater(RawWebSocket.open(server, "/", OFFER));
        RawClient chunked = closeLater(RawClient.connect(server)).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        RawClient old = closeLater(RawClient.connect(server)).send("GET / HTTP/1.0\r\n\r\n");
        RawClient head = closeLater(RawClient.connect(server)).send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        RawHttp2 http2 = closeLater(RawHttp2.connect(server));
        int stream = http2.get("/");
        http2.roundTrip();
        List<AsyncChannel> channels = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            channels.add(listener.channel());
        }
        for (String text : List.of(LONG, "two", "")) {
            Message message = forMany ? Message.text(text).forMany() : Message.text(text);
            channels.forEach(channel -> channel.send(message, false));
        }
        channels.forEach(AsyncChannel::close);

        assertThat(plain.readMessage().text()).isEqualTo(LONG);
        assertThat(plain.readMessage().text()).isEqualTo("two");
        assertThat(deflating.readMessage().rsv()).isEqualTo(RawWebSocket.RSV1);
        chunked.readHead();
        assertThat(chunked.readChunk()).isEqualTo(LONG.getBytes(StandardCharsets.UTF_8));
        assertThat(chunked.readChunk()).isEqualTo("two".getBytes(StandardCharsets.UTF_8));
        assertThat(chunked.readChunk()).isEmpty();
        assertThat(old.read().text()).isEqualTo(LONG + "two");
        assertThat(head.readToHeadRequest().status()).isEqualTo(200);
        assertThat(http2.await(stream).text()).isEqualTo(LONG + "two");
    }
}
