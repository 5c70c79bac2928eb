package org.httpkit.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Puts a log file aside, as the first of the old ones. Confined to the sink's thread.
 *
 * <p>The file gets the number 0 before the old files move up, because it is the one that cannot be moved if another
 * program holds it: then the old ones have to stay. If anything fails later, number 0 is finished first at the next try.
 */
final class OldLogs {
    /** How long to leave alone what could not be moved: each try closes the file and opens it again. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** Renames a file that is there, and replaces another one. */
    interface Mover {
        void move(Path from, Path to) throws IOException;
    }

    private final Path file;
    private final int kept;
    private final Mover mover;
    private final LongSupplier nanoTime;
    private boolean hasFailed;
    private long failedNanos;

    OldLogs(Path file, int kept) {
        this(file, kept, (from, to) -> Files.move(from, to, StandardCopyOption.REPLACE_EXISTING), System::nanoTime);
    }

    OldLogs(Path file, int kept, Mover mover, LongSupplier nanoTime) {
        this.file = file;
        this.kept = kept;
        this.mover = mover;
        this.nanoTime = nanoTime;
    }

    /** Whether it may be tried: not for a while after a failure. */
    boolean mayTry() {
        return !hasFailed || nanoTime.getAsLong() - failedNanos >= PAUSE.toNanos();
    }

    /** Lets it be tried at once. */
    void forgetFailure() {
        hasFailed = false;
    }

    /** Puts the file aside, which is closed. Returns false if that failed, so that lines have to go on where they went. */
    boolean putAside() {
        try {
            if (kept == 0) {
                Files.deleteIfExists(file);
            } else {
                takeIn();
                moveIfThere(file, numbered(0));
                takeIn();
            }
            hasFailed = false;
        } catch (IOException e) {
            hasFailed = true;
            failedNanos = nanoTime.getAsLong();
        }
        return !hasFailed;
    }

    /** Makes number 0 number 1. The others move up as far as the first gap: another try must not lose one more. */
    private void takeIn() throws IOException {
        if (!Files.exists(numbered(0))) {
            return;
        }
        int gap = 1;
        while (gap < kept && Files.exists(numbered(gap))) {
            gap++;
        }
        for (int i = gap - 1; i >= 0; i--) {
            moveIfThere(numbered(i), numbered(i + 1));
        }
    }

    private void moveIfThere(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            mover.move(from, to);
        }
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }
}
