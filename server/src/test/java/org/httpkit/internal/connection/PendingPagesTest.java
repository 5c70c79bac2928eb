package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.junit.jupiter.api.Test;

/** Malformed requests of HTTP/2 that wait for a page of the application's. */
final class PendingPagesTest {
    private final PlayedConnection connection = PlayedConnection.serving(
            request -> Response.of(200),
            server -> server.errorPages((status, reason, request) -> Response.html("page")));
    private final PlayedHttp2 client = PlayedHttp2.on(connection);

    /** Has pages that are streams, and counts those that were closed. */
    private static PlayedConnection servingStreams(AtomicInteger closed) {
        PlayedConnection streaming = PlayedConnection.serving(
                request -> Response.of(200),
                server -> server.errorPages(
                        (status, reason, request) -> Response.stream(new ByteArrayInputStream(new byte[10]) {
                            @Override
                            public void close() {
                                closed.incrementAndGet();
                            }
                        })));
        closed.set(0); // of the page for 503, which is made at the start
        return streaming;
    }

    private static String[] malformed(int id) {
        return new String[] {
            "HEADERS END_STREAM END_HEADERS stream=" + id,
            "  :method: GET",
            "  :scheme: http",
            "  :path: /",
            "  Upper: case"
        };
    }

    private void sendMalformed(int id) {
        client.send(malformed(id));
    }

    @Test
    void asksForEightPagesAtOnceAndAnswersMorePlainly() {
        for (int id = 1; id <= 15; id += 2) {
            sendMalformed(id);
        }
        assertThat(client.take()).isEmpty();
        assertThat(connection.workersTasks()).isEqualTo(8);

        sendMalformed(17);
        assertThat(client.take()).first().isEqualTo("HEADERS 17 400 content-type=text/plain; charset=utf-8");

        List<String> frames = client.settled();
        assertThat(frames)
                .filteredOn(frame -> frame.startsWith("HEADERS"))
                .hasSize(8)
                .allMatch(frame -> frame.contains("text/html"));
        sendMalformed(19);
        assertThat(client.settled()).first().isEqualTo("HEADERS 19 400 content-type=text/html; charset=utf-8");
    }

    @Test
    void closesAPageThatIsAStream() {
        AtomicInteger closed = new AtomicInteger();
        PlayedHttp2 streaming = PlayedHttp2.on(servingStreams(closed));

        assertThat(streaming.ask(malformed(1)))
                .first()
                .isEqualTo("HEADERS 1 400 content-type=text/plain; charset=utf-8");

        assertThat(closed).hasValue(1);
    }

    @Test
    void closesAPageThatComesTooLate() {
        AtomicInteger closed = new AtomicInteger();
        PlayedHttp2 streaming = PlayedHttp2.on(servingStreams(closed));
        streaming.send(malformed(1));
        streaming.connection.loop.letPass(1_100_000_000L);
        assertThat(streaming.take()).isNotEmpty();

        assertThat(streaming.settled()).isEmpty();

        assertThat(closed).hasValue(1);
    }

    @Test
    void givesUpOnlyThePagesThatAreLate() {
        sendMalformed(1);
        connection.loop.letPass(500_000_000L);
        sendMalformed(3);
        connection.loop.letPass(600_000_000L);
        assertThat(client.take()).startsWith("HEADERS 1 400 content-type=text/plain; charset=utf-8");

        assertThat(client.settled())
                .startsWith("HEADERS 3 400 content-type=text/html; charset=utf-8")
                .noneMatch(frame -> frame.startsWith("HEADERS 1"));
    }

    @Test
    void waitsForAPageBeforeItClosesBehindAClientThatHasEnded() {
        sendMalformed(1);
        connection.endInput();
        assertThat(connection.isClosed()).isFalse();

        assertThat(client.settled()).startsWith("HEADERS 1 400 content-type=text/html; charset=utf-8");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events())
                .contains("responded 400", "finished REFUSED")
                .endsWith("closed PEER_CLOSED");
    }

    @Test
    void isNotIdleWhileAPageIsMade() {
        sendMalformed(1);
        connection.loop.run(() -> {
            assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
            connection.link.protocol().giveUpIdle();
        });
        assertThat(client.take()).isEmpty();

        client.settled();
        connection.loop.run(
                () -> assertThat(connection.link.protocol().idleSinceNanos()).isZero());
    }

    @Test
    void answersNothingOnceTheConnectionHasEnded() {
        sendMalformed(1);
        connection.reset();

        assertThat(client.take()).isEmpty();
        assertThat(connection.events()).containsExactly("refused 400", "closed PEER_RESET");
    }
}
