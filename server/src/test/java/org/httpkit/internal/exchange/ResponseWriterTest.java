package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an exchange has its stream do for each kind of response. */
final class ResponseWriterTest {
    private final FakeStream stream = new FakeStream();
    private final FakeLoop loop = new FakeLoop();
    private final List<String> failures = new ArrayList<>();
    private boolean workerIsFull;
    private final Exchange exchange = exchange();

    private Exchange exchange() {
        ServerObserver observer = new ServerObserver() {
            @Override
            public void handlerFailed(Request request, Throwable failure) {
                failures.add(String.valueOf(failure.getMessage()));
            }
        };
        ServerOptions options = HttpServer.builder()
                .dispatch(Dispatch.WORKER)
                .observer(observer)
                .handler(request -> Response.of(200))
                .options();
        ServerContext context = ServerContext.of(
                options,
                task -> {
                    if (workerIsFull) {
                        throw new java.util.concurrent.RejectedExecutionException("full");
                    }
                    task.run();
                },
                observer);
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Exchange(stream, context, new Link(loop, new FakeWire()), head, 0);
    }

    private void respond(Response response) {
        exchange.respond(response);
        loop.runBlockingTasks();
    }

    @Test
    void sendsSmallContentWithItsHead() {
        respond(Response.text("hello"));

        assertThat(stream.calls).containsExactly("whole 200 of 5 hello", "over");
    }

    @Test
    void sendsLargeContentBehindItsHeadWithoutACopy() {
        respond(Response.bytes(new byte[32 * 1024 + 1]));

        assertThat(stream.calls).containsExactly("whole 200 of 32769 and 32769 bytes behind", "over");
    }

    @Test
    void sendsContentOf32KiBWithItsHead() {
        respond(Response.bytes(new byte[32 * 1024]));

        assertThat(stream.calls).containsExactly("whole 200 of 32768 32768 bytes", "over");
    }

