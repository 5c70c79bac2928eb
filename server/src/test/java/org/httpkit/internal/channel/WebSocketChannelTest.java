package org.httpkit.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.WhenFull;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedWebSocket;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the application sends on a WebSocket, and the frames that its client gets. */
@SuppressWarnings("deprecation") // what only programs written for http-kit call
final class WebSocketChannelTest {
    private final ToldListener listener = new ToldListener();
    private final List<String> sent = new ArrayList<>();
    private ChannelOptions options = ChannelOptions.DEFAULT;
    private PlayedConnection connection = PlayedConnection.serving(request -> Response.of(404));

    private PlayedWebSocket open(Consumer<HttpServer.Builder> server, String... lines) {
        connection = PlayedConnection.serving(request -> request.asChannel(options, listener), server);
        PlayedWebSocket client = PlayedWebSocket.on(connection, lines);
        listener.take();
        return client;
    }

    private PlayedWebSocket open() {
        return open(server -> {});
    }

    private AsyncChannel channel() {
        return listener.channel();
    }

    private void tell(Throwable failure) {
        sent.add(failure == null ? "sent" : String.valueOf(failure.getMessage()));
    }

    @Test
    void sendsEachKindOfDataAsAMessage() {
        PlayedWebSocket client = open();
        channel().send("text");
        channel().send("bytes".getBytes(StandardCharsets.US_ASCII));
        channel().send(ByteBuffer.wrap("buffer".getBytes(StandardCharsets.US_ASCII)));
        channel().send(Message.text("for all"));
        channel().send(Message.binary("bytes for all".getBytes(StandardCharsets.US_ASCII)));
        channel().sendEvent(Event.of("event"));
        channel().send(null);

        assertThat(client.settled())
                .containsExactly(
                        "TEXT text",
                        "BINARY bytes",
                        "BINARY buffer",
                        "TEXT for all",
                        "BINARY bytes for all",
                        "TEXT event");
    }

    @ParameterizedTest
    @ValueSource(ints = {125, 126, 16 * 1024, 16 * 1024 + 1, 64 * 1024, 64 * 1024 + 1, 1 << 20})
    void sendsMessagesOfAnyLength(int length) {
        PlayedWebSocket client = open();
        assertThat(channel().trySend("x".repeat(length), false, this::tell)).isIn(SendResult.SENT, SendResult.QUEUED);
        channel().trySend(new byte[length]);

        assertThat(client.settled()).hasSize(2).first().asString().startsWith("TEXT " + (length > 60 ? length : ""));
        assertThat(sent).containsExactly("sent");
    }

    @Test
    void sendsAStreamAsFragments() {
        PlayedWebSocket client = open();
        channel().trySend(new ByteArrayInputStream(new byte[20_000]), false, this::tell);
        channel().trySend("behind", false, this::tell);

        assertThat(client.settled())
                .containsExactly(
                        "BINARY ... 16384 characters",
                        "CONTINUATION ... 3616 characters",
                        "CONTINUATION",
                        "TEXT behind");
        assertThat(sent).containsExactly("sent", "sent");
    }

    @Test
    void sendsAnEmptyStreamAsAnEmptyMessage() {
        PlayedWebSocket client = open();
        channel().trySend(new ByteArrayInputStream(new byte[0]));

        assertThat(client.settled()).containsExactly("BINARY");
    }

    @Test
    void sendsPingsAndPongs() {
        PlayedWebSocket client = open();

        assertThat(channel().ping(new byte[] {'a'})).isTrue();
        assertThat(channel().pong(new byte[] {'b'})).isTrue();
        assertThat(client.settled()).containsExactly("PING a", "PONG b");
        channel().close();
        assertThat(channel().ping(new byte[0])).isFalse();
    }

    @Test
    void sendsNoPingToAClientThatIsBehind() {
        PlayedWebSocket client = open(server -> server.maxQueuedBytes(100));
        connection.makeRoom(0);
        channel().send("x".repeat(200));

        assertThat(channel().ping(new byte[0])).isFalse();
        connection.makeRoom(Integer.MAX_VALUE);
        assertThat(client.settled()).hasSize(1);
        assertThat(channel().ping(new byte[0])).isTrue();
    }

    @Test
    void closesBehindTheLastMessage() {
        PlayedWebSocket client = open();
        assertThat(channel().send("last", true)).isTrue();
        assertThat(channel().send("more")).isFalse();

        assertThat(client.settled()).containsExactly("TEXT last", "CLOSE 1000");
        assertThat(listener.take()).containsExactly("close 1000 CLOSED");
    }

    @Test
    void closesBehindAStream() {
        PlayedWebSocket client = open();
        channel().trySend(new ByteArrayInputStream(new byte[] {'a'}), true, this::tell);

        assertThat(client.settled()).containsExactly("BINARY ... a", "CONTINUATION", "CLOSE 1000");
        assertThat(listener.take()).containsExactly("close 1000 CLOSED");
    }

