package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Segment;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.internal.representation.MultipartRanges;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testing.SeenEvents;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How bodies are cut into parts on their way, and who waits for the next part. */
final class BodyPartsTest {
    private final FakeStream stream = new FakeStream();
    private final SeenEvents seen = new SeenEvents();

    private Exchange exchange() {
        ServerContext context = ServerContext.of(
                HttpServer.builder()
                        .handler(request -> Response.of(200))
                        .dispatch(Dispatch.WORKER)
                        .observer(seen)
                        .options(),
                Runnable::run,
                seen);
        RequestHead head = RequestHead.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Exchange(stream, context, new Link(new FakeLoop(), new FakeWire()), head, 0);
    }

    private void respond(Response response) {
        exchange().respond(response);
    }

    // ---- written

    @Test
    void gathersEightKibibytesOfWhatIsWritten() {
        respond(Response.stream(out -> {
            out.write(new byte[4096]);
            out.write(new byte[4096]);
            assertThat(stream.calls).isEmpty();
            out.write('x');
            assertThat(stream.calls).containsExactly("begin 200 of -1 8192 bytes");
        }));

        assertThat(stream.calls).containsExactly("begin 200 of -1 8192 bytes", "data x", "end", "over");
    }

    @Test
    void sendsWhatIsLongerThanThatAtOnceBehindWhatWasGathered() {
        respond(Response.stream(out -> {
            out.write('x');
            out.write(new byte[8194], 1, 8193);
            assertThat(stream.calls).containsExactly("begin 200 of -1 x", "data 8193 bytes");
        }));

        assertThat(stream.calls).containsExactly("begin 200 of -1 x", "data 8193 bytes", "end", "over");
        assertThat(seen.finished.get(0).responseBodyBytes()).isEqualTo(8194);
    }

    @Test
    void sendsEightKibibytesWithTheHeadIfThatIsAll() {
        respond(Response.stream(out -> out.write(new byte[8192])));

        assertThat(stream.calls).containsExactly("begin 200 of 8192 8192 bytes", "end", "over");
    }

    @Test
    void cutsWhatIsLongerThanAPieceFromItsOffsetOn() {
        byte[] bytes = new byte[1 + 48 * 1024 + 1];
        bytes[0] = 'a';
        bytes[1] = 'b';
        bytes[bytes.length - 1] = 'c';
        respond(Response.stream(out -> out.write(bytes, 1, bytes.length - 1)));

        assertThat(stream.calls).containsExactly("begin 200 of -1 49152 bytes", "data c", "end", "over");
        assertThat(stream.content.toByteArray()).startsWith('b').hasSize(48 * 1024 + 1);
    }

    @Test
    void sendsOnePieceWhole() {
        respond(Response.stream(out -> out.write(new byte[48 * 1024])));

        assertThat(stream.calls).containsExactly("begin 200 of -1 49152 bytes", "end", "over");
    }

