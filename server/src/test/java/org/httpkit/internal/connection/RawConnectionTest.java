package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.UpgradedConnection;
import org.httpkit.testing.PlayedConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that switches to a protocol of the application's, played without a socket. */
final class RawConnectionTest {
    private static final String REQUEST =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other/2, chat\r\n\r\n";
    private static final String ANSWER =
            "HTTP/1.1 101 Switching Protocols\r\nOwn: field\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n";
    private static final Duration IDLE = Duration.ofSeconds(20);

    private @Nullable Request request;
    private @Nullable UpgradedConnection upgraded;
    private PlayedConnection client = serving(this::upgrade);

    private PlayedConnection serving(Handler handler) {
        return serving(handler, server -> {});
    }

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> server) {
        client = PlayedConnection.serving(handler, server);
        return client;
    }

    private @Nullable Response upgrade(Request asked) {
        request = asked;
        upgraded = asked.switchProtocols("chat", Headers.of("Own", "field"), IDLE);
        return null;
    }

    /** Opens the connection, and forgets what was seen of that. */
    private void open() {
        assertThat(client.ask(REQUEST)).isEqualTo(ANSWER);
        client.events();
    }

    private UpgradedConnection upgraded() {
        return Objects.requireNonNull(upgraded);
    }

    private InputStream input() {
        return upgraded().input();
    }

    private String read(int count) throws IOException {
        return new String(input().readNBytes(count), StandardCharsets.US_ASCII);
    }

    private void write(String text) throws IOException {
        upgraded().output().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String written(String text) throws IOException {
        write(text);
        upgraded().output().flush();
        return client.settled();
    }

    // ---- the switch

    @Test
    void answersWithTheProtocolThatTheApplicationHasChosen() {
        assertThat(client.ask(REQUEST)).isEqualTo(ANSWER);
        assertThat(client.events()).containsExactly("responded 101", "finished UPGRADED");
        assertThat(client.isClosed()).isFalse();
    }

    @Test
    void leavesOutFieldsThatFrameAMessageOrNameAnotherProtocol() {
        serving(asked -> {
            upgraded = asked.switchProtocols(
                    "CHAT", Headers.of("Content-Length", "3", "Upgrade", "other/2", "Connection", "close"), IDLE);
            return null;
        });

        assertThat(client.ask(REQUEST))
                .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nUpgrade: CHAT\r\nConnection: Upgrade\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other/2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: chat\r\n\r\n",
                "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"
            })
    void switchesToNothingThatTheClientDoesNotOffer(String asked) {
        assertThat(client.ask(asked)).startsWith("HTTP/1.1 500 ");
        assertThat(client.events()).first().asString().startsWith("handler failed: ");
    }

    @Test
    void whatCannotBeSwitchedCanStillBeAnswered() {
        serving(asked -> {
            assertThatThrownBy(() -> asked.switchProtocols("chat", Headers.empty(), Duration.ZERO))
                    .hasMessageContaining("positive");
            assertThatThrownBy(() -> asked.switchProtocols("chat", Headers.empty(), Duration.ofDays(4000)))
                    .hasMessageContaining("3650");
            assertThatThrownBy(() -> asked.switchProtocols("smtp", Headers.empty(), IDLE))
                    .hasMessageContaining("[other/2, chat]");
            return Response.text("plain");
        });

        assertThat(client.ask(REQUEST)).startsWith("HTTP/1.1 200 ").endsWith("plain");
        assertThat(client.ask(REQUEST)).as("the connection goes on").startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aBodyThatMayStillComeIsInTheWay() {
        serving(new Handler() {
            @Override
            public boolean streamsBody(Request asked) {
                return true;
            }

            @Override
            public Response handle(Request asked) {
                assertThatThrownBy(() -> asked.switchProtocols("chat", Headers.empty(), IDLE))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("streamed");
                return Response.of(204);
            }
        });

        assertThat(client.ask(REQUEST.replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc")))
                .startsWith("HTTP/1.1 204 ");
    }

    @Test
    void aCollectedBodyIsNotInTheWay() throws IOException {
        String posted = REQUEST.replace("GET", "POST").replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc");

        assertThat(client.ask(posted + "behind")).isEqualTo(ANSWER);
        assertThat(Objects.requireNonNull(request).body().text()).isEqualTo("abc");
        assertThat(read(6)).isEqualTo("behind");
    }

    @Test
    void anExchangeSwitchesOnce() {
        open();
        Request answered = Objects.requireNonNull(request);

        assertThatThrownBy(() -> answered.switchProtocols("chat", Headers.empty(), IDLE))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> answered.asChannel(new ChannelListener() {}))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> answered.beginResponse(Response.of(200), -1))
                .isInstanceOf(IllegalStateException.class);
    }

    // ---- bytes

    @Test
    void passesBytesBothWays() throws IOException {
        open();

        client.send("hello").settle();
        assertThat(read(5)).isEqualTo("hello");
        assertThat(written("you")).isEqualTo("you");
        assertThat(written("x".repeat(100_000))).hasSize(100_000);
    }

    @Test
    void passesOnWhatCameWithTheRequestWhereverItIsCut() throws IOException {
        String sent = REQUEST + "early";
        for (int cut = 0; cut <= sent.length(); cut++) {
            serving(this::upgrade);
            client.send(sent.substring(0, cut)).settle();
            client.send(sent.substring(cut)).settle();

            assertThat(client.take()).isEqualTo(ANSWER);
            assertThat(read(5)).as("cut at " + cut).isEqualTo("early");
        }
    }

    @Test
    void whatComesBeforeTheSwitchIsTheProtocols() throws IOException {
        client.send(REQUEST + "GET / HTTP/1.1\r\n");
        client.settle();

        assertThat(client.take()).isEqualTo(ANSWER);
        assertThat(read(5)).isEqualTo("GET /");
    }

    @Test
    void gathersSmallWritesUntilTheyAreFlushed() throws IOException {
        open();
        write("a");
        upgraded().output().write('b');
        assertThat(client.settled()).isEmpty();

        assertThat(written("c")).isEqualTo("abc");
        write("d".repeat(8 * 1024 - 1));
        assertThat(client.settled()).isEmpty();
        write("e".repeat(8 * 1024 + 1));
        assertThat(client.settled()).hasSize(16 * 1024).startsWith("d").endsWith("e");
    }

    @Test
    void holdsTheClientBackWhileTheApplicationReadsNothing() throws IOException {
        open();
        String piece = "p".repeat(32 * 1024);
        client.send(piece).send(piece).send(piece).send(piece).settle();
        assertThat(client.unreadBytes()).isEqualTo(2 * piece.length());

        assertThat(read(2 * piece.length())).isEqualTo(piece.repeat(2));
        client.settle();
        assertThat(client.unreadBytes()).isZero();
        assertThat(read(2 * piece.length())).isEqualTo(piece.repeat(2));
    }

    // ---- the end

    @Test
    void theClientsEndIsTheInputsAndTheOutputGoesOn() throws IOException {
        open();
        client.send("bye").endInput().settle();

        assertThat(read(9)).isEqualTo("bye");
        assertThat(input().read()).isEqualTo(-1);
        assertThat(written("bye, too")).isEqualTo("bye, too");
        upgraded().close();
        client.settle();
        assertThat(client.isClosed()).isTrue();
        assertThat(client.events()).containsExactly("closed PEER_CLOSED");
    }

    @Test
    void aClientThatHadEndedItsSideBeforeTheSwitchIsAnswered() throws IOException {
        client.send(REQUEST).endInput().settle();

        assertThat(client.take()).isEqualTo(ANSWER);
        assertThat(input().read()).isEqualTo(-1);
        assertThat(client.isClosed()).isFalse();
    }

    @Test
    void closingEndsOurSideBehindWhatWasFlushed() throws IOException {
        open();
        write("last");
        upgraded().output().close();
        client.settle();

        assertThat(client.take()).isEqualTo("last");
        assertThat(client.wire.isOutputEnded).isTrue();
        assertThat(client.wire.isCut).isFalse();
        assertThat(input().read()).isEqualTo(-1);
        assertThatIOException().isThrownBy(() -> write("more"));
        upgraded().close();
        upgraded().output().close();
        client.send("too late").endInput().settle();
        assertThat(client.isClosed()).isTrue();
        assertThat(client.events()).containsExactly("closed CLOSED");
    }

    @Test
    void whatWasReceivedBeforeTheCloseCanBeReadBehindIt() throws IOException {
        open();
        client.send("abc").settle();
        upgraded().close();
        client.settle();

        assertThat(read(9)).isEqualTo("abc");
    }

    @Test
    void aResetFailsReaderAndWriter() {
        open();
        client.reset();

        assertThatIOException().isThrownBy(() -> input().read());
        assertThatIOException().isThrownBy(() -> written("x"));
        assertThat(Objects.requireNonNull(request).isCancelled()).isTrue();
        assertThat(client.events()).containsExactly("closed PEER_RESET");
    }

    @Test
    void aClientThatHasGoneBeforeTheSwitchFailsTheReader() {
        client.send(REQUEST);
        client.reset();

        assertThatIOException().isThrownBy(() -> input().read());
        assertThat(client.events()).contains("closed PEER_RESET");
    }

    @Test
    void aClientThatGoesBetweenTheSwitchAndTheLoopsTurnFailsTheReader() {
        client.send(REQUEST);
        assertThat(client.runLoop().runWorkersNext()).isTrue();
        client.reset();

        assertThatIOException().isThrownBy(() -> input().read());
        assertThat(client.events()).contains("responded 101", "closed PEER_RESET");
    }

    @Test
    void aHandlerThatFailsCutsTheConnection() {
        serving(asked -> {
            upgrade(asked);
            throw new IllegalStateException("on purpose");
        });

        assertThat(client.ask(REQUEST)).isEqualTo(ANSWER);
        assertThat(client.isClosed()).isTrue();
        assertThat(client.wire.isCut).isTrue();
        assertThat(client.events()).contains("handler failed: on purpose", "closed HANDLER_ERROR");
    }

    @Test
    void aHandlerThatFailsBehindItsCloseCutsNothing() {
        serving(asked -> {
            upgrade(asked);
            upgraded().close();
            throw new IllegalStateException("on purpose");
        });
        client.send(REQUEST).endInput().settle();

        assertThat(client.isClosed()).isTrue();
        assertThat(client.wire.isCut).isFalse();
        assertThat(client.events()).contains("handler failed: on purpose", "closed PEER_CLOSED");
    }

    @Test
    void aStoppingServerEndsTheInputForTheApplicationToSayGoodbye() throws IOException {
        open();
        client.stopServer();

        assertThat(input().read()).isEqualTo(-1);
        assertThat(client.isClosed()).isFalse();
        assertThat(written("goodbye")).isEqualTo("goodbye");
        upgraded().close();
        client.endInput().settle();
        assertThat(client.isClosed()).isTrue();
    }

    // ---- limits

    @Test
    void closesAConnectionThroughWhichNothingPasses() throws IOException {
        open();
        client.pass(19_000);
        client.send("in").settle();
        client.pass(19_000);
        assertThat(written("out")).isEqualTo("out");
        client.pass(19_000);
        assertThat(client.isClosed()).isFalse();

        client.pass(2_000);
        assertThat(client.isClosed()).isTrue();
        assertThat(client.wire.isCut).isTrue();
        assertThat(client.events()).containsExactly("closed IDLE_TIMEOUT");
        assertThatIOException().isThrownBy(() -> input().readAllBytes()).withMessageContaining("too long");
    }

    @Test
    void closesAClientThatTakesNothing() throws IOException {
        serving(this::upgrade, server -> server.writeTimeout(Duration.ofSeconds(5)));
        open();
        client.makeRoom(0);
        Thread.currentThread().interrupt(); // or the write would wait for the client
        assertThatThrownBy(() -> written("x")).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();

        client.pass(4_000);
        assertThat(client.isClosed()).isFalse();
        client.pass(2_000);
        assertThat(client.isClosed()).isTrue();
        assertThat(client.events()).containsExactly("closed WRITE_TIMEOUT");
    }

    @Test
    void closesASilentClientThatTakesNothingEvenWithoutAWriteTimeout() throws IOException {
        serving(this::upgrade, server -> server.writeTimeout(Duration.ZERO));
        open();
        client.makeRoom(0);
        Thread.currentThread().interrupt(); // or the write would wait for the client
        assertThatThrownBy(() -> written("x")).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();

        client.pass(19_000);
        assertThat(client.isClosed()).isFalse();
        client.pass(2_000);
        assertThat(client.events()).containsExactly("closed IDLE_TIMEOUT");
    }

    @Test
    void holdsNothingOfWhatWasReadLate() throws IOException {
        open();
        client.send("x".repeat(10_000)).settle();
        client.pass(3_000);
        assertThat(client.loop.inputBudget().bytes()).isGreaterThan(10_000);

        assertThat(read(10_000)).hasSize(10_000);
        client.pass(2_000);
        assertThat(client.loop.inputBudget().bytes()).isZero();
    }

    @Test
    void closesTheConnectionThatHoldsTooMuchOfTheServersMemory() {
        open();
        client.loop.run(() -> client.link.protocol().onTooMuchHeld(5000));
        client.settle();

        assertThat(client.isClosed()).isTrue();
        assertThat(client.events()).containsExactly("input shed", "closed OVERLOAD");
        assertThatIOException().isThrownBy(() -> input().read());
    }
}