    @Test
    void copiesABufferOnlyIfItIsSmall() {
        respond(Response.bytes(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII))));

        assertThat(stream.calls).containsExactly("whole 200 of 5 hello", "over");
    }

    @Test
    void sendsALargeBufferBehindTheHead() {
        respond(Response.bytes(ByteBuffer.allocateDirect(50_000)));

        assertThat(stream.calls).containsExactly("whole 200 of 50000 and 50000 bytes behind", "over");
    }

    @Test
    void answersNullWith404() {
        exchange.respond(null);

        assertThat(stream.calls).containsExactly("whole 404 of 0", "over");
    }

    @Test
    void sendsNoSecondResponseIfSomethingFailsBehindTheFirst() {
        exchange.beforeEnd(failure -> {
            throw new IllegalStateException("behind it");
        });
        respond(Response.text("hello"));

        assertThat(stream.calls).startsWith("whole 200 of 5 hello").noneMatch(call -> call.startsWith("whole 500"));
        assertThat(failures).containsExactly("behind it");
    }

    @Test
    void answersOnlyOnce() {
        respond(Response.text("first"));
        respond(Response.text("second"));

        assertThat(stream.calls).containsExactly("whole 200 of 5 first", "over");
    }

    @Test
    void sendsASmallFileWhole(@TempDir Path folder) throws IOException {
        respond(Response.file(Files.writeString(folder.resolve("a"), "content")));

        assertThat(stream.calls).containsExactly("whole 200 of 7 content", "over");
    }

    @Test
    void leavesALargeFileInItsPlace(@TempDir Path folder) throws IOException {
        respond(Response.file(Files.write(folder.resolve("a"), new byte[200_000])));

        assertThat(stream.calls).containsExactly("whole 200 of 200000 and 200000 bytes behind", "over");
    }

    @Test
    void tellsTheLengthOfALargeFileThatIsNotSent(@TempDir Path folder) throws IOException {
        stream.takesContent = false;

        respond(Response.file(Files.write(folder.resolve("a"), new byte[200_000])));

        assertThat(stream.calls).containsExactly("whole 200 of 200000", "over");
    }

    @Test
    void leavesARangeOfALargeFileInItsPlace(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[200_000]);

        respond("Range: bytes=100000-", Response.file(file));

        assertThat(stream.calls).containsExactly("whole 206 of 100000 and 100000 bytes behind", "over");
    }

    @Test
    void sendsAShortRangeOfALargeFileWithItsHead(@TempDir Path folder) throws IOException {
        byte[] bytes = new byte[200_000];
        bytes[150_000] = 'x';
        bytes[150_001] = 'y';
        Path file = Files.write(folder.resolve("a"), bytes);

        respond("Range: bytes=150000-150001", Response.file(file));

        assertThat(stream.calls).containsExactly("whole 206 of 2 xy", "over");
    }

    @Test
    void sendsSmallRangesTogetherAndLargeOnesFromTheirPlace(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), new byte[200_000]);

        respond("Range: bytes=0-1,3-4,100000-", Response.file(file));

        assertThat(stream.calls)
                .satisfiesExactly(
                        begin -> assertThat(begin).matches("begin 206 of 100\\d{3} \\d{3} bytes"),
                        large -> assertThat(large).isEqualTo("large 100000"),
                        end -> assertThat(end).startsWith("data "),
                        end -> assertThat(end).isEqualTo("end"),
                        over -> assertThat(over).isEqualTo("over"));
    }

    @Test
    void sendsNothingBehindRangesOfWhichOneFails(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), new byte[200_000]);
        stream.largeFails = true;

        respond("Range: bytes=0-1,3-4,100000-", Response.file(file));

        assertThat(stream.calls)
                .satisfiesExactly(begin -> assertThat(begin).startsWith("begin 206"), end -> assertThat(end)
                        .startsWith("abort"));
    }

    @Test
    void readsARangeOfAStreamThatKnowsItsLength() {
        InputStream content = new ByteArrayInputStream("abcdef".getBytes(StandardCharsets.US_ASCII));

        respond("Range: bytes=2-3", Response.stream(content, 6).header("ETag", "\"1\""));

        assertThat(stream.calls).containsExactly("begin 206 of 2 cd", "end", "over");
    }

    @Test
    void closesAStreamThatIsNotModified() {
        ClosedStream content = new ClosedStream();

        respond("If-None-Match: \"1\"", Response.stream(content, 3).header("ETag", "\"1\""));

        assertThat(stream.calls).containsExactly("whole 304 of 0", "over");
        assertThat(content.closed).isTrue();
    }

    private void respond(String field, Response response) {
        String text = "GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n";
        RequestHead head = RequestHead.of(text.getBytes(StandardCharsets.US_ASCII));
        new Exchange(stream, exchange.context(), exchange.link, head, 0).respond(response);
        loop.runBlockingTasks();
    }

    @Test
    void answersAMissingFileWith404(@TempDir Path folder) {
        respond(Response.file(folder.resolve("none")));

        assertThat(stream.calls).containsExactly("whole 404 of 0", "over");
    }

    @Test
    void knowsTheLengthOfAStreamThatIsShort() {
        respond(Response.stream(out -> out.write("short".getBytes(StandardCharsets.US_ASCII))));

        assertThat(stream.calls).containsExactly("begin 200 of 5 short", "end", "over");
    }

    @Test
    void sendsAStreamPieceByPiece() {
        respond(Response.stream(out -> {
            out.write('a');
            out.flush();
            out.write('b');
            out.flush();
        }));

        assertThat(stream.calls).containsExactly("begin 200 of -1 a", "data b", "end", "over");
    }

    @Test
    void cutsLongPieces() {
        respond(Response.stream(out -> out.write(new byte[100_000])));

        assertThat(stream.calls)
                .containsExactly("begin 200 of -1 49152 bytes", "data 49152 bytes", "data 1696 bytes", "end", "over");
    }

    @Test
    void pullsNothingOutOfAStreamWhoseContentIsNotSent() {
        stream.takesContent = false;
        ClosedStream content = new ClosedStream();

        respond(Response.stream(content, 3));

        assertThat(stream.calls).containsExactly("begin 200 of 3", "end", "over");
        assertThat(content.closed).isTrue();
    }

    private static final class ClosedStream extends ByteArrayInputStream {
        boolean closed;

        ClosedStream() {
            super(new byte[3]);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void answers500IfAStreamFailsBeforeItsFirstByte() {
        respond(Response.stream(out -> {
            throw new IOException("disk on fire");
        }));

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
        assertThat(failures).containsExactly("disk on fire");
    }

    @Test
    void abortsIfAStreamFailsAfterItsFirstByte() {
        respond(Response.stream(out -> {
            out.write('a');
            out.flush();
            throw new IOException("disk on fire");
        }));

        assertThat(stream.calls).containsExactly("begin 200 of -1 a", "abort: The response could not be completed");
        assertThat(failures).containsExactly("disk on fire");
    }

    @Test
    void abortsIfLessComesThanWasDeclared() {
        respond(Response.stream(new ByteArrayInputStream(new byte[2]), 3));

        assertThat(stream.calls).last().isEqualTo("abort: The response could not be completed");
    }

    @Test
    void sendsNoMoreThanWasDeclared() {
        InputStream content = new ByteArrayInputStream("abcdef".getBytes(StandardCharsets.US_ASCII));

        respond(Response.stream(content, 3));

        assertThat(stream.calls).containsExactly("begin 200 of 3 abc", "end", "over");
    }

    @Test
    void blamesNobodyIfTheClientHasGone() {
        stream.closed = true;

        respond(Response.stream(out -> out.write(new byte[100_000])));

        assertThat(stream.calls).containsExactly("begin 200 of -1 49152 bytes", "abort: The client has gone");
        assertThat(failures).isEmpty();
    }

    @Test
    void answers500IfAFieldCannotBeWritten() {
        respond(Response.stream(out -> out.write('a')).header("Unwritable", "x"));

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
    }

    @Test
    void answers503IfTheWorkerHasNoRoom() {
        workerIsFull = true;
        ClosedStream content = new ClosedStream();

        respond(Response.stream(content, 3));

        assertThat(stream.calls).hasSize(2).first().asString().startsWith("whole 503");
        assertThat(content.closed).isTrue();
    }

    @Test
    void sendsNoHintsAfterTheAnswer() {
        exchange.sendEarlyHints(org.httpkit.http.Headers.empty());
        respond(Response.of(204));
        exchange.sendEarlyHints(org.httpkit.http.Headers.empty());

        assertThat(stream.calls).containsExactly("interim 103", "whole 204 of 0", "over");
    }

    @Test
    void sendsTheHintsThatCameBeforeTheAnswerIfTheirTurnComesLater() {
        stream.interims = new ArrayList<>();

        exchange.sendEarlyHints(org.httpkit.http.Headers.empty());
        respond(Response.of(204));

        assertThat(stream.interims).singleElement().matches(BooleanSupplier::getAsBoolean, "wanted");
    }

    @Test
    void sendsNoHintsThatTheAnswerMayHaveOvertaken() {
        stream.interims = new ArrayList<>() {
            @Override
            public boolean add(BooleanSupplier wanted) {
                respond(Response.of(204)); // while the hints are handed over
                return super.add(wanted);
            }
        };

        exchange.sendEarlyHints(org.httpkit.http.Headers.empty());

        assertThat(stream.interims).singleElement().matches(wanted -> !wanted.getAsBoolean(), "no longer wanted");
    }

    @Test
    void tellsARequestForAWebSocketFromOthers() {
        assertThat(asks("GET", "Upgrade: websocket")).isTrue();
        assertThat(asks("GET", "Upgrade: h2c, WebSocket")).isTrue();
        assertThat(asks("POST", "Upgrade: websocket")).isFalse();
        assertThat(asks("GET", "Upgrade: h2c")).isFalse();
    }

    private boolean asks(String method, String field) {
        String text = method + " / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n";
        RequestHead head = RequestHead.of(text.getBytes(StandardCharsets.US_ASCII));
        return new Exchange(stream, exchange.context(), exchange.link, head, 0).isWebSocketUpgrade();
    }
}
