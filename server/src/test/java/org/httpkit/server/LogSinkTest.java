package org.httpkit.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LogSinkTest {
    private static final DrainReport REPORT = new DrainReport(0, 0);

    @TempDir
    Path folder;

    /** A stream that takes nothing before it is opened: a pipe whose reader sleeps. */
    private static final class Pipe extends OutputStream {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            entered.countDown();
            try {
                if (!open.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("Nobody has opened the pipe");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.write(bytes, offset, count);
        }

        List<String> lines() {
            return taken.toString(UTF_8).lines().toList();
        }
    }

    /** Closes it until its thread has ended: a call waits a second at most, which a busy machine may need. */
    private static void closeAtLast(LogSink sink) {
        for (int i = 0; i < 20; i++) {
            sink.close();
        }
    }

    @Test
    void writesTheLinesInOrder() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> lines = new ArrayList<>();
        LogSink sink = LogSink.to(out);
        for (int i = 0; i < 10_000; i++) {
            lines.add("line " + i + " é");
            sink.accept(lines.get(i));
        }
        closeAtLast(sink);

        assertThat(out.toString(UTF_8).lines()).containsExactlyElementsOf(lines);
    }

    @Test
    void neverWaitsForAReaderThatSleepsAndTellsHowManyLinesWereDropped() throws Exception {
        Pipe pipe = new Pipe();
        LogSink sink = LogSink.to(pipe);
        sink.accept("first");
        assertThat(pipe.entered.await(10, TimeUnit.SECONDS)).isTrue();
        String large = "x".repeat(1000);
        int given = 1;
        for (; sink.dropped() < 7; given++) {
            sink.accept(large);
        }
        pipe.open.countDown();
        closeAtLast(sink);
        sink.accept("last");
        closeAtLast(sink);

        List<String> lines = pipe.lines();
        assertThat(lines.get(0)).isEqualTo("first");
        assertThat(lines).filteredOn(large::equals).hasSize(given - 1 - 7).hasSizeGreaterThan(3000);
        assertThat(lines.subList(lines.size() - 2, lines.size())).containsExactly("# 7 lines dropped", "last");
        assertThat(sink.dropped()).isEqualTo(7);
    }

    @Test
    void closingDoesNotWaitForEver() throws Exception {
        Pipe pipe = new Pipe();
        LogSink sink = LogSink.to(pipe);
        sink.accept("first");
        pipe.entered.await();

        sink.close();

        assertThat(pipe.lines()).isEmpty();
        pipe.open.countDown();
        closeAtLast(sink);
        assertThat(pipe.lines()).containsExactly("first");
    }

    @Test
    void leavesNoThreadBehind() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (LogSink sink = LogSink.to(new ByteArrayOutputStream())) {
            sink.accept("line");
        }

        Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().equals("httpkit-log") && !before.contains(thread)));
    }

    @Test
    void appendsToAFileAndOpensItAgainByItsNameAfterAClose() throws Exception {
        Path file = Files.writeString(folder.resolve("access.log"), "before\n");
        LogSink sink = LogSink.to(file);
        sink.accept("one");
        closeAtLast(sink);
        Files.move(file, folder.resolve("access.log.1"));
        sink.accept("two");
        closeAtLast(sink);

        assertThat(folder.resolve("access.log.1")).hasContent("before\none\n");
        assertThat(file).hasContent("two\n");
    }

    @Test
    void aFileThatCannotBeOpenedIsToldAtOnce() {
        assertThatIOException().isThrownBy(() -> LogSink.to(folder.resolve("none/access.log")));
    }

    @Test
    void writesOnAfterAnError() {
        AtomicInteger errors = new AtomicInteger(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LogSink sink = LogSink.to(new OutputStream() {
            @Override
            public void write(int b) {
                if (errors.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("on purpose");
                }
                written.write(b);
            }
        });
        sink.accept("lost");
        while (sink.dropped() < 1) {
            Thread.onSpinWait();
        }
        sink.accept("next");
        sink.close();
        closeAtLast(sink);
        assertThat(written.toString(UTF_8)).contains("next");
    }

    @Test
    void linesThatCannotBeWrittenCountAsDropped() {
        LogSink sink = LogSink.to(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("the disk is full");
            }
        });
        sink.accept("one");
        sink.accept("two");
        while (sink.dropped() < 2) {
            Thread.onSpinWait();
        }
        assertThat(sink.dropped()).isEqualTo(2);
        sink.close();
    }

    @Test
    void anAccessLogHasAllLinesWrittenWhenTheServerHasStopped() throws Exception {
        Path file = folder.resolve("access.log");
        LogSink sink = LogSink.to(file);
        AccessLog log = AccessLog.common(sink);
        sink.accept("line");

        log.drainEnded(REPORT);

        assertThat(file).hasContent("line\n");
    }
}
