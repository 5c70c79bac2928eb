package org.httpkit.internal.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.httpkit.internal.coding.GzipEncoder;
import org.httpkit.internal.coding.Inflating;
import org.httpkit.internal.coding.Tokens;
import org.httpkit.server.ContentCoding;
import org.jspecify.annotations.Nullable;

/**
 * The content codings of a server, and their encoders: limits how many work at once, and keeps a few for reuse. Safe
 * from any thread.
 */
public final class Coders {
    static final String GZIP = "gzip";
    /** The other name of gzip (RFC 9110 section 8.4.1.3). */
    private static final String X_GZIP = "x-gzip";
    /** In fact zlib (RFC 9110 section 8.4.1.2). Never used for responses, because some clients expect raw deflate. */
    private static final String DEFLATE = "deflate";

    private static final int MOST_IDLE = 2 * Runtime.getRuntime().availableProcessors();

    private final List<ContentCoding> found = new ArrayList<>();
    private final List<String> offered = new ArrayList<>();

    // Guarded by the lock.
    private final ArrayDeque<GzipEncoder> idle = new ArrayDeque<>();
    private int reserved;

    /** Looks for codings besides gzip; those it finds come before gzip. */
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
     * Reserves an encoder, which the caller must close; returns null if the limit is reached.
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

    /** How many encoders are reserved. */
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

    /** The codings that requests may have, as a field value. */
    public String accepted() {
        return String.join(", ", offered) + ", " + DEFLATE;
    }

    /**
     * Returns a stream of the decoded content, which frees its memory when closed; null if the coding is unknown.
     *
     * @param coding as a request names it
     */
    public @Nullable InputStream decode(String coding, InputStream coded) throws IOException {
        if (Tokens.isEqual(coding, GZIP) || Tokens.isEqual(coding, X_GZIP)) {
            return new Inflating(coded, Inflating.Format.GZIP);
        }
        if (Tokens.isEqual(coding, DEFLATE)) {
            return new Inflating(coded, Inflating.Format.ZLIB);
        }
        for (ContentCoding candidate : found) {
            if (Tokens.isEqual(coding, candidate.name())) {
                return candidate.decode(coded);
            }
        }
        return null;
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

    /** Takes back a reservation, and its encoder if one was made. */
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
