package org.httpkit.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.httpkit.server.WhenFull;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A channel that answers a request over HTTP: a long poll, or a stream. */
final class RealChannelTest {
    private static final String GET = "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String PAGE = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
    private static final String CHUNKED = PAGE + "Transfer-Encoding: chunked\r\n\r\n";

    private final ToldListener listener = new ToldListener();
    private final List<String> sent = new ArrayList<>();
    private ChannelOptions options = ChannelOptions.DEFAULT;
    private PlayedConnection connection = serving(server -> {});

    private PlayedConnection serving(Consumer<HttpServer.Builder> server) {
        return serving(request -> request.asChannel(options, listener), server);
    }

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> server) {
        connection = PlayedConnection.serving(handler, server);
        return connection;
    }

    private void open() {
        assertThat(connection.ask(GET)).isEmpty();
        assertThat(listener.take()).containsExactly("open");
    }

    private void tell(Throwable failure) {
        sent.add(failure == null ? "sent" : String.valueOf(failure.getMessage()));
    }

    /** A stream that notes its end. */
    private InputStream noted(InputStream source) {
        return new FilterInputStream(source) {
            @Override
            public void close() throws IOException {
                sent.add("stream closed");
                super.close();
            }
        };
    }

    // ---- a long poll

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersALongPollWithALength(Dispatch dispatch) {
        serving(server -> server.dispatch(dispatch));
        open();

        assertThat(listener.channel().send("news")).isTrue();

        assertThat(connection.settled()).isEqualTo(PAGE + "Content-Length: 4\r\n\r\nnews");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
        assertThat(connection.events()).containsExactly("responded 200", "finished ANSWERED");
        assertThat(listener.channel().isOpen()).isFalse();
        assertThat(listener.channel().send("more")).isFalse();
        assertThat(connection.ask(GET)).isEmpty();
    }

    @Test
    void answersWithAWholeResponse() {
        open();
        listener.channel().send(Response.text("gone").status(410).header("A", "b"));

        assertThat(connection.settled())
                .startsWith("HTTP/1.1 410 Gone\r\nContent-Type: text/plain; charset=utf-8\r\nA: b\r\n")
                .endsWith("\r\n\r\ngone");
    }

    @Test
    void answersWithAnEmptyPageIfItIsClosedAtOnce() {
        open();
        assertThat(listener.channel().close()).isTrue();
        assertThat(listener.channel().close()).isFalse();

        assertThat(connection.settled()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
    }

    @Test
    void answersWithAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "content");
        open();
        listener.channel().send(Response.file(file));

        assertThat(connection.settled()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\ncontent");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
    }

    @Test
    void answersWithAStreamThatTheWorkerReads() {
        open();
        listener.channel()
                .trySend(
                        noted(new ByteArrayInputStream("content".getBytes(StandardCharsets.US_ASCII))),
                        true,
                        this::tell);
        assertThat(connection.settled()).startsWith(PAGE).contains("content");
        assertThat(sent).containsExactly("stream closed", "sent");
    }

    // ---- a stream

    @Test
    void sendsAStreamInChunks() {
        open();
        assertThat(listener.channel().send("one", false)).isTrue();
        assertThat(connection.settled()).isEqualTo(CHUNKED + "3\r\none\r\n");
        assertThat(listener.channel().trySend("two".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(SendResult.SENT);
        listener.channel().trySend(ByteBuffer.wrap("three".getBytes(StandardCharsets.US_ASCII)));
        listener.channel().trySend(null);
        listener.channel().trySend("");
        listener.channel().trySend(Message.text("four"));
        assertThat(connection.settled()).isEqualTo("3\r\ntwo\r\n5\r\nthree\r\n4\r\nfour\r\n");

        listener.channel().send("last", true);

        assertThat(connection.settled()).isEqualTo("4\r\nlast\r\n0\r\n\r\n");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
        assertThat(connection.seen.finished.get(0).responseBodyBytes()).isEqualTo(19);
    }

    @Test
    void beginsAStreamWithAHeadAlone() {
        open();
        listener.channel().trySend(Response.of(201).header("A", "b"));

        assertThat(connection.settled())
                .isEqualTo("HTTP/1.1 201 Created\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n");
        listener.channel().close();
        assertThat(connection.settled()).isEqualTo("0\r\n\r\n");
    }

    @Test
    void endsAStreamWithTrailers() {
        open();
        listener.channel().trySend(Response.text("a").trailers(Headers.of("Sum", "1")));
        listener.channel().close();

        assertThat(connection.settled()).endsWith("1\r\na\r\n0\r\nSum: 1\r\n\r\n");
    }

    @Test
    void cutsAStreamWhoseTrailersFail() {
        open();
        listener.channel().trySend(Response.text("a").trailers(() -> {
            throw new IllegalStateException("no sum");
        }));
        listener.channel().close();

        assertThat(connection.settled()).endsWith("1\r\na\r\n");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).contains("handler failed: no sum", "finished CUT");
        assertThat(listener.take()).containsExactly("close 0 HANDLER_ERROR");
    }

    @Test
    void sendsServerSentEvents() {
        open();
        assertThat(listener.channel().sendEvent(Event.of("news").id("1"))).isTrue();
        assertThat(connection.settled())
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n12\r\nid: 1\ndata: news\n\n\r\n");
        listener.channel().close();
        assertThat(listener.channel().sendEvent(Event.of("late"))).isFalse();
    }

    @Test
    void sendsLongDataAsItIs() {
        open();
        byte[] data = new byte[100_000];
        java.util.Arrays.fill(data, (byte) 'x');
        listener.channel().trySend(data, false, this::tell);

        assertThat(connection.settled()).isEqualTo(CHUNKED + "186a0\r\n" + "x".repeat(100_000) + "\r\n");
        assertThat(sent).containsExactly("sent");
    }

    @Test
    void sendsNoContentInAnAnswerToHead() {
        assertThat(connection.ask(GET.replace("GET", "HEAD"))).isEmpty();
        listener.channel().trySend("content");
        listener.channel().trySend(new byte[100_000]);
        listener.channel().close();

        assertThat(connection.settled()).isEqualTo(PAGE + "\r\n");
    }

    @Test
    void refusesDataThatCannotBeSent() {
        open();

        assertThatThrownBy(() -> listener.channel().send(42))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Integer");
        assertThatThrownBy(
                        () -> listener.channel().send(Response.later(new java.util.concurrent.CompletableFuture<>())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> listener.channel().close(1005, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("code is 1005");
        assertThat(listener.channel().isOpen()).isTrue();
    }

    // ---- data in pieces

    @Test
    void keepsTheOrderOfSendsBehindAStream() {
        open();
        listener.channel()
                .trySend(
                        noted(new ByteArrayInputStream("first".getBytes(StandardCharsets.US_ASCII))),
                        false,
                        this::tell);
        assertThat(listener.channel().trySend("second", false, this::tell)).isEqualTo(SendResult.QUEUED);
        assertThat(listener.channel().queuedBytes()).isEqualTo(6 + 128);
        assertThat(listener.channel().trySend("third", true, this::tell)).isEqualTo(SendResult.QUEUED);
        assertThat(connection.take()).isEmpty();

        assertThat(connection.settled()).isEqualTo(CHUNKED + "5\r\nfirst\r\n6\r\nsecond\r\n5\r\nthird\r\n0\r\n\r\n");
        assertThat(sent).containsExactly("stream closed", "sent", "sent", "sent");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
        assertThat(listener.channel().queuedBytes()).isZero();
    }

    @Test
    void closesBehindAStream() {
        open();
        listener.channel().trySend(new ByteArrayInputStream(new byte[] {'a'}), false, this::tell);
        assertThat(listener.channel().close()).isTrue();

        assertThat(connection.settled()).isEqualTo(CHUNKED + "1\r\na\r\n0\r\n\r\n");
        assertThat(listener.take()).containsExactly("close 0 CLOSED");
    }

    @Test
    void cutsAStreamWhoseSourceFails() {
        open();
        InputStream source = noted(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("The disk is gone");
            }
        });
        listener.channel().trySend("begun");
        connection.settled();
        listener.channel().trySend(source, false, this::tell);
        listener.channel().trySend(noted(InputStream.nullInputStream()), false, this::tell);

        assertThat(connection.settled()).isEmpty();
        assertThat(connection.isClosed()).isTrue();
        assertThat(sent)
                .contains("stream closed")
                .filteredOn("The disk is gone"::equals)
                .hasSize(2);
        assertThat(listener.take()).containsExactly("close 0 HANDLER_ERROR");
        assertThat(connection.events()).contains("handler failed: The disk is gone", "finished CUT");
    }

    @Test
    void answers500IfTheSourceFailsBeforeAnythingWasSent() {
        open();
        listener.channel()
                .trySend(
                        Response.stream(out -> {
                            throw new IllegalStateException("broken");
                        }),
                        true,
                        this::tell);

        assertThat(connection.settled()).startsWith("HTTP/1.1 500 ");
        assertThat(listener.take()).hasSize(1).first().asString().startsWith("close 0 ");
    }

    @Test
    void givesUpWhatWaitedIfTheWorkerHasNoRoom() {
        open();
        connection.workerIsFull = true;
        listener.channel().trySend(noted(InputStream.nullInputStream()), false, this::tell);
        connection.settle();

        assertThat(sent).contains("stream closed");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).startsWith("listener saturated");
    }

    @Test
    void givesUpWhatWaitsIfTheClientLeaves() {
        open();
        listener.channel().trySend(noted(new ByteArrayInputStream(new byte[5])), false, this::tell);
        listener.channel().trySend("behind", false, this::tell);
        connection.reset();

        assertThat(sent)
                .containsExactly(
                        "stream closed", "The channel was closed meanwhile", "The channel was closed meanwhile");
        assertThat(listener.take()).containsExactly("close -1 PEER_RESET");
    }

    // ---- a client that does not read

    @Test
    void rejectsWhatIsTooMuchForAClientAndTellsWhenItHasCaughtUp() {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT);
        serving(server -> server.maxQueuedBytes(1000));
        open();
        connection.makeRoom(200);
        assertThat(listener.channel().trySend(new byte[2000], false, this::tell))
                .isEqualTo(SendResult.QUEUED);

        assertThat(listener.channel().trySend("more", false, this::tell)).isEqualTo(SendResult.REJECTED);
        connection.settle();
        assertThat(sent).containsExactly("Too much waits for the client already");
        assertThat(listener.take()).isEmpty();

        connection.makeRoom(Integer.MAX_VALUE).settle();
        assertThat(sent).containsExactly("Too much waits for the client already", "sent");
        assertThat(listener.take()).containsExactly("drain");
        assertThat(listener.channel().trySend("more")).isEqualTo(SendResult.SENT);
    }

    @Test
    void rejectsWhatIsTooMuchBehindAStreamAndTellsWhenThatIsOut() {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT);
        serving(server -> server.maxQueuedBytes(100));
        open();
        listener.channel().trySend(new ByteArrayInputStream(new byte[] {'a'}));
        assertThat(listener.channel().trySend("b")).isEqualTo(SendResult.QUEUED);
        assertThat(listener.channel().trySend("c")).isEqualTo(SendResult.REJECTED);
        assertThat(listener.channel().trySend("c")).isEqualTo(SendResult.REJECTED);

        assertThat(connection.settled()).isEqualTo(CHUNKED + "1\r\na\r\n1\r\nb\r\n");
        assertThat(listener.take()).containsExactly("drain");
    }

    @Test
    void closesAClientForWhichTooMuchWaitsIfThatIsThePolicy() {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.CLOSE);
        serving(server -> server.maxQueuedBytes(1000));
        open();
        connection.makeRoom(200);
        listener.channel().trySend(new byte[2000]);

        assertThat(listener.channel().trySend("more", false, this::tell)).isEqualTo(SendResult.CLOSED);
        connection.settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(sent).containsExactly("The channel is closed");
        assertThat(listener.take()).containsExactly("close 0 SLOW_CONSUMER");
        assertThat(connection.events()).contains("slow consumer", "closed SLOW_CONSUMER");
    }

    @Test
    void takesOneMessageOfAnyLengthBelowTheLimit() {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT);
        serving(server -> server.maxQueuedBytes(1000));
        open();
        connection.makeRoom(0);

        assertThat(listener.channel().trySend(new byte[900])).isEqualTo(SendResult.QUEUED);
        long queued = listener.channel().queuedBytes();
        assertThat(queued).isGreaterThan(900);
        assertThat(listener.channel().trySend("x")).isEqualTo(queued >= 1000 ? SendResult.REJECTED : SendResult.QUEUED);
    }

    // ---- who answers

    @Test
    void leavesTheAnswerToAHandlerThatHasNotUsedItsChannel() {
        serving(
                request -> {
                    request.asChannel(options, listener);
                    return Response.text("own");
                },
                server -> {});

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 500 ");
        assertThat(connection.events()).first().asString().startsWith("handler failed: The handler has made a channel");
        assertThat(listener.take()).containsExactly("open", "close 0 HANDLER_ERROR");
    }

    @Test
    void countsWhatWasSentOnAChannelThatWasNotReturned() {
        listener.whenOpen = channel -> channel.send("sent");
        serving(
                request -> {
                    request.asChannel(options, listener);
                    return Response.text("own");
                },
                server -> {});

        assertThat(connection.ask(GET)).endsWith("\r\n\r\nsent");
        assertThat(listener.take()).containsExactly("open", "close 0 CLOSED");
    }

    @Test
    void answers500IfTheListenerFailsAsTheChannelOpens() {
        listener.whenOpen = channel -> {
            throw new IllegalStateException("broken");
        };

        assertThat(connection.ask(GET)).startsWith("HTTP/1.1 500 ");
        assertThat(listener.take()).containsExactly("open", "close 0 HANDLER_ERROR");
        assertThat(connection.events()).startsWith("handler failed: broken", "responded 500");
    }

    @Test
    void cutsAStreamWhoseHandlerFails() {
        listener.whenOpen = channel -> channel.send("begun", false);
        serving(
                request -> {
                    request.asChannel(options, listener);
                    throw new IllegalStateException("broken");
                },
                server -> {});

        assertThat(connection.ask(GET)).endsWith("5\r\nbegun\r\n");
        assertThat(connection.isClosed()).isTrue();
        assertThat(listener.take()).containsExactly("open", "close 0 HANDLER_ERROR");
        assertThat(connection.events()).contains("finished CUT", "closed HANDLER_ERROR");
    }

    @Test
    void sendsOnlyOnceThatIsPossibleAndNotBefore() {
        List<Boolean> possible = new ArrayList<>();
        serving(
                request -> request.asChannel(options, new org.httpkit.server.ChannelListener() {
                    @Override
                    public void init(org.httpkit.server.AsyncChannel channel) {
                        possible.add(channel.isOpen());
                        possible.add(channel.send("too early"));
                    }

                    @Override
                    public void onOpen(org.httpkit.server.AsyncChannel channel) {
                        possible.add(channel.isOpen());
                        possible.add(channel.send("in time"));
                    }
                }),
                server -> {});

        assertThat(connection.ask(GET)).endsWith("in time");
        assertThat(possible).containsExactly(false, false, true, true);
    }

    // ---- answers that are due

    @Test
    void answers503IfTheAnswerDoesNotBeginInTime() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(3));
        open();

        assertThat(connection.pass(2_800).take()).isEmpty();
        assertThat(connection.pass(400).take()).startsWith("HTTP/1.1 503 ");
        assertThat(listener.take()).containsExactly("unanswered", "close 0 CLOSED");
    }

    @Test
    void answersWithWhatTheApplicationHasChosenForThatCase() {
        options = ChannelOptions.DEFAULT.answerBy(Duration.ofSeconds(3), Response.text("nothing new"));
        open();

        assertThat(connection.pass(3_200).take()).endsWith("nothing new");
    }

    @Test
    void asksAgainIfTheListenerWantsToWait() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(3));
        listener.answersLater = true;
        open();

        assertThat(connection.pass(3_200).take()).isEmpty();
        assertThat(listener.take()).containsExactly("unanswered");
        assertThat(connection.pass(2_400).take()).isEmpty();
        assertThat(listener.take()).isEmpty();
        assertThat(connection.pass(800).take()).isEmpty();
        assertThat(listener.take()).containsExactly("unanswered");
    }

    @Test
    void asksNothingOfAStreamThatHasBegun() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(3));
        open();
        listener.channel().send("begun", false);
        connection.settle();

        connection.pass(10_000);

        assertThat(listener.take()).isEmpty();
    }

    @Test
    void dropsAChannelIfTheWorkerHasNoRoomToAskForItsAnswer() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(3));
        open();
        connection.workerIsFull = true;
        connection.pass(3_200);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).contains("listener saturated", "closed OVERLOAD");
    }

    // ---- the end

    @Test
    void tellsTheListenerThatTheClientHasGone() {
        open();
        connection.endInput().settle();

        assertThat(listener.take()).containsExactly("close -1 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).contains("finished UNANSWERED", "closed PEER_CLOSED");
    }

    @Test
    void tellsTheListenerOfAClientThatHadGoneBeforeTheChannelOpened() {
        connection.send(GET).endInput();
        connection.settle();

        assertThat(listener.take()).containsExactly("open", "close -1 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void tellsTheListenerOfAReset() {
        open();
        connection.reset();

        assertThat(listener.take()).containsExactly("close -1 PEER_RESET");
    }

    @Test
    void endsAStreamAtTheStop() {
        open();
        listener.channel().send("begun", false);
        connection.settled();

        assertThat(connection.stopServer().take()).isEqualTo("0\r\n\r\n");
        assertThat(listener.take()).containsExactly("close 0 SERVER_STOP");
    }

    @Test
    void asksALongPollForItsAnswerASecondAfterTheStop() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(100));
        open();
        connection.pass(200);
        connection.context.stop(5_000_000_000L);
        connection.loop.run(connection.link::stopping);
        connection.settle();
        assertThat(listener.take()).isEmpty();

        connection.pass(1_200);

        assertThat(listener.take()).containsExactly("unanswered", "close 0 SERVER_STOP");
        assertThat(connection.take()).startsWith("HTTP/1.1 503 ").contains("Connection: close");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: a\n\n", "data: a\r\n\r\n", "data: a\r\r"})
    void tellsClientsOfAnEventStreamWhenToComeBack(String event) {
        serving(server -> server.drainRetry(Duration.ofMillis(1000)));
        open();
        listener.channel().send(Response.text(event).header("Content-Type", "text/event-stream; charset=utf-8"), false);
        connection.settled();

        String end = connection.stopServer().take();

        assertThat(end).matches("(?s)[0-9a-f]+\r\nretry: \\d+\n\n\r\n0\r\n\r\n");
        int millis = Integer.parseInt(end.replaceAll("(?s).*retry: (\\d+).*", "$1"));
        assertThat(millis).isBetween(500, 1500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: a\n", "data: a\r\n", "data: a", "\n", "x\r\n"})
    void doesNotTellThatWithinAnEvent(String event) {
        serving(server -> server.drainRetry(Duration.ofMillis(1000)));
        open();
        listener.channel().send(Response.text(event).header("Content-Type", "text/event-stream"), false);
        connection.settled();

        assertThat(connection.stopServer().take()).isEqualTo("0\r\n\r\n");
    }

    @Test
    void tellsOtherStreamsNothing() {
        serving(server -> server.drainRetry(Duration.ofMillis(1000)));
        open();
        listener.channel().send("data: a\n\n", false);
        connection.settled();

        assertThat(connection.stopServer().take()).isEqualTo("0\r\n\r\n");
    }

    // ---- compression

    @Test
    void compressesEachPieceSoThatItCanBeReadAtOnce() throws IOException {
        serving(server -> server.compression(Compression.on()));
        assertThat(connection.ask(GET.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n")))
                .isEmpty();
        listener.channel().send("one ".repeat(20), false);
        String first = connection.settled();
        assertThat(first).contains("Content-Encoding: gzip", "Vary: Accept-Encoding");
        listener.channel().trySend("two ".repeat(20));
        String second = connection.settled();
        listener.channel()
                .trySend(new ByteArrayInputStream("three ".repeat(20_000).getBytes(StandardCharsets.US_ASCII)));
        String third = connection.settled();
        listener.channel().close();
        String all = first.substring(first.indexOf("\r\n\r\n") + 4) + second + third + connection.settled();

        assertThat(gunzipped(unchunked(all)))
                .isEqualTo("one ".repeat(20) + "two ".repeat(20) + "three ".repeat(20_000));
        assertThat(connection.context.coders().reserved()).isZero();
    }

    @Test
    void freesItsEncoderWhenTheClientLeaves() {
        serving(server -> server.compression(Compression.on()));
        connection.ask(GET.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n"));
        listener.channel().send("one ".repeat(20), false);
        connection.settled();
        assertThat(connection.context.coders().reserved()).isEqualTo(1);

        connection.reset();

        assertThat(connection.context.coders().reserved()).isZero();
    }

    @Test
    void sendsLongDataCompressedWithoutTheLock() throws IOException {
        serving(server -> server.compression(Compression.on()));
        connection.ask(GET.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n"));
        listener.channel().trySend("long ".repeat(10_000), false, this::tell);
        listener.channel().trySend("more", true, this::tell);

        String answer = connection.settled();

        assertThat(gunzipped(unchunked(answer.substring(answer.indexOf("\r\n\r\n") + 4))))
                .isEqualTo("long ".repeat(10_000) + "more");
        assertThat(sent).containsExactly("sent", "sent");
    }

    private static byte[] unchunked(String chunks) {
        java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();
        int at = 0;
        while (at < chunks.length()) {
            int line = chunks.indexOf("\r\n", at);
            int length = Integer.parseInt(chunks.substring(at, line), 16);
            content.writeBytes(chunks.substring(line + 2, line + 2 + length).getBytes(StandardCharsets.ISO_8859_1));
            at = line + 4 + length;
        }
        return content.toByteArray();
    }

    private static String gunzipped(byte[] coded) throws IOException {
        try (InputStream in = new java.util.zip.GZIPInputStream(new ByteArrayInputStream(coded))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void tellsAboutItself() {
        open();

        assertThat(listener.channel().isWebSocket()).isFalse();
        assertThat(listener.channel().subprotocol()).isNull();
        assertThat(listener.channel().ping(new byte[0])).isFalse();
        assertThat(listener.channel().pong(new byte[0])).isFalse();
        assertThat(listener.channel().request().path()).isEqualTo("/poll");
        assertThat(listener.channel().toString()).isEqualTo("null<->null");
    }

    // ---- more of what can go wrong

    private Thread inAnotherThread(Runnable work) {
        Thread thread = new Thread(work, "sender");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> thread.getState() == Thread.State.WAITING || !thread.isAlive());
    }

    @Test
    @Timeout(20)
    void makesASenderWaitForAClientThatIsBehindIfThatIsThePolicy() throws InterruptedException {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.BLOCK);
        serving(server -> server.maxQueuedBytes(100));
        open();
        connection.makeRoom(0);
        listener.channel().trySend("x".repeat(200));
        List<SendResult> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("more")));
        awaitWaiting(sender);
        assertThat(results).isEmpty();

        connection.settle();
        connection.makeRoom(Integer.MAX_VALUE).settle();
        sender.join();

        assertThat(results).containsExactly(SendResult.SENT);
        assertThat(connection.take()).endsWith("4\r\nmore\r\n");
    }

    @Test
    @Timeout(20)
    void makesASenderWaitBehindAStreamIfThatIsThePolicy() throws InterruptedException {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.BLOCK);
        serving(server -> server.maxQueuedBytes(100));
        open();
        listener.channel().trySend(new ByteArrayInputStream(new byte[] {'a'}));
        listener.channel().trySend("b");
        List<SendResult> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("c")));
        awaitWaiting(sender);
        assertThat(results).isEmpty();

        connection.settle();
        sender.join();

        assertThat(results).hasSize(1).doesNotContain(SendResult.REJECTED, SendResult.CLOSED);
        assertThat(connection.settled()).endsWith("1\r\nc\r\n");
    }

    @Test
    @Timeout(20)
    void tellsASenderThatWaitsThatTheChannelHasClosed() throws InterruptedException {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.BLOCK);
        serving(server -> server.maxQueuedBytes(100));
        open();
        connection.makeRoom(0);
        listener.channel().trySend("x".repeat(200));
        List<SendResult> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("more")));
        awaitWaiting(sender);
        connection.reset();
        sender.join();

        assertThat(results).containsExactly(SendResult.CLOSED);
    }

    @Test
    @Timeout(20)
    void rejectsTheDataOfASenderThatIsInterruptedWhileItWaits() throws InterruptedException {
        options = ChannelOptions.DEFAULT.whenFull(WhenFull.BLOCK);
        serving(server -> server.maxQueuedBytes(100));
        open();
        connection.makeRoom(0);
        listener.channel().trySend("x".repeat(200));
        List<Object> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> {
            results.add(listener.channel().trySend("more"));
            results.add(Thread.interrupted());
        });
        awaitWaiting(sender);
        sender.interrupt();
        sender.join();

        assertThat(results).containsExactly(SendResult.REJECTED, true);
    }

    @Test
    void tellsTheObserverOfASendersFailure() {
        open();
        listener.channel().trySend("a", false, failure -> {
            throw new IllegalStateException("careless");
        });
        connection.settle();

        assertThat(connection.events()).containsExactly("handler failed: careless");
        assertThat(listener.channel().isOpen()).isTrue();
    }

    @Test
    void tellsSendersOnTheLoopIfThatMakesAllCalls() {
        serving(server -> server.dispatch(Dispatch.INLINE));
        open();
        listener.channel().trySend("a", false, this::tell);
        assertThat(sent).isEmpty();
        connection.runLoop();

        assertThat(sent).containsExactly("sent");
        assertThat(connection.workersTasks()).isZero();
    }

    @Test
    void tellsSendersEvenIfTheWorkerHasNoRoom() {
        open();
        connection.workerIsFull = true;
        listener.channel().trySend("a", false, this::tell);
        connection.runLoop();

        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> sent.size() == 1);
        assertThat(sent).containsExactly("sent");
    }

    @Test
    void dropsAChannelIfTheWorkerHasNoRoomToTellThatItsClientHasCaughtUp() {
        serving(server -> server.maxQueuedBytes(100));
        open();
        connection.makeRoom(0);
        listener.channel().trySend("x".repeat(200));
        connection.settle();
        connection.workerIsFull = true;
        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).startsWith("listener saturated");
    }

    @Test
    void beginsAnotherAnswerIfAFieldOfTheFirstCannotBeWritten() {
        open();
        Headers unwritable = new Headers() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public String name(int index) {
                return "A";
            }

            @Override
            public String value(int index) {
                return "a\r\nb";
            }
        };
        assertThatThrownBy(() -> listener.channel().trySend(Response.text("a").headers(unwritable)))
                .isInstanceOf(RuntimeException.class);
        assertThat(connection.settled()).isEmpty();

        listener.channel().trySend("second");
        assertThat(connection.settled()).isEqualTo(CHUNKED + "6\r\nsecond\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {32 * 1024, 32 * 1024 + 1, 64 * 1024, 64 * 1024 + 1})
    void sendsAFirstPieceOfAnyLength(int length) {
        open();
        listener.channel().trySend("x".repeat(length), false, this::tell);
        listener.channel().trySend("y".repeat(length), true, this::tell);

        String size = Integer.toHexString(length) + "\r\n";
        assertThat(connection.settled())
                .isEqualTo(CHUNKED + size + "x".repeat(length) + "\r\n" + size + "y".repeat(length) + "\r\n0\r\n\r\n");
        assertThat(sent).containsExactly("sent", "sent");
        assertThat(connection.seen.finished.get(0).responseBodyBytes()).isEqualTo(2L * length);
    }

    @Test
    void sendsOneMessageToManyInOneForm() {
        open();
        listener.channel().trySend("begun");
        connection.settled();
        listener.channel().trySend(Message.text("a").forMany());
        listener.channel().trySend(Message.text("").forMany());
        listener.channel().sendEvent(Event.of("b"));

        assertThat(connection.take()).isEqualTo("1\r\na\r\n9\r\ndata: b\n\n\r\n");
        assertThat(connection.settled()).isEmpty();
        listener.channel().trySend(Message.text("c").forMany());
        assertThat(connection.take()).isEmpty();
        assertThat(connection.settled()).isEqualTo("1\r\nc\r\n");
    }

    @Test
    void compressesOneMessageToManyForEachClient() throws IOException {
        serving(server -> server.compression(Compression.on()));
        connection.ask(GET.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n"));
        listener.channel().trySend("begun ");
        String all = connection.settled();
        listener.channel().trySend(Message.text("shared ").forMany());
        listener.channel().trySend(Message.text("again").forMany(), true, this::tell);
        all += connection.settled();

        assertThat(gunzipped(unchunked(all.substring(all.indexOf("\r\n\r\n") + 4))))
                .isEqualTo("begun shared again");
    }

    @Test
    void sendsAFileInPieces(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "content");
        open();
        listener.channel().trySend(file, false, this::tell);

        assertThat(connection.settled()).isEqualTo(CHUNKED + "7\r\ncontent\r\n");
        assertThat(sent).containsExactly("sent");
    }

    @Test
    void endsAStreamAtTheStopThatBeganWhileItOpened() {
        listener.whenOpen = channel -> channel.send("begun", false);
        connection.send(GET);
        connection.context.stop();
        connection.loop.run(connection.link::stopping);

        assertThat(connection.settled()).endsWith("5\r\nbegun\r\n0\r\n\r\n");
        assertThat(listener.take()).containsExactly("open", "close 0 SERVER_STOP");
    }

    @Test
    void tellsTheListenerOfAFailureBehindAStreamAsItsEnd() {
        open();
        listener.channel().trySend(new ByteArrayInputStream(new byte[] {'a'}), false, this::tell);
        listener.whenText = (channel, text) -> {};
        connection.loop.run(() -> connection.link.protocol().onDrained());
        connection.settle();

        assertThat(listener.take()).containsExactly("drain");
    }

    @Test
    void cutsAStreamWhoseListenerFailsWhileItIsPulled() {
        listener.whenOpen = channel -> {
            channel.trySend(new ByteArrayInputStream(new byte[] {'a'}), false, this::tell);
            throw new IllegalStateException("broken");
        };
        connection.send(GET);
        connection.settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(listener.take()).containsExactly("open", "close 0 HANDLER_ERROR");
        assertThat(sent).hasSize(1).first().asString().contains("closed meanwhile");
    }
}