    @Test
    void closesWith1011IfAStreamFails() {
        PlayedWebSocket client = open();
        channel().trySend(Response.stream(out -> {
            out.write(1);
            out.flush();
            throw new IllegalStateException("broken");
        }));

        assertThat(client.settled()).endsWith("CLOSE 1011");
        assertThat(listener.take()).containsExactly("close 1011 HANDLER_ERROR");
        assertThat(connection.events()).contains("handler failed: broken");
    }

    @Test
    void compressesMessagesThatTheClientTakesCompressed() {
        options = ChannelOptions.DEFAULT.deflate(true);
        PlayedWebSocket client =
                open(server -> {}, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover");
        channel().send("hello ".repeat(100));
        channel().send("hello ".repeat(100).getBytes(StandardCharsets.US_ASCII));
        channel().send(ByteBuffer.wrap("hello ".repeat(100).getBytes(StandardCharsets.US_ASCII)));
        Message shared = Message.text("hello ".repeat(100));
        channel().send(shared);
        channel().send(shared);
        channel().trySend("hello ".repeat(10_000), false, this::tell);

        List<String> frames = client.settled();
        assertThat(frames).hasSize(6).allMatch(frame -> frame.contains(" deflated"));
        assertThat(frames.get(3)).isEqualTo(frames.get(4));
        assertThat(frames.subList(0, 3))
                .extracting(frame -> frame.substring(0, 4))
                .containsExactly("TEXT", "BINA", "BINA");
        assertThat(sent).containsExactly("sent");
        channel().close();
        assertThat(client.settled()).containsExactly("CLOSE 1000");
    }

    @Test
    void sendsOneMessageToManyAtTheNextTurnOfTheirLoop() {
        PlayedWebSocket client = open();
        channel().send(Message.text("news").forMany());

        assertThat(client.take()).isEmpty();
        assertThat(client.settled()).containsExactly("TEXT news");
        assertThat(channel().queuedBytes()).isZero();
    }

    @Test
    void noticesThatAThreadSendsOneMessageToMany() {
        List<PlayedWebSocket> clients = new ArrayList<>(List.of(open()));
        List<AsyncChannel> channels = new ArrayList<>(List.of(channel()));
        for (int i = 1; i < 7; i++) {
            clients.add(PlayedWebSocket.on(connection.another()));
            channels.add(channel());
        }
        String news = "news";

        channels.forEach(each -> each.send(news));

        for (int i = 0; i < 5; i++) {
            assertThat(clients.get(i).take()).as("client " + i).hasSize(i < 4 ? 1 : 0);
        }
    }

    @Test
    void isFullForPoliteSendersOnly() {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT);
        PlayedWebSocket client = open(server -> server.maxQueuedBytes(100));
        connection.makeRoom(0);
        channel().send("x".repeat(200));
        assertThat(channel().trySend("y")).isEqualTo(SendResult.REJECTED);
        assertThat(listener.take()).isEmpty();

        connection.makeRoom(Integer.MAX_VALUE);

        assertThat(client.settled()).hasSize(1);
        assertThat(listener.take()).containsExactly("drain");
        ChannelBinding.of(channel()).setWhenFull(WhenFull.CLOSE);
        connection.makeRoom(0);
        channel().send("x".repeat(200));
        assertThat(channel().trySend("y")).isEqualTo(SendResult.CLOSED);
        connection.settle();
        assertThat(listener.take()).containsExactly("close 1006 SLOW_CONSUMER");
    }

    @Test
    void tellsSendersThatTheirMessagesWillNotLeave() {
        open();
        connection.makeRoom(0);
        channel().trySend("x", false, this::tell);
        connection.reset();
        channel().trySend("y", false, this::tell);

        assertThat(sent).hasSize(2).endsWith("The channel is closed").doesNotContain("sent");
    }

    @Test
    void keepsItsRequestWhenTheExchangeIsOver() {
        PlayedWebSocket client = open(server -> {}, "X: y");
        client.settled();

        assertThat(channel().request().headers().first("x")).isEqualTo("y");
        assertThat(channel().request().body().length()).isZero();
        assertThat(channel().request().trailers().size()).isZero();
        assertThat(channel().request().isCancelled()).isFalse();
        assertThat(channel().request().isWebSocketUpgrade()).isTrue();
        assertThatThrownBy(() -> channel().request().beginResponse(Response.of(200), 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("This exchange is a WebSocket already");
        assertThatThrownBy(() -> channel().request().asChannel(ChannelOptions.DEFAULT, listener))
                .isInstanceOf(IllegalStateException.class);
        connection.reset();
        assertThat(channel().request().isCancelled()).isTrue();
    }

    // ---- a handshake that the application answers by itself

    private PlayedConnection returningItsChannel(Consumer<AsyncChannel> with) {
        connection = PlayedConnection.serving(request -> {
            AsyncChannel made = request.channel(new Callbacks());
            with.accept(made);
            return Response.channel(made);
        });
        return connection;
    }

    private final class Callbacks implements org.httpkit.server.ChannelCallbacks {
        @Override
        public void set(AsyncChannel channel, Occasion occasion, Object callback) {}

        @Override
        public boolean hasCloseHandler() {
            return true;
        }

        @Override
        public Object toSend(AsyncChannel from, Object data) {
            return data;
        }

        @Override
        public void onText(AsyncChannel from, String text) {
            sent.add("text " + text);
        }

        @Override
        public void onEnding(AsyncChannel from, org.httpkit.server.CloseReason reason) {
            sent.add("ending " + reason.code());
        }

        @Override
        public void onClose(AsyncChannel from, org.httpkit.server.CloseReason reason) {
            sent.add("close " + reason.code() + " " + reason.cause());
        }
    }

    @Test
    void answersAHandshakeWithTheFieldsOfTheApplication() {
        returningItsChannel(made -> made.sendHandshake(Map.of(
                "Upgrade",
                "websocket",
                "Connection",
                "Upgrade",
                "Sec-WebSocket-Accept",
                "x",
                "Sec-WebSocket-Protocol",
                "p")));

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "\r\n"))
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Sec-WebSocket-Accept: x", "Sec-WebSocket-Protocol: p");
        connection.ask(PlayedWebSocket.text("hi"));
        connection.ask(PlayedWebSocket.close(1000));
        assertThat(sent).containsExactly("text hi", "close 1000 PEER_CLOSED");
    }

