package org.httpkit.web;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
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
 * <p>The file rotates between two lines. If that fails, lines go on into the current file, and later lines try again.
 */
public final class LogFile implements AutoCloseable {
    private final Path file;
    private final long maxBytes;
    private final int kept;
    private final LogSink sink;

    /** Set by any thread, read by the sink's. */
    private volatile boolean wantsRotation;

    private volatile boolean wantsReopening;

    private LogFile(Path file, long maxBytes, int kept) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.kept = kept;
        this.sink = LogSink.to(new Output());
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

    /** Opens the file again by its name for the next line: for a program that has renamed it, such as logrotate. */
    public void reopen() {
        wantsReopening = true;
    }

    /** Writes what waits, for a second at most. A later line opens the file again. */
    @Override
    public void close() {
        sink.close();
        wantsReopening = true;
    }

    /** Confined to the sink's thread, one after the other; it gets many lines at once, cut anywhere. */
    private final class Output extends OutputStream {
        private @Nullable OutputStream out;
        private long length;
        private boolean isWithinLine;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
            int from = offset;
            int end = offset + count;
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

        @Override
        public synchronized void flush() throws IOException {
            if (out != null) {
                out.flush();
            }
        }

        private void prepare(int lineBytes) throws IOException {
            if (wantsReopening) {
                wantsReopening = false;
                closeFile();
            }
            open();
            if (length > 0 && (wantsRotation || length + lineBytes > maxBytes)) {
                closeFile();
                putAside();
                wantsRotation = false;
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

        private void putAside() {
            try {
                if (kept == 0) {
                    Files.deleteIfExists(file);
                    return;
                }
                for (int i = kept - 1; i >= 1; i--) {
                    move(aside(i), aside(i + 1));
                }
                move(file, aside(1));
            } catch (IOException e) {
                return; // the lines go on where they went
            }
        }

        private void move(Path from, Path to) throws IOException {
            try {
                Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException e) {
                return; // there are not as many yet
            }
        }

        private Path aside(int number) {
            return file.resolveSibling(file.getFileName() + "." + number);
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
