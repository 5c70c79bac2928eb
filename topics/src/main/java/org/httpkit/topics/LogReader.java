package org.httpkit.topics;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the shared log, and resumes at its place when the broker comes back. Confined to its thread; each turn makes
 * one call that may block.
 */
final class LogReader {
    private static final int MOST = 256;

    /** Receives the records. */
    interface Sink {
        /** Is called before a record that follows a gap, or begins the log. {@link #caughtUp} follows later. */
        void restart(String epoch, long offset);

        void record(long offset, LogRecord record);

        /** Is called for a record that this server does not know. */
        void unknown(long offset);

        /** Is called when everything has been read that was in the log when it was opened, or when a gap was found. */
        void caughtUp();
    }

    private final Backplane backplane;
    private final Sink sink;
    private final Duration wait;
    private final LogPosition position = new LogPosition();
    private Backplane.@Nullable Session session;
    private long lastToCatchUp;
    private boolean toldCaughtUp;

    LogReader(Backplane backplane, Sink sink, Duration wait) {
        this.backplane = backplane;
        this.sink = sink;
        this.wait = wait;
    }

    /**
     * Opens the log if it is not open, else reads once.
     *
     * @throws IOException if the broker cannot be reached; the next turn opens the log anew
     */
    void turn() throws IOException {
        try {
            Backplane.Session known = session;
            if (known == null) {
                open();
            } else {
                read(known);
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    boolean isOpen() {
        return session != null;
    }

    private void open() throws IOException {
        Backplane.Session opened = backplane.open();
        session = opened;
        toldCaughtUp = false;
        String epoch = opened.epoch();
        long first = opened.first();
        long last = opened.last();
        byte[] proof = position.wantsProof(epoch, first, last) ? proof(opened) : null;
        lastToCatchUp = last;
        switch (position.opened(epoch, first, last, proof)) {
            case GAP -> restart(position.offset());
            case LOST -> {
                opened.renew();
                close(); // the next turn finds the new epoch
                return;
            }
            case GOES_ON, KNOWN -> {
                // Receivers need not know of this.
            }
        }
        noteProgress();
    }

    private byte @Nullable [] proof(Backplane.Session opened) throws IOException {
        List<Backplane.Entry> there = opened.read(position.offset() - 1, 1, Duration.ZERO);
        return there.isEmpty() || there.get(0).offset() != position.offset()
                ? null
                : there.get(0).bytes();
    }

    private void read(Backplane.Session known) throws IOException {
        for (Backplane.Entry entry : known.read(position.offset(), MOST, wait)) {
            switch (position.read(entry.offset(), entry.bytes())) {
                case GAP -> {
                    toldCaughtUp = false;
                    restart(entry.offset() - 1);
                    hand(entry);
                    lastToCatchUp = known.last(); // if that fails, the gap has been told of
                }
                case GOES_ON -> hand(entry);
                case KNOWN, LOST -> {
                    // The broker has sent the record again.
                }
            }
        }
        noteProgress();
    }

    private void restart(long place) {
        tell(() -> sink.restart(position.epoch(), place));
    }

    private void hand(Backplane.Entry entry) {
        tell(() -> {
            LogRecord record = LogRecord.decode(entry.bytes());
            if (record == null) {
                sink.unknown(entry.offset());
            } else {
                sink.record(entry.offset(), record);
            }
        });
    }

    /** Does not try again what fails, by lack of memory for example, since it might fail for ever: it becomes a gap. */
    private void tell(Runnable what) {
        boolean told = false;
        try {
            what.run();
            told = true;
        } finally {
            if (!told) {
                position.lost();
            }
        }
    }

    private void noteProgress() {
        if (!toldCaughtUp && position.offset() >= lastToCatchUp) {
            toldCaughtUp = true;
            sink.caughtUp();
        }
    }

    void close() {
        Backplane.Session known = session;
        session = null;
        if (known != null) {
            known.close();
        }
    }
}
