package org.httpkit.web;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.server.LogSink;
import org.jspecify.annotations.Nullable;

/**
 * A log file that rotates when it is long: {@code access.log} becomes {@code access.log.1}, that {@code
 * access.log.2}, and so on. Lines never wait for it: they go through {@link #sink}. Safe from any thread.
 *
 * <pre>{@code
 * LogFile file = LogFile.at(Path.of("access.log"), 100 << 20, 9);
 * HttpServer.builder().observer(AccessLog.combined(file.sink()))
 * }</pre>
 *
 * <p>The file rotates between two lines. If that fails, all files stay as they are, lines go on into the current one, and
 * a line tries again after ten seconds or {@link #reopen}. For a moment, or if it fails half-way, the youngest of the old
 * files is {@code access.log.0}.
 */
public final class LogFile implements AutoCloseable {
    private final Path file;
    private final long maxBytes;
    private final Output output;
    private final LogSink sink;

    /** Set by any thread, read by the sink's. */
    private volatile boolean wantsRotation;

    private volatile boolean wantsReopening;

    private LogFile(Path file, long maxBytes, int kept) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.output = new Output(new OldLogs(file, kept));
        this.sink = LogSink.to(output);
    }

    /**
     * Appends to a file, which is created if it is missing.
     *
     * @param maxBytes how long the file gets before it rotates, 1 or more; a longer line is not cut
     * @param kept how many old files are kept, 0 to 1000; the oldest is removed
     * @throws IllegalArgumentException if {@code maxBytes} is below 1, or {@code kept} out of range
     * @throws IOException if the file cannot be opened now
     */
    public static LogFile at(Path file, long maxBytes, int kept) throws IOException {
        if (maxBytes < 1 || kept < 0 || kept > 1000) {
            throw new IllegalArgumentException(
                    "maxBytes is " + maxBytes + " and kept " + kept + "; they must be 1 or more, and 0 to 1000");
        }
        Files.newOutputStream(
                        Objects.requireNonNull(file, "file"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                .close();
        return new LogFile(file, maxBytes, kept);
    }

    /** Takes the lines. */
    public LogSink sink() {
        return sink;
    }

    /** Rotates the file before the next line, no matter how short it is. */
    public void rotate() {
        wantsRotation = true;
    }

    /** Closes the file, and opens it again by its name for the next line: for a program that has renamed it, such as logrotate. */
    public void reopen() {
        wantsReopening = true;
    }

    /**
     * Writes what waits, for a second at most, and closes the file. If a line is being written by then, the file is
     * closed after it. A later line opens the file again.
     */
    @Override
    public void close() {
        sink.close();
        wantsReopening = true;
        output.closeUnlessBusy();
    }

    /** Gets many lines at once, cut anywhere. For the sink's threads, one after the other, and who closes the file. */
    private final class Output extends OutputStream {
        /** A lock that a closing thread need not wait for: a disk may hold up the sink's. */
        private final ReentrantLock lock = new ReentrantLock();

        // Under the lock.
        private final OldLogs old;
        private @Nullable OutputStream out;
        private long length;
        private boolean isWithinLine;

        Output(OldLogs old) {
            this.old = old;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            lock.lock();
            try {
                writeLines(bytes, offset, offset + count);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void flush() throws IOException {
            lock.lock();
            try {
                if (out != null) {
                    out.flush();
                }
                closeIfWanted();
            } finally {
                lock.unlock();
            }
        }

        void closeUnlessBusy() {
            if (lock.tryLock()) {
                try {
                    closeIfWanted();
                } catch (IOException e) {
                    return; // the sink has flushed, so no line is lost
                } finally {
                    lock.unlock();
                }
            }
        }

        private void writeLines(byte[] bytes, int offset, int end) throws IOException {
            int from = offset;
            while (from < end) {
                int to = lineEnd(bytes, from, end);
                if (!isWithinLine) {
                    prepare(to - from);
                }
                OutputStream open = open();
                open.write(bytes, from, to - from);
                length += to - from;
                isWithinLine = bytes[to - 1] != '\n';
                from = to;
            }
        }

        private void prepare(int lineBytes) throws IOException {
            closeIfWanted();
            open();
            if (length > 0 && (wantsRotation || length + lineBytes > maxBytes) && old.mayTry()) {
                closeFile();
                if (old.putAside()) {
                    wantsRotation = false;
                }
            }
        }

        private void closeIfWanted() throws IOException {
            if (wantsReopening && !isWithinLine) {
                wantsReopening = false;
                old.forgetFailure();
                closeFile();
            }
        }

        private OutputStream open() throws IOException {
            OutputStream open = out;
            if (open == null) {
                open = new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
                out = open;
                length = Files.size(file);
            }
            return open;
        }

        private void closeFile() throws IOException {
            OutputStream open = out;
            out = null;
            if (open != null) {
                open.close();
            }
        }

        private static int lineEnd(byte[] bytes, int from, int end) {
            for (int i = from; i < end; i++) {
                if (bytes[i] == '\n') {
                    return i + 1;
                }
            }
            return end;
        }
    }
}
