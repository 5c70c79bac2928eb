package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An HTTP/2 connection from its preface to its close, played without a socket. */
final class Http2ConnectionTest {
    private static final String GET_1 = "HEADERS END_STREAM END_HEADERS stream=1";
    private static final String GET_3 = "HEADERS END_STREAM END_HEADERS stream=3";
    private static final String POST_1 = "HEADERS END_HEADERS stream=1";
    private static final String HEAD = "  GET /a";
    private static final String POST_HEAD = "  POST /b";

    private static final Handler PATH = request -> Response.of(200).header("Path", request.path());
    private static final Handler BODY =
            request -> Response.of(200).header("Body", request.body().text());

    private final List<String> read = new ArrayList<>();

    private static PlayedHttp2 client(Handler handler) {
        return PlayedHttp2.on(PlayedConnection.serving(handler));
    }

    private Handler streaming(int bytes) {
        return new Handler() {
            @Override
            public Response handle(Request request) throws IOException {
                try {
                    byte[] all = request.body().stream().readNBytes(bytes);
                    read.add(all.length > 40 ? all.length + " bytes" : new String(all, StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    read.add(String.valueOf(e.getMessage()));
                    throw e;
                }
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        };
    }

    // ---- requests and answers

    @Test
    void greetsWithItsSettingsAndAWideWindow() {
        PlayedHttp2 client = PlayedHttp2.bare(PlayedConnection.serving(PATH));

        assertThat(client.settled()).containsExactly("SETTINGS", "WINDOW_UPDATE 0 983041");
        assertThat(client.ask("SETTINGS")).containsExactly("SETTINGS ACK");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersStreamsSideBySide(Dispatch dispatch) {
        PlayedHttp2 client = PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.dispatch(dispatch)));

        assertThat(client.ask(GET_1, HEAD, GET_3, "  GET /c"))
                .containsExactly(
                        "HEADERS 1 END 200 path=/a content-length=0", "HEADERS 3 END 200 path=/c content-length=0");
        assertThat(client.connection.events())
                .containsExactlyInAnyOrder("responded 200", "finished ANSWERED", "responded 200", "finished ANSWERED");
        assertThat(client.connection.context.counters().exchangesRunning()).isZero();
    }

    @Test
    void beginsAFieldBlockWithASizeUpdateIfItLeavesBehindTheAcknowledgementOfASmallerTable() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(request -> Response.of(204), options -> options.dispatch(Dispatch.INLINE)));
        client.send(GET_1, HEAD, "SETTINGS HEADER_TABLE_SIZE=0");
        byte[] sent = client.connection.takeBytes();
        String acknowledgement = "000000040100000000";

        assertThat(HexFormat.of().formatHex(sent, 0, 9)).isEqualTo(acknowledgement);
        int length = (sent[10] & 0xff) << 8 | (sent[11] & 0xff);
        assertThat(sent[12]).isEqualTo((byte) 1); // HEADERS
        assertThat(sent[18]).isEqualTo((byte) 0x20);
        assertThat(sent).hasSize(18 + length);
        client.send(GET_3, HEAD);
        assertThat(client.connection.takeBytes()[9]).isEqualTo((byte) 0x20);
    }

    @Test
    void sendsContentBehindItsHead() {
        assertThat(client(request -> Response.text("hello")).ask(GET_1, HEAD))
                .containsExactly(
                        "HEADERS 1 200 content-type=text/plain; charset=utf-8 content-length=5", "DATA 1 END hello");
    }

    @Test
    void sendsContentOfUnknownLengthAndTrailers() {
        assertThat(client(request -> Response.stream(out -> {
                                    out.write("one".getBytes(StandardCharsets.US_ASCII));
                                    out.flush();
                                    out.write("two".getBytes(StandardCharsets.US_ASCII));
                                })
                                .trailers(Headers.of("Sum", "6")))
                        .ask(GET_1, HEAD))
                .containsExactly(
                        "HEADERS 1 200 content-type=application/octet-stream",
                        "DATA 1 one",
                        "DATA 1 two",
                        "HEADERS 1 END sum=6");
    }