    @Test
    void answersALongPollOnAChannelThatWasMadeEarly() {
        returningItsChannel(made -> {});

        assertThat(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).isEmpty();
        connection.endInput().settle();
        assertThat(sent).containsExactly("close -1 PEER_CLOSED");
    }

    @Test
    void tellsItsCallbacksBeforeItsEnd() {
        returningItsChannel(made -> made.send("answer"));

        assertThat(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).endsWith("answer");
        assertThat(sent).containsExactly("ending 0", "close 0 CLOSED");
    }

    @Test
    void closesAChannelThatIsNotUsed() {
        connection = PlayedConnection.serving(request -> {
            request.channel(new Callbacks());
            return Response.text("own");
        });

        assertThat(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).endsWith("own");
        assertThat(sent).containsExactly("close 0 CLOSED");
    }

    @Test
    void opensNoWebSocketWhileTheHandshakesBodyMayStillCome() {
        connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(Request request) {
                return request.asChannel(options, listener);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "Content-Length: 5\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .endsWith("A WebSocket handshake begins when its content has come");
    }

    @Test
    void hasOneChannel() {
        connection = PlayedConnection.serving(request -> {
            request.channel(new Callbacks());
            request.channel(new Callbacks());
            return null;
        });

        assertThat(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 500 ");
        assertThat(connection.events()).startsWith("handler failed: This exchange has a channel already");
    }

    @Test
    void judgesTheOriginBeforeTheApplicationAnswersTheHandshake() {
        List<Boolean> allowed = new ArrayList<>();
        returningItsChannel(made -> {
            allowed.add(
                    ChannelBinding.of(made).allowsOrigin(ChannelOptions.DEFAULT.allowedOrigins("https://b.example")));
            allowed.add(ChannelBinding.of(made).allowsOrigin(ChannelOptions.DEFAULT.anyOrigin()));
            made.send(Response.of(403));
        });
        connection.ask(PlayedWebSocket.HANDSHAKE + "Origin: https://c.example\r\n\r\n");

        assertThat(allowed).containsExactly(false, true);
        assertThat(connection.events()).startsWith("refused 403", "responded 403");
    }

    @Test
    void answersNoHandshakeOnceAResponseHasBegun() {
        returningItsChannel(made -> {
            made.send("begun", false);
            assertThatThrownBy(() -> made.sendHandshake(Map.of())).isInstanceOf(IllegalStateException.class);
        });

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "\r\n")).endsWith("5\r\nbegun\r\n");
    }

    @Test
    void answersOneHandshake() {
        returningItsChannel(made -> {
            made.sendHandshake(Map.of("Upgrade", "websocket"));
            assertThatThrownBy(() -> made.sendHandshake(Map.of())).isInstanceOf(IllegalStateException.class);
        });

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "\r\n")).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void runsTasksBetweenTheCallsOfItsListener() {
        List<String> order = new ArrayList<>();
        listener.whenText = (channel, text) -> order.add(text);
        PlayedWebSocket client = open();
        client.send(PlayedWebSocket.text("one"));
        assertThat(ChannelBinding.of(channel()).inTurn(() -> order.add("task"))).isTrue();
        client.send(PlayedWebSocket.text("two"));
        client.settled();

        assertThat(order).containsExactly("one", "task", "two");
        connection.workerIsFull = true;
        assertThat(ChannelBinding.of(channel()).inTurn(() -> order.add("task"))).isFalse();
    }

    @Test
    void keepsListenersThatAreNoCallbacksToThemselves() {
        open();
        assertThat(ChannelBinding.of(channel()).callbacks()).isNull();
        returningItsChannel(
                made -> assertThat(ChannelBinding.of(made).callbacks()).isInstanceOf(Callbacks.class));
        connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(connection.events()).noneMatch(event -> event.startsWith("handler failed"));
    }
}
