package org.httpkit.server;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which responses are compressed. Immutable: each method returns changed ones. Begin with {@link #on} or {@link #off}.
 *
 * <p>A response is compressed if its client takes the coding (RFC 9110 section 12.5.3), its type is one that shrinks, and it is long enough.
 * Never compressed are 204, 205, 206 and 304, what has a {@code Content-Encoding} already, a digest, or {@code Cache-Control:
 * no-transform}, and whatever is asked for in ranges that it has. Whether it is compressed or not, {@code Vary: Accept-Encoding} is added where
 * another client might get it otherwise. A strong {@code ETag} becomes weak where it is compressed: it still matches If-None-Match, but
 * never If-Range, as nobody can resume a download in another coding.
 *
 * <p>gzip is there; other codings are taken if a {@link ContentCoding} is found, and preferred where the client likes them as much.
 *
 * <p><b>Secrets:</b> the length of a compressed page tells somebody on the way how much of it repeats. If a page has a secret (a token
 * against forged requests, say) and beside it text that an attacker chooses (a search term, a part of the path), the attacker finds out
 * the secret by trying what shortens the page (BREACH). Mask such a secret anew in each response, or give the page {@code Cache-Control:
 * no-transform}.
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

    /** No response is compressed. */
    public static Compression off() {
        return OFF;
    }

    /** Responses are compressed from 1024 bytes on, with level 6. */
    public static Compression on() {
        return ON;
    }

    /** From how many bytes on: 0 to 1 GiB. Default 1024. A response whose length is not known beforehand counts as long. */
    public Compression minBytes(int minBytes) {
        return new Compression(
                isOn, Options.requireBetween("minBytes", minBytes, 0, MOST_BYTES), level, types, maxCoders);
    }

    /** How hard gzip tries: 1 is quick, 9 is small. Default 6. */
    public Compression level(int level) {
        return new Compression(isOn, minBytes, Options.requireBetween("level", level, 1, 9), types, maxCoders);
    }

    /**
     * Media types to compress beside those that are known to shrink, without parameters: {@code application/x-model}. Known are {@code text/*},
     * JSON, JavaScript, XML, SVG, WebAssembly, fonts without a compression of their own, and whatever ends in {@code +json}, {@code +xml}
     * or {@code +text}.
     */
    public Compression types(String... types) {
        Set<String> all = new LinkedHashSet<>(this.types);
        for (String type : types) {
            all.add(type.toLowerCase(Locale.ROOT));
        }
        return new Compression(isOn, minBytes, level, Set.copyOf(all), maxCoders);
    }

    /**
     * How many responses may be in the making at once that are compressed: 1 or more. Further ones are sent as they are. A stream of events
     * counts for as long as it is open, and gzip takes 256 KiB outside of the heap for it. Default: as many as would fill an eighth of
     * the largest heap, at least 16.
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