    @Test
    void endsAStreamWhoseContentIsEmpty() {
        assertThat(client(request -> Response.stream(out -> {}).header("A", "b"))
                        .ask(GET_1, HEAD))
                .containsExactly("HEADERS 1 END 200 content-type=application/octet-stream a=b content-length=0");
    }

    @Test
    void sendsInterimResponsesAheadOfTheAnswer() {
        assertThat(client(request -> {
                            request.sendEarlyHints(Headers.of("Link", "</a>"));
                            return Response.of(200);
                        })
                        .ask(GET_1, HEAD))
                .containsExactly("HEADERS 1 103 link=</a>", "HEADERS 1 END 200 content-length=0");
    }

    @Test
    void collectsABodyHoweverItIsCut() {
        PlayedHttp2 client = client(BODY);
        client.ask(POST_1, POST_HEAD, "DATA stream=1 \"bo\"");
        assertThat(client.ask("DATA stream=1 pad=3 \"d\"")).isEmpty();

        assertThat(client.ask("DATA END_STREAM stream=1 \"y\""))
                .containsExactly("HEADERS 1 END 200 body=body content-length=0");
        assertThat(client.connection.seen.finished.get(0).requestBodyBytes()).isEqualTo(4);
    }

    @Test
    void givesTheHandlerTheTrailersOfABody() {
        PlayedHttp2 client = client(request -> {
            String body = request.body().text();
            return Response.of(200)
                    .header("All", body + " " + request.trailers().first("sum"));
        });

        assertThat(client.ask(
                        POST_1,
                        POST_HEAD,
                        "DATA stream=1 \"body\"",
                        "HEADERS END_STREAM END_HEADERS stream=1",
                        "  sum: 4"))
                .containsExactly("HEADERS 1 END 200 all=body 4 content-length=0");
    }

    @Test
    void givesPermissionForABodyThatWaitsForIt() {
        assertThat(client(BODY).ask(POST_1, POST_HEAD, "  expect: 100-continue"))
                .containsExactly("HEADERS 1 100");
    }

    @Test
    void widensTheWindowOfALongBodyAtOnce() {
        assertThat(client(BODY).ask(POST_1, POST_HEAD, "  content-length: 500000"))
                .containsExactly("WINDOW_UPDATE 1 434465");
    }

    @Test
    void creditsABodyOfUnknownLengthAsItComes() {
        PlayedHttp2 client = client(BODY);
        client.ask(POST_1, POST_HEAD);

        assertThat(client.ask("DATA stream=1 00 x16384")).isEmpty();
        assertThat(client.ask("DATA stream=1 00 x16384")).containsExactly("WINDOW_UPDATE 1 32768");
    }

    @Test
    void creditsAStreamedBodyOnlyAsItsReaderTakesIt() {
        PlayedHttp2 client = client(streaming(65_535));
        client.send(POST_1, POST_HEAD);
        client.send("DATA stream=1 00 x16384", "DATA stream=1 00 x16384", "DATA stream=1 00 x16384");
        client.send("DATA stream=1 00 x16383");
        client.connection.runLoop();
        assertThat(client.take()).noneMatch(frame -> frame.startsWith("WINDOW_UPDATE 1 65"));

        client.connection.settle();

        assertThat(read).containsExactly("65535 bytes");
    }

    @Test
    void dropsTheRestOfABodyThatNobodyWants() {
        PlayedHttp2 client = client(streaming(2));

        assertThat(client.ask(POST_1, POST_HEAD, "DATA stream=1 \"body\""))
                .containsExactly("HEADERS 1 END 200 content-length=0", "RST_STREAM 1 NO_ERROR");
        assertThat(client.ask("DATA stream=1 \"more\"", GET_3, HEAD))
                .containsExactly("HEADERS 3 END 200 content-length=0");
    }

    // ---- the client's windows

