package org.httpkit.server;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which responses the server compresses. Immutable: each method returns a changed one. Begin with {@link #on} or
 * {@link #off}.
 *
 * <p>The server compresses a response if the client accepts a coding (RFC 9110 section 12.5.3), if its media type
 * compresses well, and if it is long enough. It never compresses 204, 205, 206 and 304, responses with a {@code
 * Content-Encoding}, a digest, or {@code Cache-Control: no-transform}, and responses to requests for ranges. It adds
 * {@code Vary: Accept-Encoding}, whether it compresses or not, where another client might get another coding. A
 * compressed response has a weak {@code ETag}: it still matches If-None-Match, but never If-Range, because a download
 * cannot resume in another coding.
 *
 * <p>The server has gzip. It uses each {@link ContentCoding} that it finds, and prefers it to gzip if the client
 * likes both equally.
 *
 * <p><b>Secrets:</b> the length of a compressed page shows an observer on the network how much of the page repeats.
 * If a page contains a secret (a token against forged requests, say) and text that an attacker chooses (a search
 * term, part of the path), the attacker can find the secret by trying what makes the page shorter (BREACH). Mask such
 * a secret differently in each response, or give the page {@code Cache-Control: no-transform}.
 */
public final class Compression {
    private static final int MOST_BYTES = 1 << 30;
    /** What a compressor of the JDK takes outside of the heap. */
    private static final int CODER_BYTES = 256 << 10;

    private static final Compression OFF = new Compression(false, 1024, 6, Set.of(), defaultCoders());
    private static final Compression ON = new Compression(true, 1024, 6, Set.of(), defaultCoders());

    private final boolean isOn;
    private final int minBytes;
    private final int level;
    private final Set<String> types;
    private final int maxCoders;

    private Compression(boolean isOn, int minBytes, int level, Set<String> types, int maxCoders) {
        this.isOn = isOn;
        this.minBytes = minBytes;
        this.level = level;
        this.types = types;
        this.maxCoders = maxCoders;
    }

    /** As much as an eighth of the largest heap, but outside of it. */
    private static int defaultCoders() {
        return (int) Math.max(16, Math.min(100_000, Runtime.getRuntime().maxMemory() / 8 / CODER_BYTES));
    }

    /** Compresses nothing. */
    public static Compression off() {
        return OFF;
    }

    /** Compresses responses of 1024 bytes or more, at level 6. */
    public static Compression on() {
        return ON;
    }

    /**
     * The least length to compress, in bytes: 0 to 1 GiB. Default 1024. A response of unknown length counts as long.
     */
    public Compression minBytes(int minBytes) {
        return new Compression(
                isOn, Options.requireBetween("minBytes", minBytes, 0, MOST_BYTES), level, types, maxCoders);
    }

    /** How hard gzip tries: 1 is fast, 9 is small. Default 6. */
    public Compression level(int level) {
        return new Compression(isOn, minBytes, Options.requireBetween("level", level, 1, 9), types, maxCoders);
    }

    /**
     * Media types to compress in addition to the known ones, without parameters: {@code application/x-model}. Known
     * are {@code text/*}, JSON, JavaScript, XML, SVG, WebAssembly, fonts that are not compressed themselves, and
     * types that end in {@code +json}, {@code +xml} or {@code +text}.
     */
    public Compression types(String... types) {
        Set<String> all = new LinkedHashSet<>(this.types);
        for (String type : types) {
            all.add(type.toLowerCase(Locale.ROOT));
        }
        return new Compression(isOn, minBytes, level, Set.copyOf(all), maxCoders);
    }

    /**
     * How many responses may be compressed at the same time: 1 or more. The server sends further ones uncompressed.
     * An event stream counts as long as it is open. Each holds 256 KiB outside of the heap with gzip. Default: as
     * many as would fill an eighth of the size of the largest heap, at least 16 and at most 100 000.
     */
    public Compression maxCoders(int maxCoders) {
        return new Compression(
                isOn, minBytes, level, types, Options.requireBetween("maxCoders", maxCoders, 1, Integer.MAX_VALUE));
    }

    public boolean isOn() {
        return isOn;
    }

    public int minBytes() {
        return minBytes;
    }

    public int level() {
        return level;
    }

    /** In lower case. */
    public Set<String> types() {
        return types;
    }

    public int maxCoders() {
        return maxCoders;
    }

    @Override
    public String toString() {
        return isOn ? "on" : "off";
    }
}
