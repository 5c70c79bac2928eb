package org.httpkit.internal.context;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.httpkit.internal.coding.GzipEncoder;
import org.httpkit.server.ContentCoding;
import org.jspecify.annotations.Nullable;

/**
 * The content codings that a server has, and their encoders: so many at most are at work at once, and a few wait for the next. Safe from any
 * thread.
 */
public final class Coders {
    static final String GZIP = "gzip";
    /** The other name of gzip (RFC 9110 section 8.4.1.3). */
    private static final String X_GZIP = "x-gzip";

    private static final int MOST_IDLE = 2 * Runtime.getRuntime().availableProcessors();

    private final List<ContentCoding> found = new ArrayList<>();
    private final List<String> offered = new ArrayList<>();

    // Guarded by the lock.
    private final ArrayDeque<GzipEncoder> idle = new ArrayDeque<>();
    private int reserved;

    /** Looks for codings beside gzip; those that are found come before it. */
    static Coders find() {
        Coders coders = new Coders();
        ServiceLoader.load(ContentCoding.class).forEach(coders::add);
        coders.offered.add(GZIP);
        return coders;
    }

    private void add(ContentCoding coding) {
        if (!coding.name().equals(GZIP)) {
            found.add(coding);
            offered.add(coding.name());
        }
    }

    /** The names of the codings, the best first. */
    public List<String> offered() {
        return offered;
    }

    /**
     * An encoder, which its user has to close; null if as many are reserved as may be.
     *
     * @param coding one of those offered
     * @param level of gzip
     */
    public synchronized @Nullable Coder reserve(String coding, int level, int most) {
        if (reserved >= most) {
            return null;
        }
        reserved++;
        return new Coder(this, coding, level);
    }

    /** How many are reserved. */
    public synchronized int reserved() {
        return reserved;
    }

    OutputStream encode(String coding, OutputStream coded) throws IOException {
        for (ContentCoding candidate : found) {
            if (candidate.name().equals(coding)) {
                return candidate.encode(coded);
            }
        }
        throw new IllegalArgumentException("No coding " + coding);
    }

    /** The coding of that name, if one was found, or else null. */
    @Nullable
    ContentCoding named(String name) {
        for (ContentCoding candidate : found) {
            if (candidate.name().equals(name)) {
                return candidate;
            }
        }
        return null;
    }

    static boolean isGzip(String name) {
        return name.equals(GZIP) || name.equals(X_GZIP);
    }

    GzipEncoder borrowGzip() {
        synchronized (this) {
            GzipEncoder waiting = idle.pollLast();
            if (waiting != null) {
                return waiting;
            }
        }
        return new GzipEncoder();
    }

    /** Takes a reservation back, and the encoder that was made for it, if one was. */
    void giveBack(@Nullable GzipEncoder encoder) {
        boolean kept;
        synchronized (this) {
            reserved--;
            kept = encoder != null && idle.size() < MOST_IDLE;
            if (kept && encoder != null) {
                idle.addLast(encoder);
            }
        }
        if (encoder != null && !kept) {
            encoder.free();
        }
    }
}