    @Test
    void takesNothingForAResponseThatIsComplete() {
        List<OutputStream> kept = new ArrayList<>();
        respond(Response.stream(kept::add));

        assertThatIOException()
                .isThrownBy(() -> kept.get(0).write(new byte[9000]))
                .withMessage("The response is over");
        assertThatThrownBy(() -> kept.get(0).write(new byte[2], 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(stream.calls).containsExactly("begin 200 of 0", "end", "over");
    }

    @Test
    void takesNothingForAResponseThatHasFailed() {
        List<OutputStream> kept = new ArrayList<>();
        respond(Response.stream(out -> {
            kept.add(out);
            throw new IOException("failed");
        }));
        stream.calls.clear();

        for (int bytes : new int[] {1, 9000}) {
            assertThatIOException()
                    .isThrownBy(() -> kept.get(0).write(new byte[bytes]))
                    .withMessage("The response is over");
        }
        assertThat(stream.calls).isEmpty();
    }

    @Test
    void sendsTrailersBehindContentWhoseLengthTheyWouldHide() {
        respond(Response.stream(out -> out.write('a')).trailers(Headers.of("Sum", "1")));

        assertThat(stream.calls).first().isEqualTo("begin 200 of -1 a");
        assertThat(stream.calls).element(1).asString().startsWith("end ").contains("Sum");
    }

    // ---- ranges

    @Test
    void gathersSmallRangesUpToThirtyTwoKibibytes() {
        PartsOutput parts = new PartsOutput(stream, Response.of(206), 40_000);
        parts.add(new byte[32 * 1024 - 1]);
        assertThat(stream.calls).isEmpty();
        assertThat(parts.isBegun()).isFalse();
        parts.add(new byte[1]);
        assertThat(stream.calls).containsExactly("begin 206 of 40000 32768 bytes");
        assertThat(parts.isBegun()).isTrue();
        parts.add(new byte[] {'x'});
        parts.add(new BytesSegment(new byte[100], 0, 100));
        parts.end();

        assertThat(stream.calls).containsExactly("begin 206 of 40000 32768 bytes", "data x", "large 100", "end");
    }

    @Test
    void closesAFileWhenItsLastPartHasLeft(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[] {1, 2, 3, 4, 5});
        FileChannel file = FileChannel.open(path);
        Content content = new Content.OfFile(path, file, 5, fault -> {});
        Segment first = content.segment(0, 2);
        Segment second = content.segment(2, 3);
        assertThat(content.copyOf(1, 2)).containsExactly(2, 3);

        first.settle(null);
        content.release();
        assertThat(file.isOpen()).isTrue();
        second.settle(null);
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void closesAFileOfWhichNothingIsSent(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[5]);
        FileChannel file = FileChannel.open(path);
        new Content.OfFile(path, file, 5, fault -> {}).release();

        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void copiesNoFileThatWasCutMeanwhile(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[] {1, 2, 3});
        try (FileChannel file = FileChannel.open(path)) {
            Content content = new Content.OfFile(path, file, 5, fault -> {});
            byte[] into = new byte[4];
            content.copy(1, 2, into, 1);

            assertThat(into).containsExactly(0, 2, 3, 0);
            assertThatIOException()
                    .isThrownBy(() -> content.copyOf(1, 4))
                    .withMessageEndingWith("was cut off before byte 5 was read");
        }
    }

    /** Content of which nothing can be read. */
    private static final class Unreadable implements Content {
        private boolean isReleased;

        @Override
        public long length() {
            return 100_000;
        }

        @Override
        public int copiedBytes() {
            return 1000;
        }

        @Override
        public void copy(long from, int count, byte[] into, int at) throws IOException {
            throw new IOException("It was cut off");
        }

        @Override
        public Segment segment(long from, long count) {
            return new BytesSegment(new byte[(int) count], 0, (int) count);
        }

        @Override
        public void release() {
            isReleased = true;
        }
    }

    @Test
    void releasesAContentOfWhichALaterRangeCannotBeRead() throws IOException {
        Unreadable content = new Unreadable();
        List<ByteRange> ranges = List.of(new ByteRange(0, 9_999), new ByteRange(20_000, 20_009));
        MultipartRanges layout = new MultipartRanges("boundary", null, ranges, content.length());
        new ResponseWriter(exchange(), stream).writeParts(Response.of(206), content, layout);

        assertThat(stream.calls).contains("large 10000").last().asString().startsWith("abort: ");
        assertThat(content.isReleased).isTrue();
    }

    @Test
    void takesPartsOfWhatABufferHasLeft() throws IOException {
        byte[] bytes = {0, 0, 1, 2, 3, 4, 0};
        for (ByteBuffer buffer : List.of(
                ByteBuffer.wrap(bytes, 1, 6).slice().position(1).limit(5),
                ByteBuffer.allocateDirect(7).put(bytes).position(2).limit(6))) {
            Content content = new Content.OfBuffer(buffer);
            ByteBuffer read = ByteBuffer.allocate(9);
            content.segment(1, 2).read(read);

            assertThat(content.length()).isEqualTo(4);
            assertThat(content.copyOf(1, 3)).containsExactly(2, 3, 4);
            assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
        }
    }

    // ---- pushed

    @Test
    void flushesNothingAfterTheEndOfALongOrAShortBody() throws IOException {
        for (int length : new int[] {1, 9000}) {
            OutputStream pushed = exchange().beginResponse(Response.of(200), -1);
            pushed.write(new byte[length]);
            pushed.close();
            pushed.flush(); // as a writer around it does when it is closed
        }

        assertThat(stream.calls).filteredOn("over"::equals).hasSize(2);
        assertThat(seen.take()).noneMatch(event -> event.startsWith("handler failed"));
    }

    // ---- read while they come

    /** A lock whose waiting threads run what others do meanwhile, and have to be woken then. */
    private static final class PlayedLock implements Lock, Condition {
        final ArrayDeque<Runnable> meanwhile = new ArrayDeque<>();
        private int signals;
        private int held;

        @Override
        public void lock() {
            held++;
        }

        @Override
        public void unlock() {
            held--;
        }

        @Override
        public Condition newCondition() {
            return this;
        }

        @Override
        public void await() {
            if (held != 1) {
                throw new AssertionError("It waits without the lock");
            }
            int before = signals;
            held = 0;
            meanwhile.remove().run();
            if (held != 0 || signals == before) {
                throw new AssertionError("Nobody wakes the reader, or somebody keeps the lock");
            }
            held = 1;
        }

        @Override
        public void signal() {
            signals++;
        }

        @Override
        public void signalAll() {
            signals++;
        }

        @Override
        public void lockInterruptibly() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean tryLock() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void awaitUninterruptibly() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long awaitNanos(long nanosTimeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean await(long time, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean awaitUntil(Date deadline) {
            throw new UnsupportedOperationException();
        }
    }

    private final PlayedLock lock = new PlayedLock();
    private final StreamedBody body = streamed(lock);

    private static StreamedBody streamed(Lock lock) {
        return new StreamedBody(lock, () -> {}, () -> {}, wait -> {}, -1, 3, Headers.empty(), false);
    }

    private void offer(String text) {
        body.offer(text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
    }

    @Test
    void wakesItsReaderForBytesAndForTheEnd() throws IOException {
        List<Boolean> wanted = new ArrayList<>();
        lock.meanwhile.add(() -> offer("")); // nothing, for which it waits on
        lock.meanwhile.add(() -> {
            wanted.add(body.wantsMore());
            offer("ab");
        });
        lock.meanwhile.add(() -> body.end(Headers.of("Sum", "2")));

        assertThat(body.readAllBytes()).containsExactly('a', 'b');
        assertThat(wanted).containsExactly(true);
        assertThat(body.wantsMore()).isFalse();
        assertThat(body.trailers().first("Sum")).isEqualTo("2");
    }

    @Test
    void wakesItsReaderForEachFailure() {
        lock.meanwhile.add(() -> body.fail(new IOException("gone")));
        assertThatIOException().isThrownBy(body::read).withMessage("gone");

        PlayedLock second = new PlayedLock();
        StreamedBody dropped = streamed(second);
        second.meanwhile.add(dropped::discard);
        assertThatIOException().isThrownBy(dropped::read).withMessageContaining("dropped");

        PlayedLock third = new PlayedLock();
        StreamedBody large = streamed(third);
        third.meanwhile.add(() -> large.offer(new byte[4], 0, 4));
        assertThatIOException().isThrownBy(large::read).withMessageContaining("larger than the 3 bytes");
    }

    @Test
    void neverKeepsItsLock() throws IOException {
        ReentrantLock real = new ReentrantLock();
        StreamedBody locked = streamed(real);
        List<Runnable> calls = List.of(
                () -> locked.offer(new byte[2], 0, 2),
                locked::heldBytes,
                locked::wantsMore,
                locked::available,
                locked::isComplete,
                () -> locked.end(Headers.empty()),
                locked::trailers,
                locked::discard);
        for (Runnable call : calls) {
            call.run();
            assertThat(real.isLocked()).isFalse();
        }
        assertThatIOException().isThrownBy(locked::read);
        assertThat(real.isLocked()).isFalse();
    }
}
