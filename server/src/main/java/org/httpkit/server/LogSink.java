package org.httpkit.server;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes log lines without waiting, and writes them in its own thread. Observers need it because they run on event
 * loops: a pipe that nobody reads or a disk that stalls holds up the sink's thread, but no loop. Safe from any
 * thread.
 *
 * <p>At most 4 Mi characters wait to be written. The sink drops a line that does not fit, and the log says at that
 * place how many it dropped: {@code # 815 lines dropped}. It also drops and counts lines that it cannot write, and
 * logs a warning to the logger of {@link ServerObserver}, every ten seconds at most.
 *
 * <p>The thread is a daemon. It starts with a line, and ends when no line has come for ten seconds. It then closes a
 * file, and opens it again by name for the next line. An {@link AccessLog} closes its sink when the server has
 * stopped.
 */
public final class LogSink implements Consumer<String>, AutoCloseable {
    private static final long MAX_WAITING_CHARS = 4L << 20;
    /** What a line takes beside its characters. */
    private static final int LINE_CHARS = 32;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final long IDLE_NANOS = 10_000_000_000L;
    /** How long to leave alone what could not be written to. */
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private static final Duration CLOSING = Duration.ofSeconds(1);

    /** Opens what is written to. */
    private interface Target {
        OutputStream open() throws IOException;
    }

    private final Target target;
    private final ConcurrentLinkedQueue<Object> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingChars = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    /** How many of those the log has not told of. */
    private final AtomicLong untold = new AtomicLong();
    /** Whether there is a thread, or one is being started. */
    private final AtomicBoolean writing = new AtomicBoolean();

    private volatile @Nullable Thread writer;
    /** Whether the thread is about to sleep, or sleeps. */
    private volatile boolean asleep;
    /** Whether the thread is to end as soon as nothing waits. */
    private volatile boolean closing;

    // Confined to the sink's thread. A later thread takes them over from the one before.
    /** Lines that may not have left yet. */
    private long unflushed;
    /** How many dropped lines are reported by notices that may not have left yet. */
    private long telling;

    /** Marks the place where lines were dropped. If a notice itself is dropped, the next one includes its count. */
    private record Notice(long lines) {
        @Override
        public String toString() {
            return "# " + lines + " lines dropped";
        }
    }

    private LogSink(Target target) {
        this.target = target;
    }

    /**
     * Writes lines to a stream as UTF-8, for example to {@code System.out}. The sink flushes the stream and never
     * closes it.
     */
    public static LogSink to(OutputStream stream) {
        OutputStream open = new FilterOutputStream(Objects.requireNonNull(stream, "stream")) {
            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                out.write(bytes, offset, count);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
        return new LogSink(() -> open);
    }

    /**
     * Appends lines to a file as UTF-8, and creates the file if it is missing.
     *
     * @throws IOException if the file cannot be opened now. If opening fails later, the sink drops lines
     */
    public static LogSink to(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        Target target = () -> Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        target.open().close();
        return new LogSink(target);
    }

    /** Takes a line, without a line end. Never blocks. */
    @Override
    public void accept(String line) {
        int chars = line.length() + LINE_CHARS;
        if (waitingChars.addAndGet(chars) > MAX_WAITING_CHARS) {
            waitingChars.addAndGet(-chars);
            drop(1);
            return;
        }
        if (untold.get() > 0) {
            tellDropped();
        }
        waiting.add(line);
        if (!writing.get()) {
            startWriter();
        } else if (asleep) {
            LockSupport.unpark(writer);
        }
    }

    /** How many lines the sink has dropped so far, because they did not fit or could not be written. */
    public long dropped() {
        return dropped.get();
    }

    /**
     * Writes everything that waits, ends the thread and closes a file. Waits for that, a second at most. The next
     * line starts the sink again, so this method also reopens a file that was renamed.
     */
    @Override
    public void close() {
        Thread last = writer;
        if (last == null || last.equals(Thread.currentThread())) {
            return;
        }
        closing = true;
        LockSupport.unpark(last);
        try {
            last.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing = false;
        }
    }

    private void drop(long lines) {
        dropped.addAndGet(lines);
        untold.addAndGet(lines);
    }

    private void tellDropped() {
        long lines = untold.getAndSet(0);
        if (lines > 0) {
            waitingChars.addAndGet(LINE_CHARS);
            waiting.add(new Notice(lines));
        }
    }

    private void startWriter() {
        if (writing.compareAndSet(false, true)) {
            try {
                Thread next = new Thread(this::write, "httpkit-log");
                next.setDaemon(true);
                writer = next;
                next.start();
            } catch (Error e) { // the system gives no more threads: a later line tries again
                writer = null;
                writing.set(false);
            }
        }
    }

    // ---- the thread

    private void write() {
        do {
            try (OutputStream out = new BufferedOutputStream(target.open(), BUFFER_BYTES)) {
                writeTo(out);
            } catch (Throwable e) { // an Error, too: lines would wait for this thread for ever
                failed(e);
            } finally {
                writer = null;
                writing.set(false);
            }
            // A line may have come after this thread last looked, from a caller that still saw it running.
        } while (!waiting.isEmpty() && writing.compareAndSet(false, true) && becomesWriter());
    }

    private boolean becomesWriter() {
        writer = Thread.currentThread();
        return true;
    }

    private void writeTo(OutputStream out) throws IOException {
        while (true) {
            for (Object next = waiting.poll(); next != null; next = waiting.poll()) {
                if (next instanceof Notice notice) {
                    telling += notice.lines;
                    waitingChars.addAndGet(-LINE_CHARS);
                } else {
                    unflushed++;
                    waitingChars.addAndGet(-(next.toString().length() + LINE_CHARS));
                }
                out.write(next.toString().getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            }
            out.flush();
            unflushed = 0;
            telling = 0;
            tellDropped();
            if (!awaitLine()) {
                return;
            }
        }
    }

    /** False if the thread is to end. */
    private boolean awaitLine() {
        long begun = System.nanoTime();
        asleep = true;
        try {
            while (waiting.isEmpty()) {
                long left = begun + IDLE_NANOS - System.nanoTime();
                if (closing || left <= 0) {
                    return false;
                }
                LockSupport.parkNanos(this, left);
            }
            return true;
        } finally {
            asleep = false;
        }
    }

    private void failed(Throwable failure) {
        drop(unflushed);
        untold.addAndGet(telling);
        unflushed = 0;
        telling = 0;
        ServerLog.LOG_LOST.log(() -> "Lines of a log could not be written: " + failure);
        for (long end = System.nanoTime() + PAUSE_NANOS, left = PAUSE_NANOS; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }
}