    @Test
    void sendsNoMoreThanAStreamsWindowAllows() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(request -> Response.text("0123456789")), "INITIAL_WINDOW_SIZE=4");

        assertThat(client.ask(GET_1, HEAD)).hasSize(2).endsWith("DATA 1 0123");
        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=3")).containsExactly("DATA 1 456");
        assertThat(client.connection.context.counters().exchangesRunning()).isZero();
        assertThat(client.connection.events()).containsExactly("responded 200");

        assertThat(client.ask("SETTINGS INITIAL_WINDOW_SIZE=14")).containsExactly("SETTINGS ACK", "DATA 1 END 789");
        assertThat(client.connection.events()).containsExactly("finished ANSWERED");
    }

    @Test
    void sendsNoMoreThanTheConnectionsWindowAllows() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(request -> Response.bytes(new byte[50_000])), "INITIAL_WINDOW_SIZE=100000");

        List<String> frames = client.ask(GET_1, HEAD, GET_3, HEAD);
        assertThat(dataBytes(frames)).isEqualTo(65_535);
        assertThat(frames).filteredOn(frame -> frame.startsWith("HEADERS")).hasSize(2);

        assertThat(dataBytes(client.ask("WINDOW_UPDATE stream=0 u31=1000"))).isEqualTo(1000);
        assertThat(dataBytes(client.ask("WINDOW_UPDATE stream=0 u31=60000"))).isEqualTo(100_000 - 66_535);
    }

    private static int dataBytes(List<String> frames) {
        int bytes = 0;
        for (String frame : frames) {
            if (frame.startsWith("DATA") && frame.endsWith(" bytes")) {
                String[] words = frame.split(" ", -1);
                bytes += Integer.parseInt(words[words.length - 2]);
            }
        }
        return bytes;
    }

    @Test
    void takesTurnsBetweenStreamsOfEqualUrgency() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(request -> Response.bytes(new byte[32_000])), "INITIAL_WINDOW_SIZE=0");
        client.ask(GET_1, HEAD, GET_3, HEAD);

        assertThat(client.ask("SETTINGS INITIAL_WINDOW_SIZE=40000").stream()
                        .filter(frame -> frame.startsWith("DATA"))
                        .map(frame -> frame.substring(0, 6)))
                .containsExactly("DATA 1", "DATA 3", "DATA 1", "DATA 3");
    }

    @Test
    void sendsAMoreUrgentStreamFirst() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(request -> Response.bytes(new byte[32_000])), "INITIAL_WINDOW_SIZE=0");
        client.ask(GET_1, HEAD, GET_3, HEAD, "type=0x10 stream=0 u31=3 \"u=1\"");

        assertThat(client.ask("SETTINGS INITIAL_WINDOW_SIZE=40000").stream()
                        .filter(frame -> frame.startsWith("DATA"))
                        .map(frame -> frame.substring(0, 6)))
                .containsExactly("DATA 3", "DATA 3", "DATA 1", "DATA 1");
    }

    @Test
    void readsAFileAheadOfTheSocket(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(request -> Response.file(file)), "INITIAL_WINDOW_SIZE=300000");

        assertThat(dataBytes(client.ask("WINDOW_UPDATE stream=0 u31=300000", GET_1, HEAD)))
                .isEqualTo(200_000);
        assertThat(client.connection.events()).containsExactly("responded 200", "finished ANSWERED");
    }

    @Test
    void closesAFileWhoseClientHasResetItsStream(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);
        PlayedHttp2 client = client(request -> Response.file(file));
        client.ask(GET_1, HEAD);

        assertThat(client.ask("RST_STREAM stream=1 code=CANCEL")).isEmpty();

        assertThat(client.connection.events())
                .containsExactly("responded 200", "finished CUT", "reset by client CANCEL");
        assertThat(client.connection.link.queuedBytes()).isZero();
    }

    @Test
    void resetsAStreamWhoseFileIsCutMeanwhile(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);
        PlayedHttp2 client = client(request -> Response.file(file));
        client.send(GET_1, HEAD);
        client.settled();
        Files.write(file, new byte[10]);

        List<String> frames = client.ask("WINDOW_UPDATE stream=1 u31=300000", "WINDOW_UPDATE stream=0 u31=300000");

        assertThat(frames).endsWith("RST_STREAM 1 INTERNAL_ERROR");
        assertThat(client.connection.events()).contains("finished CUT");
    }

    // ---- resets

    @Test
    void dropsTheAnswerOfAStreamThatItsClientHasReset() {
        PlayedHttp2 client = client(PATH);
        client.send(GET_1, HEAD, "RST_STREAM stream=1 code=CANCEL");

        assertThat(client.settled()).isEmpty();
        assertThat(client.connection.events()).startsWith("reset by client CANCEL");
        assertThat(client.connection.context.counters().exchangesRunning()).isZero();
        assertThat(client.ask(GET_3, HEAD)).containsExactly("HEADERS 3 END 200 path=/a content-length=0");
    }

    @Test
    void tellsTheReaderOfABodyThatItsClientHasResetTheStream() {
        PlayedHttp2 client = client(streaming(100));
        client.send(POST_1, POST_HEAD, "DATA stream=1 \"bo\"", "RST_STREAM stream=1 code=CANCEL");
        client.settled();

        assertThat(read).containsExactly("The client has reset the stream with CANCEL");
    }

    @Test
    void resetsAStreamWhoseHandlerFailsWithinItsContent() {
        PlayedHttp2 client = client(request -> Response.stream(out -> {
            out.write(new byte[10]);
            out.flush();
            throw new IllegalStateException("broken");
        }));

        assertThat(client.ask(GET_1, HEAD)).endsWith("RST_STREAM 1 INTERNAL_ERROR");
        assertThat(client.connection.events())
                .containsExactly(
                        "handler failed: broken", "responded 200", "finished CUT", "reset by server INTERNAL_ERROR");
        assertThat(client.connection.isClosed()).isFalse();
    }

    @Test
    void ignoresWhatComesLateForAStreamThatWasReset() {
        PlayedHttp2 client = client(PATH);
        client.send(POST_1, POST_HEAD, "RST_STREAM stream=1 code=CANCEL").settled();

        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=5", GET_3, HEAD))
                .containsExactly("HEADERS 3 END 200 path=/a content-length=0");
    }

    // ---- refusals

    @Test
    void refusesARequestThatCannotBeUnderstood() {
        PlayedHttp2 client = client(PATH);

        assertThat(client.ask(GET_1, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case"))
                .hasSize(3)
                .anyMatch(frame -> frame.startsWith("HEADERS 1 400 content-type=text/plain"))
                .anyMatch(frame -> frame.startsWith("DATA 1 END "))
                .endsWith("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(client.connection.events()).containsExactly("refused 400", "responded 400", "finished REFUSED");
        assertThat(client.ask(GET_3, HEAD)).hasSize(1);
    }

    @Test
    void refusesABodyThatIsLongerThanAllowed() {
        PlayedHttp2 client = PlayedHttp2.on(PlayedConnection.serving(BODY, options -> options.maxBodyBytes(4)));

        assertThat(client.ask(POST_1, POST_HEAD, "  content-length: 5"))
                .anyMatch(frame -> frame.startsWith("HEADERS 1 413 "))
                .endsWith("RST_STREAM 1 NO_ERROR");
        client.ask("HEADERS END_HEADERS stream=3", POST_HEAD);
        assertThat(client.ask("DATA stream=3 \"12345\""))
                .anyMatch(frame -> frame.startsWith("HEADERS 3 413 "))
                .endsWith("RST_STREAM 3 NO_ERROR");
        assertThat(client.connection.events())
                .containsExactly(
                        "refused 413",
                        "responded 413",
                        "finished REFUSED",
                        "refused 413",
                        "responded 413",
                        "finished REFUSED");
    }

    @Test
    void answersAHeadRequestThatItRefusesWithoutContent() {
        assertThat(client(PATH).ask(GET_1, "  HEAD /", "  expect: tea"))
                .singleElement()
                .asString()
                .startsWith("HEADERS 1 END 417 ");
    }

    @Test
    void answersAHeadRequestThatCannotBeUnderstoodWithoutContent() {
        PlayedHttp2 client = client(PATH);

        assertThat(client.ask(GET_1, "  :method: HEAD", "  :scheme: http", "  :path: /", "  Upper: case"))
                .containsExactly(
                        "HEADERS 1 END 400 content-type=text/plain; charset=utf-8", "RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(client.ask(GET_3, "  HEAD /", "  long: {a*9000}"))
                .containsExactly("HEADERS 3 END 431 content-type=text/plain; charset=utf-8", "RST_STREAM 3 NO_ERROR");
    }

    @Test
    void isNoProxy() {
        assertThat(client(PATH).ask(POST_1, "  :method: CONNECT", "  :authority: a:80"))
                .first()
                .isEqualTo("HEADERS 1 405 content-type=text/plain; charset=utf-8 allow=");
    }

    @Test
    void asksTheApplicationForThePageOfARefusal() {
        PlayedHttp2 client = PlayedHttp2.on(PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("<p>" + status))));

        assertThat(client.ask(GET_1, HEAD, "  expect: tea"))
                .containsExactly(
                        "HEADERS 1 417 content-type=text/html; charset=utf-8 content-length=6", "DATA 1 END <p>417");
    }

    @Test
    void resetsAMalformedRequestBehindThePageOfItsRefusal() {
        PlayedHttp2 client = withPages();

        assertThat(client.ask(POST_1, "  POST /", "  content-length: 5", "DATA END_STREAM stream=1 \"abc\""))
                .containsExactly(
                        "HEADERS 1 400 content-type=text/html; charset=utf-8 content-length=6",
                        "DATA 1 END <p>400",
                        "RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(client.connection.events()).contains("reset by server PROTOCOL_ERROR");
    }

    private static PlayedHttp2 withPages() {
        return PlayedHttp2.on(PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("<p>" + status))));
    }

    @Test
    void asksForThePageOfARequestThatCannotBeUnderstood() {
        PlayedHttp2 client = withPages();
        client.send(GET_1, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case");
        assertThat(client.take()).isEmpty();

        assertThat(client.settled())
                .containsExactly(
                        "HEADERS 1 400 content-type=text/html; charset=utf-8",
                        "DATA 1 END <p>400",
                        "RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(client.connection.events()).containsExactly("refused 400", "responded 400", "finished REFUSED");
    }

    @Test
    void answersPlainlyIfThatPageDoesNotComeWithinASecondOrTheWorkerHasNoRoom() {
        PlayedHttp2 client = withPages();
        client.send(GET_1, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case");
        client.connection.loop.letPass(900_000_000L);
        assertThat(client.take()).isEmpty();
        client.connection.loop.letPass(300_000_000L);
        assertThat(client.take()).first().isEqualTo("HEADERS 1 400 content-type=text/plain; charset=utf-8");
        assertThat(client.settled()).isEmpty();

        client.connection.workerIsFull = true;
        assertThat(client.ask(GET_3, "  :method: GET", "  :scheme: http", "  :path: /", "  Upper: case"))
                .first()
                .isEqualTo("HEADERS 3 400 content-type=text/plain; charset=utf-8");
    }

    @Test
    void failsTheBodyOfAHandlerThatIsAtWork() {
        PlayedHttp2 client = client(streaming(100));
        client.send(POST_1, POST_HEAD, "  content-length: 5", "DATA stream=1 \"ab\"");
        client.send("DATA END_STREAM stream=1 \"c\"");

        assertThat(client.settled()).isNotEmpty();
        assertThat(read).hasSize(1).noneMatch("abc"::equals);
    }

    @Test
    void answers503IfTheWorkerHasNoRoom() {
        PlayedHttp2 client = client(PATH);
        client.connection.workerIsFull = true;

        assertThat(client.ask(GET_1, HEAD)).anyMatch(frame -> frame.startsWith("HEADERS 1 503 "));
        assertThat(client.connection.events()).startsWith("worker saturated", "responded 503");
    }

    @Test
    void refusesMoreThanAHundredStreamsAtOnce() {
        PlayedHttp2 client = client(PATH);
        for (int id = 1; id < 200; id += 2) {
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, HEAD);
        }

        assertThat(client.send("HEADERS END_STREAM END_HEADERS stream=201", HEAD)
                        .take())
                .containsExactly("RST_STREAM 201 REFUSED_STREAM");
        assertThat(client.settled()).hasSize(100);
        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=203", HEAD))
                .hasSize(1);
    }

    @Test
    void refusesNewStreamsWhileAHundredThatWereResetStillWork() {
        PlayedHttp2 client = client(PATH);
        for (int id = 1; id < 200; id += 2) {
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, HEAD);
            client.send("RST_STREAM stream=" + id + " code=CANCEL");
            client.connection.pass(0).loop.letPass(1_000_000_000L);
        }

        assertThat(client.send("HEADERS END_STREAM END_HEADERS stream=201", HEAD)
                        .take())
                .containsExactly("RST_STREAM 201 REFUSED_STREAM");
        client.settled();
        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=203", HEAD))
                .hasSize(1);
    }

    // ---- the end of the connection

    @Test
    void endsAConnectionThatBreaksARuleOfAll() {
        PlayedHttp2 client = client(PATH);
        client.send(GET_1, HEAD).settled();

        assertThat(client.ask("WINDOW_UPDATE stream=0 u31=0"))
                .singleElement()
                .asString()
                .startsWith("GOAWAY 1 PROTOCOL_ERROR ");
        assertThat(client.connection.wire.isOutputEnded).isTrue();
        client.connection.endInput();
        assertThat(client.connection.events()).endsWith("refused 400", "closed PROTOCOL_ERROR");
    }

    @Test
    void endsAConnectionWithoutAPreface() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.protocols(org.httpkit.http.HttpVersion.HTTP_2));
        connection.settle();
        connection.takeBytes();

        connection.send("GET / HTTP/1.1\r\n\r\n");

        assertThat(new String(connection.takeBytes(), StandardCharsets.ISO_8859_1))
                .contains("preface");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void answersAClientThatHasEndedItsSideAndCloses() {
        PlayedHttp2 client = client(PATH);
        client.send(GET_1, HEAD);
        client.connection.endInput();

        assertThat(client.settled()).containsExactly("HEADERS 1 END 200 path=/a content-length=0");
        assertThat(client.connection.isClosed()).isTrue();
        assertThat(client.connection.events()).endsWith("closed PEER_CLOSED");
    }

    @Test
    void givesUpABodyWithinWhichItsClientEnds() {
        PlayedHttp2 client = client(BODY);
        client.send(POST_1, POST_HEAD);
        client.connection.endInput();

        assertThat(client.settled()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(client.connection.isClosed()).isTrue();
        assertThat(client.connection.events())
                .containsExactly("reset by server CANCEL", "finished UNANSWERED", "closed PEER_CLOSED");
    }

    @Test
    void isToldOnceOfAResetOfTheConnection() {
        PlayedHttp2 client = client(PATH);
        client.send(GET_1, HEAD, POST_1.replace("=1", "=3"), POST_HEAD);

        client.connection.reset();

        assertThat(client.connection.events())
                .filteredOn("closed PEER_RESET"::equals)
                .hasSize(1);
        assertThat(client.connection.context.counters().exchangesRunning()).isZero();
    }

    // ---- the stop

    @Test
    void warnsItsClientOfTheStopBeforeItRefusesStreams() {
        PlayedHttp2 client = client(PATH);
        client.connection.stopServer();
        assertThat(client.take()).containsExactly("GOAWAY 2147483647 NO_ERROR", "PING 7761726e696e");

        assertThat(client.ask(GET_1, HEAD)).containsExactly("HEADERS 1 END 200 path=/a content-length=0");
        assertThat(client.ask("PING ACK 0000 7761726e696e")).containsExactly("GOAWAY 1 NO_ERROR");
        assertThat(client.connection.wire.isOutputEnded).isTrue();
        client.connection.endInput();
        assertThat(client.connection.events()).endsWith("closed SERVER_STOP");
    }

    @Test
    void takesNoNewStreamASecondAfterTheWarning() {
        PlayedHttp2 client = client(PATH);
        client.send(GET_1, HEAD);
        client.connection.context.stop();
        client.connection.loop.run(client.connection.link::stopping);
        client.take();

        client.connection.loop.letPass(900_000_000L);
        assertThat(client.take()).isEmpty();
        client.connection.loop.letPass(300_000_000L);
        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
        client.send(GET_3, HEAD);

        assertThat(client.settled()).containsExactly("HEADERS 1 END 200 path=/a content-length=0");
        assertThat(client.connection.wire.isOutputEnded).isTrue();
    }

    // ---- deadlines

    @ParameterizedTest
    @CsvSource({"3, 60, HEADER_TIMEOUT", "60, 3, HEADER_TIMEOUT"})
    void closesAConnectionWithoutAnyRequest(int headerSeconds, int idleSeconds, String cause) {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(PATH, options -> options.headerTimeout(Duration.ofSeconds(headerSeconds))
                        .idleTimeout(Duration.ofSeconds(idleSeconds))));

        client.connection.pass(2_800);
        assertThat(client.take()).isEmpty();
        client.connection.pass(400);

        assertThat(client.take()).containsExactly("GOAWAY 0 NO_ERROR");
        assertThat(client.connection.endInput().events()).containsExactly("closed " + cause);
    }

    @Test
    void closesAConnectionThatIdlesForTooLong() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.idleTimeout(Duration.ofSeconds(5))));
        client.connection.pass(3_000);
        client.ask(GET_1, HEAD);

        client.connection.pass(4_800);
        assertThat(client.take()).isEmpty();
        client.connection.pass(1_400); // the loop notices the end of an exchange within a second

        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR");
        assertThat(client.connection.endInput().events()).endsWith("closed IDLE_TIMEOUT");
    }

    @Test
    void endsAConnectionWhoseFieldBlockDoesNotEnd() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.headerTimeout(Duration.ofSeconds(3))));
        client.connection.pass(2_000);
        client.send("HEADERS END_STREAM stream=1", HEAD);

        client.connection.pass(2_800);
        assertThat(client.take()).isEmpty();
        client.connection.pass(400);

        assertThat(client.take()).containsExactly("GOAWAY 1 NO_ERROR A field block took too long");
        assertThat(client.connection.endInput().events()).endsWith("closed HEADER_TIMEOUT");
    }

    @Test
    void refusesABodyThatStandsStill() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(BODY, options -> options.bodyTimeout(Duration.ofSeconds(2))));
        client.send(POST_1, POST_HEAD);
        client.connection.pass(1_800);
        client.send("DATA stream=1 \"bo\"");
        client.connection.pass(1_800);
        assertThat(client.take()).isEmpty();

        client.connection.pass(400);

        assertThat(client.take()).anyMatch(frame -> frame.startsWith("HEADERS 1 408 "));
        assertThat(client.connection.isClosed()).isFalse();
    }

    @Test
    void resetsAStreamWhoseClientOpensNoWindow() {
        PlayedHttp2 client = PlayedHttp2.on(
                PlayedConnection.serving(
                        request -> Response.text("0123456789"), options -> options.writeTimeout(Duration.ofSeconds(4))),
                "INITIAL_WINDOW_SIZE=4");
        client.ask(GET_1, HEAD);

        client.connection.pass(3_800);
        assertThat(client.take()).isEmpty();
        client.connection.pass(400);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(client.connection.events())
                .containsExactly("responded 200", "finished CUT", "reset by server CANCEL");
        assertThat(client.connection.isClosed()).isFalse();
    }

    @Test
    void closesAClientThatTakesNothingAtAll() {
        PlayedHttp2 client = PlayedHttp2.on(PlayedConnection.serving(
                request -> Response.text("x".repeat(1000)), options -> options.writeTimeout(Duration.ofSeconds(4))));
        client.connection.makeRoom(100);
        client.send(GET_1, HEAD).settled();

        client.connection.pass(3_800);
        assertThat(client.connection.isClosed()).isFalse();
        client.connection.pass(400);

        assertThat(client.connection.events()).endsWith("closed WRITE_TIMEOUT");
    }

    @Test
    void asksASilentClientForASignOfLifeAndGivesUpADeadOne() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.pingInterval(Duration.ofSeconds(2))));
        client.send(GET_1, HEAD); // no thread takes the call
        List<String> pings = new ArrayList<>();
        for (int i = 0; i < 55; i++) {
            client.connection.loop.letPass(100_000_000L);
            pings.addAll(client.take());
        }
        assertThat(pings).containsExactly("PING 616c6976653f", "PING 616c6976653f");
        assertThat(client.connection.isClosed()).isFalse();

        client.connection.loop.letPass(700_000_000L);

        assertThat(client.connection.isClosed()).isTrue();
        assertThat(client.connection.events()).contains("closed IDLE_TIMEOUT");
    }

    @Test
    void takesAnyFrameForASignOfLife() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.pingInterval(Duration.ofSeconds(2))));
        client.send(GET_1, HEAD);
        for (int i = 0; i < 10; i++) {
            client.connection.loop.letPass(1_900_000_000L);
            client.send("PING ACK 0000616c6976653f");
        }

        assertThat(client.take()).isEmpty();
        assertThat(client.connection.isClosed()).isFalse();
    }

    // ---- being given up

    @Test
    void isIdleWithoutStreamsAlone() {
        PlayedHttp2 client = client(PATH);
        client.connection.pass(500);
        client.ask(GET_1, HEAD);
        client.send(POST_1.replace("=1", "=3"), POST_HEAD);
        client.connection.loop.run(() -> client.connection.link.protocol().giveUpIdle());
        assertThat(client.take()).isEmpty();

        client.ask("RST_STREAM stream=3 code=CANCEL");
        client.connection.pass(300);
        client.connection.events();
        client.connection.loop.run(() -> client.connection.link.protocol().giveUpIdle());

        assertThat(client.settled()).containsExactly("GOAWAY 3 NO_ERROR");
        client.connection.endInput();
        assertThat(client.connection.events()).containsExactly("given up after 300 ms", "closed CONNECTION_LIMIT");
    }

    // ---- the budget of input

    @Test
    void refusesTheBodiesOfAConnectionThatHoldsTooMuch() {
        PlayedHttp2 client = client(BODY);
        client.ask(POST_1, POST_HEAD, "DATA stream=1 \"bo\"", GET_3, HEAD);

        client.connection.loop.run(() -> client.connection.link.protocol().onTooMuchHeld(5000));

        assertThat(client.settled())
                .anyMatch(frame -> frame.startsWith("HEADERS 1 503 "))
                .endsWith("RST_STREAM 1 NO_ERROR");
        assertThat(client.connection.events()).contains("input shed", "refused 503");
        assertThat(client.connection.isClosed()).isFalse();
    }

    @Test
    void stopsReadingAClientThatDoesNotReadItsAnswersToPings() {
        PlayedHttp2 client =
                PlayedHttp2.on(PlayedConnection.serving(PATH, options -> options.writeTimeout(Duration.ZERO)
                        .headerTimeout(Duration.ZERO)
                        .idleTimeout(Duration.ZERO)));
        client.connection.makeRoom(0);
        for (int i = 0; i < 100 && client.connection.wire.wantsInput; i++) {
            client.connection.loop.letPass(1_000_000_000L);
            client.send("PING 0000000000000001 *100");
        }
        assertThat(client.connection.wire.wantsInput).isFalse();

        client.connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(client.connection.wire.wantsInput).isTrue();
        assertThat(client.take()).contains("PING ACK 1");
    }

    @Test
    void streamsFromAnInputStream() {
        assertThat(client(request -> Response.stream(new ByteArrayInputStream(new byte[20_000]), 20_000))
                        .ask(GET_1, HEAD))
                .first()
                .asString()
                .isEqualTo("HEADERS 1 200 content-type=application/octet-stream content-length=20000");
    }
}
