package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames of HTTP/2 that come too often, too late or for nothing. */
final class Http2OddInputTest {
    private static final String HEAD = "  GET /a";
    private static final String POST_1 = "HEADERS END_HEADERS stream=1";
    private static final String POST_HEAD = "  POST /b";

    private final List<String> read = new ArrayList<>();
    private PlayedConnection connection = PlayedConnection.serving(request -> Response.of(200));
    private PlayedHttp2 client = PlayedHttp2.on(connection);

    private void serving(Handler handler) {
        connection = PlayedConnection.serving(handler);
        client = PlayedHttp2.on(connection);
    }

    private static String get(int id) {
        return "HEADERS END_STREAM END_HEADERS stream=" + id;
    }

    /** Sends a frame again and again while no time passes; returns how often until the connection ends. */
    private int timesUntilTheEnd(String frame) {
        for (int times = 100; times <= 3000; times += 100) {
            client.send(frame + " *100");
            if (client.take().stream().anyMatch(line -> line.contains("ENHANCE_YOUR_CALM"))) {
                assertThat(connection.endInput().events()).endsWith("closed OVERLOAD");
                return times;
            }
        }
        return Integer.MAX_VALUE;
    }

    // ---- too often

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRIORITY stream=1 0000000000",
                "type=0x10 stream=0 u31=1 \"u=1\"",
                "SETTINGS ACK",
                "PING 0000000000000001",
                "PING ACK 0000000000000001",
                "PING ACK 0000616c6976653f",
                "PING ACK 00007761726e696e",
                "GOAWAY stream=0 u31=0 u31=0",
                "type=0x77",
                "WINDOW_UPDATE stream=0 u31=1"
            })
    void endsAConnectionAfterTwoThousandFramesForNothing(String frame) {
        assertThat(timesUntilTheEnd(frame)).isBetween(2000, 2200);
    }

    @Test
    void endsAConnectionAfterTwoHundredSettings() {
        assertThat(timesUntilTheEnd("SETTINGS")).isBetween(200, 300);
    }

    @Test
    void endsAConnectionAfterTwoThousandEmptyFramesOfContent() {
        client.send(POST_1, POST_HEAD);

        assertThat(timesUntilTheEnd("DATA stream=1")).isBetween(2000, 2200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RST_STREAM stream=1 code=CANCEL", "WINDOW_UPDATE stream=1 u31=1"})
    void endsAConnectionAfterTwoThousandLateFrames(String frame) {
        client.send(get(1), HEAD, "RST_STREAM stream=1 code=CANCEL");

        assertThat(timesUntilTheEnd(frame)).isBetween(2000, 2200);
    }

    @Test
    void endsAConnectionAfterTwoThousandFieldBlocksOnAStreamThatWasReset() {
        client.send(get(1), HEAD, "WINDOW_UPDATE stream=1 u31=0");

        assertThat(timesUntilTheEnd(get(1))).isBetween(2000, 2200);
    }

    @Test
    void endsAConnectionThatOpensTwoThousandStreamsAfterTheLastGoaway() {
        client.send(get(1), HEAD);
        connection.context.stop();
        connection.loop.run(connection.link::stopping);
        client.send("PING ACK 0000 7761726e696e").take();
        int id = 3;
        List<String> frames = List.of();
        for (; id < 8000 && frames.isEmpty(); id += 2) {
            frames = client.send(get(id), HEAD).take();
        }

        assertThat(frames).singleElement().asString().contains("ENHANCE_YOUR_CALM");
        assertThat(id).isBetween(3900, 4100);
    }

    @Test
    void endsAConnectionThatCancelsAThousandRequests() {
        int id = 1;
        List<String> frames = List.of();
        for (; id < 4000 && frames.isEmpty(); id += 2) {
            frames = client.ask(get(id), HEAD, "RST_STREAM stream=" + id + " code=CANCEL");
        }

        assertThat(frames).singleElement().asString().contains("ENHANCE_YOUR_CALM");
        assertThat(id).isBetween(2000, 2010);
    }

    @Test
    void endsAConnectionThatHasAHundredStreamsReset() {
        int id = 1;
        List<String> frames = List.of();
        for (; id < 400 && frames.stream().noneMatch(line -> line.startsWith("GOAWAY")); id += 2) {
            frames = client.ask(get(id), HEAD, "WINDOW_UPDATE stream=" + id + " u31=0");
        }

        assertThat(frames).last().asString().contains("ENHANCE_YOUR_CALM");
        assertThat(id).isBetween(200, 210);
    }

    @Test
    void endsAConnectionThatOpensAThousandStreamsTooMany() {
        for (int id = 1; id < 200; id += 2) {
            client.send(get(id), HEAD);
        }
        int id = 201;
        List<String> frames = List.of();
        for (; id < 4000 && frames.stream().noneMatch(line -> line.startsWith("GOAWAY")); id += 2) {
            frames = client.send(get(id), HEAD).take();
        }

        assertThat(frames).last().asString().contains("ENHANCE_YOUR_CALM");
        assertThat(id).isBetween(2200, 2210);
    }

    // ---- too late

    @Test
    void dropsContentThatCameBeforeTheClientKnewThatItsStreamWasRefused() {
        for (int id = 1; id < 200; id += 2) {
            client.send(get(id), HEAD);
        }
        assertThat(client.send("HEADERS END_HEADERS stream=201", POST_HEAD).take())
                .containsExactly("RST_STREAM 201 REFUSED_STREAM");

        assertThat(client.send("DATA stream=201 \"x\"").take()).isEmpty();
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void dropsContentBehindARequestThatBrokeARule() {
        assertThat(client.send(POST_1, "  :method: POST", "  :scheme: http", "  :path: /", "  Upper: case")
                        .take())
                .last()
                .isEqualTo("RST_STREAM 1 PROTOCOL_ERROR");

        assertThat(client.ask("DATA stream=1 \"x\"", get(3), HEAD))
                .containsExactly("HEADERS 3 END 200 content-length=0");
    }

    @Test
    void dropsStreamsThatCameBeforeTheClientKnewOfTheStop() {
        client.send(get(1), HEAD);
        connection.context.stop();
        connection.loop.run(connection.link::stopping);
        client.send("PING ACK 0000 7761726e696e").take();

        assertThat(client.send(get(3), HEAD).take()).isEmpty();
        assertThat(connection.workersTasks()).isEqualTo(1);
        assertThat(client.settled()).containsExactly("HEADERS 1 END 200 content-length=0");
    }

    @Test
    void resetsAStreamWithMoreContentThanItsLengthAndReadsNoMoreOfIt() {
        serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                read.add(request.body().text());
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        client.send(
                POST_1, POST_HEAD, "  content-length: 2", "DATA stream=1 \"abc\"", "DATA END_STREAM stream=1 \"d\"");

        assertThat(client.settled()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(read).isEmpty();
        assertThat(connection.events()).contains("refused 400", "reset by server PROTOCOL_ERROR");
    }

    @Test
    void countsAStreamThatIsResetTwiceOnce() {
        client.send(get(1), HEAD, "RST_STREAM stream=1 code=CANCEL", "RST_STREAM stream=1 code=CANCEL");

        assertThat(connection.context.counters().streamsResetByClients()).isEqualTo(1);
        assertThat(connection.context.counters().streamsOpen()).isZero();
        assertThat(connection.events())
                .filteredOn("reset by client CANCEL"::equals)
                .hasSize(1);
    }

    // ---- streams that were never open, and content that should not be there

    @ParameterizedTest
    @CsvSource({
        "PRIORITY stream=5 0000000510, PROTOCOL_ERROR",
        "PRIORITY stream=5 00000000, FRAME_SIZE_ERROR",
        "WINDOW_UPDATE stream=5 u31=0, PROTOCOL_ERROR"
    })
    void resetsAStreamForAMalformedFrameButEndsTheConnectionIfTheStreamWasNeverOpen(String frame, String code) {
        assertThat(client.send(get(5), HEAD, frame).take()).containsExactly("RST_STREAM 5 " + code);

        serving(request -> Response.of(200));
        assertThat(client.send(frame).take()).singleElement().asString().startsWith("GOAWAY 0 " + code);

        serving(request -> Response.of(200));
        assertThat(client.send(get(7), HEAD, frame).take())
                .singleElement()
                .asString()
                .startsWith("GOAWAY 7 " + code);
    }

    @Test
    void resetsAStreamWithContentAlthoughItsLengthIsZero() {
        serving(request -> {
            read.add(request.body().text());
            return Response.of(200);
        });
        List<String> frames = client.ask(POST_1, POST_HEAD, "  content-length: 0", "DATA END_STREAM stream=1 \"abc\"");

        assertThat(frames).first().asString().startsWith("HEADERS 1 400 ");
        assertThat(frames).endsWith("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(read).isEmpty();
    }

    @Test
    void waitsForTheEndOfARequestWhoseLengthIsZero() {
        assertThat(client.ask(POST_1, POST_HEAD, "  content-length: 0")).isEmpty();

        assertThat(client.ask("DATA END_STREAM stream=1")).containsExactly("HEADERS 1 END 200 content-length=0");
    }

    // ---- windows

    @Test
    void creditsContentThatNobodyWantsToTheConnection() {
        List<String> frames = new ArrayList<>();
        client.send(POST_1, "  :method: POST", "  :scheme: http", "  :path: /", "  Upper: case")
                .take();
        for (int i = 0; i < 40; i++) {
            frames.addAll(client.send("DATA stream=1 00 x16000").take());
        }

        assertThat(frames).isNotEmpty().allMatch(frame -> frame.startsWith("WINDOW_UPDATE 0 "));
        assertThat(connection.isClosed()).isFalse();
    }
}
