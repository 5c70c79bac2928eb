package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An HTTP/1.1 connection from its first byte to its close, played without a socket. */
final class Http1ConnectionTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static final Handler PATH = request -> Response.of(200).header("Path", request.path());

    private static String path(String path) {
        return "HTTP/1.1 200 OK\r\nPath: " + path + "\r\nContent-Length: 0\r\n\r\n";
    }

    private static String body(Request request) throws IOException {
        return request.body().text();
    }

    private static PlayedConnection echo() {
        return PlayedConnection.serving(request -> Response.of(200).header("Body", body(request)));
    }

    /** Reads its body while it comes. */
    private static Handler streaming(List<String> read) {
        return new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                read.add(new String(request.body().stream().readNBytes(4), StandardCharsets.ISO_8859_1));
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        };
    }

    // ---- one request after the other

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersPipelinedRequestsInTheirOrder(Dispatch dispatch) {
        PlayedConnection connection = PlayedConnection.serving(PATH, options -> options.dispatch(dispatch));

        assertThat(connection.ask(GET + POST + "bodyGET /c HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo(path("/a") + path("/b") + path("/c"));
        assertThat(connection.events())
                .containsExactly(
                        "responded 200",
                        "finished ANSWERED",
                        "responded 200",
                        "finished ANSWERED",
                        "responded 200",
                        "finished ANSWERED");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void keepsTheNextRequestUntilTheOneBeforeIsAnswered() {
        PlayedConnection connection = PlayedConnection.serving(PATH);

        connection.send(GET).send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").runLoop();
        assertThat(connection.workersTasks()).isEqualTo(1);

        assertThat(connection.settled()).isEqualTo(path("/a") + path("/next"));
    }

    @Test
    void stopsReadingAt16KiBThatWaitForAnAnswer() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET);

        connection.send("GET /" + "b".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(connection.wire.wantsInput).isTrue();
        connection.send("X".repeat(16 * 1024 - 5100));
        assertThat(connection.wire.wantsInput).isTrue();
        connection.send("X".repeat(200));
        assertThat(connection.wire.wantsInput).isFalse();

        assertThat(connection.settled()).startsWith(path("/a")).contains("Path: /bbb", "HTTP/1.1 501 ");
    }

    @Test
    void readsOnOnceAnAnswerHasMadeRoom() {
        PlayedConnection connection = PlayedConnection.serving(request -> Response.of(204));
        connection.send(GET).send(GET.repeat(700));
        assertThat(connection.wire.wantsInput).isFalse();

        String answers = connection.settled();

        assertThat(answers.split("HTTP/1.1 204 No Content", -1)).hasSize(702);
        assertThat(connection.wire.wantsInput).isTrue();
    }

    @Test
    void takesNoNextRequestOfAClientThatDoesNotReadItsAnswer() {
        PlayedConnection connection = PlayedConnection.serving(request -> Response.text("x".repeat(1000)));
        connection.makeRoom(100);
        connection.ask(GET + GET);
        assertThat(connection.events()).containsExactly("responded 200");

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.events()).containsExactly("finished ANSWERED", "responded 200", "finished ANSWERED");
    }

    @Test
    void appliesNewOptionsFromTheNextRequestOn() {
        PlayedConnection connection = PlayedConnection.serving(PATH, options -> options.maxLineBytes(64));
        connection.ask(GET);
        connection.context.changeTo(connection.context.with(org.httpkit.server.HttpServer.builder()
                .handler(request -> Response.of(404))
                .dispatch(Dispatch.WORKER)
                .serverHeader(null)
                .options()));

        assertThat(connection.ask("GET /" + "a".repeat(100) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ");
    }

    // ---- bodies

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 1000})
    void collectsABodyHoweverItComes(int pieceBytes) {
        PlayedConnection connection = echo();
        String request =
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";

        StringBuilder answer = new StringBuilder();
        for (int at = 0; at < request.length(); at += pieceBytes) {
            answer.append(connection.ask(request.substring(at, Math.min(request.length(), at + pieceBytes))));
        }

        assertThat(answer.toString()).isEqualTo("HTTP/1.1 200 OK\r\nBody: abcde\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void asksForABodyThatWaitsForPermission() {
        PlayedConnection connection = echo();

        assertThat(connection.ask(POST.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n")))
                .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        assertThat(connection.ask("body")).contains("Body: body");
    }

    @Test
    void sendsNoPermissionForABodyThatIsThereAlready() {
        PlayedConnection connection = echo();

        assertThat(connection.ask(POST.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n") + "body"))
                .startsWith("HTTP/1.1 200 OK");
    }

    @Test
    void callsAHandlerThatReadsItsBodyWhileItComes() {
        List<String> read = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(streaming(read));

        connection.send(POST).send("bo");
        assertThat(connection.workersTasks()).isEqualTo(1);
        connection.send("dy" + GET);
        assertThat(connection.settled()).startsWith(EMPTY);

        assertThat(read).contains("body");
    }

    @Test
    void dropsTheRestOfABodyThatIsAnsweredBeforeItHasCome() {
        List<String> read = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(streaming(read));

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nfour and"))
                .isEqualTo(EMPTY);
        assertThat(connection.ask("x".repeat(100_000 - 8 - 1))).isEmpty();
        assertThat(connection.isClosed()).isFalse();

        assertThat(connection.ask("x" + POST + "next")).isEqualTo(EMPTY);
        assertThat(read).containsExactly("four", "next");
    }

    @Test
    void closesAConnectionWhoseUnwantedBodyIsVeryLong() {
        PlayedConnection connection = PlayedConnection.serving(streaming(new ArrayList<>()));
        connection.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nfour");

        for (int i = 0; i < 200 && !connection.wire.isOutputEnded; i++) {
            connection.ask("x".repeat(60_000));
        }

        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void stopsReadingABodyThatItsReaderDoesNotTakeAndReadsOnWhenItDoes() {
        List<PlayedConnection> played = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                request.body().stream().readNBytes(65_536);
                played.get(0).runLoop(); // as the loop would meanwhile
                return Response.of(200)
                        .header("Rest", new String(request.body().stream().readAllBytes(), StandardCharsets.US_ASCII));
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        played.add(connection);
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65540\r\n\r\n");
        connection.send("x".repeat(40_000)).send("x".repeat(25_536));
        assertThat(connection.wire.wantsInput).isFalse();
        assertThat(connection.unreadBytes()).isZero();
        connection.send("last");
        assertThat(connection.unreadBytes()).isEqualTo(4);

        assertThat(connection.settled()).contains("Rest: last\r\n");
    }

    @Test
    void tellsTheLengthOfContentThatIsNotSent() {
        PlayedConnection connection = PlayedConnection.serving(request -> switch (request.path()) {
            case "/empty" -> Response.text("");
            case "/none" -> Response.of(200).header("Content-Length", "7");
            case "/odd" -> Response.of(200).header("Content-Length", "seven");
            default -> Response.of(304).header("Content-Length", "9");
        });
        String head = "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n";

        assertThat(connection.ask(String.format(head, "/empty"))).contains("Content-Length: 0\r\n");
        assertThat(connection.ask(String.format(head, "/none"))).contains("Content-Length: 7\r\n");
        assertThat(connection.ask(String.format(head, "/odd"))).doesNotContain("Content-Length: seven");
        assertThat(connection.ask(String.format(head, "/304"))).contains("Content-Length: 9\r\n");
        assertThat(connection.ask("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n")).contains("Content-Length: 9\r\n");
    }

    // ---- refusals

    @Test
    void refusesWhatBreaksARuleAndEnds() {
        PlayedConnection connection = PlayedConnection.serving(PATH);

        String answer = connection.ask("GET / HTTP/1.1\r\n\r\n" + GET);

        assertThat(answer)
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("Connection: close\r\n")
                .endsWith("(RFC 9112 section 3.2)");
        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(connection.isClosed()).isFalse();
        connection.endInput();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events())
                .containsExactly("refused 400", "responded 400", "finished REFUSED", "closed PROTOCOL_ERROR");
        assertThat(connection.seen.finished.get(0).responseBodyBytes())
                .isEqualTo(answer.length() - answer.indexOf("\r\n\r\n") - 4);
    }

    @Test
    void answersAHeadRequestThatItRefusesWithoutContent() {
        assertThat(PlayedConnection.serving(PATH).ask("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"))
                .startsWith("HTTP/1.1 417 ")
                .endsWith("\r\n\r\n");
    }

    @Test
    void isNoProxy() {
        PlayedConnection connection = PlayedConnection.serving(PATH);

        assertThat(connection.ask("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
        assertThat(connection.events()).containsExactly("refused 405", "responded 405", "finished REFUSED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            })
    void refusesABodyThatIsLongerThanAllowed(String body) {
        PlayedConnection connection = PlayedConnection.serving(PATH, options -> options.maxBodyBytes(4));

        assertThat(connection.ask("POST / HTTP/1.1\r\nHost: a\r\n" + body))
                .startsWith("HTTP/1.1 413 ")
                .contains("larger than the 4 bytes");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void failsTheBodyOfAHandlerWhenTheRestBreaksARule() {
        List<String> read = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(Request request) throws IOException {
                read.add(request.body().text());
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                .send("no size\r\n");

        assertThat(connection.settled()).startsWith("HTTP/1.1 400 ").contains("Connection: close");
        assertThat(read).isEmpty();
        assertThat(connection.events()).startsWith("refused 400", "responded 400");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void asksTheApplicationForThePageOfARefusal() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH,
                options -> options.errorPages((status, reason, request) ->
                        Response.html("<p>" + status).header("Own", "yes")));

        connection.send("GET / HTTP/1.1\r\n\r\n");
        assertThat(connection.take()).isEmpty();
        assertThat(connection.wire.wantsInput).isFalse();

        assertThat(connection.settled())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("Own: yes\r\n", "Connection: close\r\n")
                .endsWith("<p>400");
    }

    @Test
    void refusesPlainlyIfThePageCannotBeWritten() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH,
                options -> options.errorPages((status, reason, request) ->
                        Response.html("page").headers(new UncheckedHeader("A", "a\r\nb"))));

        assertThat(connection.ask("GET / HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain")
                .doesNotContain("page");
    }

    @Test
    void refusesPlainlyIfThePageIsAStreamWhichItCloses() {
        AtomicInteger closed = new AtomicInteger();
        PlayedConnection connection = PlayedConnection.serving(
                PATH,
                options -> options.errorPages(
                        (status, reason, request) -> Response.stream(new ByteArrayInputStream(new byte[10]) {
                            @Override
                            public void close() {
                                closed.incrementAndGet();
                            }
                        })));
        closed.set(0); // of the page for 503, which is made at the start

        assertThat(connection.ask("GET / HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain");
        assertThat(closed).hasValue(1);
    }

    @Test
    void refusesPlainlyIfThePageDoesNotComeWithinASecond() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("too late")));
        connection.send("GET / HTTP/1.1\r\n\r\n");

        connection.loop.letPass(900_000_000L);
        assertThat(connection.take()).isEmpty();
        connection.loop.letPass(200_000_000L);

        assertThat(connection.take()).startsWith("HTTP/1.1 400 ").contains("text/plain");
        assertThat(connection.settled()).isEmpty();
    }

    @Test
    void refusesPlainlyIfTheWorkerHasNoRoomForThePage() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("page")));
        connection.workerIsFull = true;

        assertThat(connection.ask("GET / HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("text/plain");
    }

    @Test
    void readsNothingMoreWhileAPageIsMade() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("page")));
        connection.send("GET / HTTP/1.1\r\n\r\n").endInput();
        assertThat(connection.isClosed()).isFalse();

        assertThat(connection.settled()).endsWith("page");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void answers503IfTheWorkerHasNoRoomAndGoesOn() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.workerIsFull = true;

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1");
        assertThat(connection.events()).startsWith("worker saturated", "responded 503");

        connection.workerIsFull = false;
        assertThat(connection.ask(GET)).isEqualTo(path("/a"));
    }

    // ---- the end of the connection

    @Test
    void closesAfterAnAnswerIfTheClientWantsThat() {
        PlayedConnection connection = PlayedConnection.serving(PATH);

        assertThat(connection.ask("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .contains("Connection: close");

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("responded 200", "finished ANSWERED", "closed CLOSED");
    }

    @Test
    void givesAClientTimeToReadAnAnswerAfterWhichTheServerCloses() {
        PlayedConnection connection =
                PlayedConnection.serving(request -> Response.of(200).header("Connection", "close"));

        assertThat(connection.ask(GET)).contains("Connection: close");

        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.endInput().isClosed()).isTrue();
    }

    @Test
    void answersAClientThatHasEndedItsSideAndCloses() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET + POST + "body").endInput();

        assertThat(connection.settled()).startsWith(path("/a")).endsWith("Connection: close\r\n\r\n");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed PEER_CLOSED");
    }

    @Test
    void closesAnIdleConnectionWhoseClientHasEnded() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.ask(GET);

        assertThat(connection.endInput().settle().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed PEER_CLOSED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo"})
    void closesAConnectionThatEndsWithinARequest(String part) {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(part);

        assertThat(connection.endInput().settled()).isEmpty();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed PEER_CLOSED");
    }

    @Test
    void tellsTheReaderOfABodyThatItsClientHasEndedWithinIt() {
        List<String> read = new ArrayList<>();
        PlayedConnection connection = PlayedConnection.serving(new Handler() {
            @Override
            public Response handle(Request request) {
                try {
                    request.body().text();
                } catch (IOException e) {
                    read.add(e.getMessage());
                }
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        connection.send(POST + "bo").endInput().settle();

        assertThat(read).containsExactly("The client ended the connection within the body");
        assertThat(connection.take()).contains("Connection: close");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void isToldOnceOfAResetWhileAHandlerRuns() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET);

        connection.reset();

        assertThat(connection.take()).isEmpty();
        assertThat(connection.events()).contains("closed PEER_RESET").doesNotHaveDuplicates();
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    @Test
    void countsARequestWhoseBodyNeverCameAsUnanswered() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(POST + "bo");
        assertThat(connection.context.counters().exchangesRunning()).isEqualTo(1);

        connection.reset();

        assertThat(connection.context.counters().exchangesRunning()).isZero();
        assertThat(connection.events()).containsExactly("finished UNANSWERED", "closed PEER_RESET");
    }

    // ---- the stop

    @Test
    void closesAtOnceAtTheStopIfItIsIdle() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.ask(GET);

        assertThat(connection.stopServer().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed SERVER_STOP");
    }

    @Test
    void closesAtTheStopIfOnlyEmptyLinesHaveCome() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send("\r\n");

        assertThat(connection.stopServer().isClosed()).isTrue();
    }

    @Test
    void answersWhatHasBegunBeforeTheStopAndCloses() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET);
        connection.stopServer();

        assertThat(connection.take()).contains("Path: /a", "Connection: close");
        assertThat(connection.endInput().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed SERVER_STOP");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a HT#TP/1.1\r\nHost: a\r\n\r\n",
                "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na#b"
            })
    void takesInAfterTheStopWhatHadBegunBefore(String request) {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        String[] parts = request.split("#", -1);
        connection.send(parts[0]);
        connection.stopServer();
        assertThat(connection.isClosed()).isFalse();

        assertThat(connection.ask(parts[1])).contains("Path: /a", "Connection: close");
    }

    // ---- deadlines

    @Test
    void closesAConnectionThatSendsNothing() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.headerTimeout(Duration.ofSeconds(3)));

        connection.pass(2_900);
        assertThat(connection.isClosed()).isFalse();
        connection.pass(300);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("closed HEADER_TIMEOUT");
    }

    @Test
    void refusesAHeadThatDoesNotEnd() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.headerTimeout(Duration.ofSeconds(3)));
        connection.ask(GET);
        connection.pass(2000).send("GET / HTTP/1.1\r\n");
        connection.pass(2_900).send("Host: a\r\n");
        assertThat(connection.take()).isEmpty();

        connection.pass(300);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
        assertThat(connection.endInput().events()).contains("refused 408").endsWith("closed HEADER_TIMEOUT");
    }

    @Test
    void takesEmptyLinesForNoSignOfLife() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.idleTimeout(Duration.ofSeconds(5)));
        connection.ask(GET);
        connection.pass(3_000).send("\r\n").pass(2_200);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed IDLE_TIMEOUT");
    }

    @Test
    void closesAConnectionThatIdlesForTooLong() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.idleTimeout(Duration.ofSeconds(5)));
        connection.pass(2_000).ask(GET);

        connection.pass(4_800);
        assertThat(connection.isClosed()).isFalse();
        connection.pass(400);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed IDLE_TIMEOUT");
    }

    @Test
    void refusesABodyThatStandsStill() {
        PlayedConnection connection =
                PlayedConnection.serving(PATH, options -> options.bodyTimeout(Duration.ofSeconds(2)));
        connection.send(POST).pass(1_800).send("bo");
        connection.pass(1_800);
        assertThat(connection.take()).isEmpty();

        connection.pass(400);

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ").contains("too slowly");
        assertThat(connection.endInput().events()).endsWith("closed BODY_TIMEOUT");
    }

    @Test
    void refusesABodyThatComesTooSlowlyOnTheWhole() {
        PlayedConnection connection = PlayedConnection.serving(PATH, options -> options.minBodyRate(1000));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n");

        for (int second = 0; second < 12 && !connection.wire.isOutputEnded; second++) {
            connection.send("x".repeat(100)).pass(1000);
        }

        assertThat(connection.take()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void doesNotBlameAClientForAReaderThatIsSlow() {
        PlayedConnection connection = PlayedConnection.serving(
                streaming(new ArrayList<>()), options -> options.bodyTimeout(Duration.ofSeconds(2)));
        connection.send(POST + "bo");
        for (int i = 0; i < 40; i++) {
            connection.loop.letPass(100_000_000L); // the worker has not begun
        }

        assertThat(connection.events()).isEmpty();
    }

    @Test
    void closesAClientThatTakesNothingOfItsAnswer() {
        PlayedConnection connection = PlayedConnection.serving(
                request -> Response.text("x".repeat(1000)), options -> options.writeTimeout(Duration.ofSeconds(4)));
        connection.makeRoom(300).ask(GET);

        connection.pass(3_800);
        assertThat(connection.isClosed()).isFalse();
        connection.pass(400);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("responded 200", "finished CUT", "closed WRITE_TIMEOUT");
    }

    @Test
    void waitsForAsLongAsAHandlerTakes() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET);

        for (int i = 0; i < 6000; i++) {
            connection.loop.letPass(100_000_000L);
        }

        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.settled()).isEqualTo(path("/a"));
    }

    // ---- being given up

    @Test
    void isIdleBetweenRequestsAlone() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.pass(500).ask(GET);
        connection.pass(700);

        connection.loop.run(
                () -> assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(500_000_000L));
        connection.send("GET");
        connection.loop.run(
                () -> assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(Long.MAX_VALUE));
        connection.loop.run(() -> connection.link.protocol().giveUpIdle());
        assertThat(connection.isClosed()).isFalse();

        connection.ask(" /a HTTP/1.1\r\nHost: a\r\n\r\n");
        connection.pass(300);
        connection.loop.run(() -> connection.link.protocol().giveUpIdle());
        assertThat(connection.settle().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("given up after 300 ms", "closed CONNECTION_LIMIT");
    }

    // ---- the budget of input

    @Test
    void refusesARequestWhoseBodyIsTooMuchToHold() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(connection.take()).startsWith("HTTP/1.1 503 ");
        assertThat(connection.endInput().events())
                .startsWith("input shed", "refused 503")
                .endsWith("closed OVERLOAD");
    }

    @Test
    void closesAConnectionWhosePipelinedInputIsTooMuchToHold() {
        PlayedConnection connection = PlayedConnection.serving(PATH);
        connection.send(GET).send(GET);

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).startsWith("input shed").contains("closed OVERLOAD");
    }

    @Test
    void refusesPlainlyInsteadOfHoldingInputWhileAPageIsMade() {
        PlayedConnection connection = PlayedConnection.serving(
                PATH, options -> options.errorPages((status, reason, request) -> Response.html("page")));
        connection.send("GET / HTTP/1.1\r\n\r\n");

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(connection.take()).startsWith("HTTP/1.1 400 ").contains("text/plain");
    }

    // ---- HTTP/1.0

    @Test
    void sendsNoInterimResponseToAClientOfHttp10() {
        PlayedConnection connection = PlayedConnection.serving(request -> {
            request.sendEarlyHints(Headers.of("Link", "</a>"));
            return Response.of(200).header("Version", request.version() == HttpVersion.HTTP_1_0 ? "1.0" : "1.1");
        });

        assertThat(connection.ask("GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 OK\r\nVersion: 1.0");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void sendsEarlyHintsAheadOfTheAnswer() {
        PlayedConnection connection = PlayedConnection.serving(request -> {
            request.sendEarlyHints(Headers.of("Link", "</a>"));
            return Response.of(200);
        });

        assertThat(connection.ask(GET)).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + EMPTY);
    }

    /** Fields that nobody has checked. */
    private record UncheckedHeader(String name, String value) implements Headers {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public String name(int index) {
            return name;
        }

        @Override
        public String value(int index) {
            return value;
        }
    }
}
