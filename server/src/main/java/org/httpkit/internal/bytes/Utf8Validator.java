package org.httpkit.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks whether bytes that arrive piece by piece are UTF-8 (RFC 3629 section 4). Confined to one thread.
 *
 * <p>It refuses at the first byte that no continuation could make valid: overlong forms, surrogates and code points
 * above U+10FFFF at their second byte, not at their last.
 *
 * <p>It is an automaton of nine states, and each state is a shift distance. Each byte has a {@code long} that holds, in
 * six bits per state, the next state; so one step is one table look-up and one shift. {@link #REFUSED} leads only to
 * itself, so the loop need not check the state between bytes.
 */
public final class Utf8Validator {
    private static final int BETWEEN_CHARACTERS = 0;
    private static final int ONE_MORE = 6;
    private static final int TWO_MORE = 12;
    private static final int THREE_MORE = 18;
    private static final int AFTER_E0 = 24;
    private static final int AFTER_ED = 30;
    private static final int AFTER_F0 = 36;
    private static final int AFTER_F4 = 42;
    private static final int REFUSED = 48;

    private static final long[] NEXT = new long[256];
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    static {
        for (int state = BETWEEN_CHARACTERS; state <= REFUSED; state += 6) {
            allow(state, 0x00, 0xFF, REFUSED);
        }
        allow(BETWEEN_CHARACTERS, 0x00, 0x7F, BETWEEN_CHARACTERS);
        allow(BETWEEN_CHARACTERS, 0xC2, 0xDF, ONE_MORE);
        allow(BETWEEN_CHARACTERS, 0xE0, 0xE0, AFTER_E0);
        allow(BETWEEN_CHARACTERS, 0xE1, 0xEC, TWO_MORE);
        allow(BETWEEN_CHARACTERS, 0xED, 0xED, AFTER_ED);
        allow(BETWEEN_CHARACTERS, 0xEE, 0xEF, TWO_MORE);
        allow(BETWEEN_CHARACTERS, 0xF0, 0xF0, AFTER_F0);
        allow(BETWEEN_CHARACTERS, 0xF1, 0xF3, THREE_MORE);
        allow(BETWEEN_CHARACTERS, 0xF4, 0xF4, AFTER_F4);
        allow(ONE_MORE, 0x80, 0xBF, BETWEEN_CHARACTERS);
        allow(TWO_MORE, 0x80, 0xBF, ONE_MORE);
        allow(THREE_MORE, 0x80, 0xBF, TWO_MORE);
        allow(AFTER_E0, 0xA0, 0xBF, ONE_MORE); // below A0: overlong
        allow(AFTER_ED, 0x80, 0x9F, ONE_MORE); // above 9F: a surrogate
        allow(AFTER_F0, 0x90, 0xBF, TWO_MORE); // below 90: overlong
        allow(AFTER_F4, 0x80, 0x8F, TWO_MORE); // above 8F: beyond U+10FFFF
    }

    private int state = BETWEEN_CHARACTERS;
    private boolean onlyAscii = true;

    private static void allow(int state, int first, int last, int next) {
        for (int b = first; b <= last; b++) {
            NEXT[b] = (NEXT[b] & ~(63L << state)) | ((long) next << state);
        }
    }

    /**
     * Takes the next bytes. Returns false if a byte is invalid at its position; after that it refuses everything until
     * {@link #reset}.
     */
    public boolean accept(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        int current = state;
        while (end - at >= 8) {
            if (((long) LONGS.get(bytes, at) & HIGH_BITS) == 0 && current == BETWEEN_CHARACTERS) {
                at += 8;
            } else {
                onlyAscii = false;
                current = steps(bytes, at, at + 8, current);
                at += 8;
            }
        }
        for (int i = at; onlyAscii && i < end; i++) {
            onlyAscii = bytes[i] >= 0;
        }
        state = steps(bytes, at, end, current);
        return state != REFUSED;
    }

    private static int steps(byte[] bytes, int from, int to, int state) {
        long current = state;
        for (int i = from; i < to; i++) {
            current = NEXT[bytes[i] & 0xFF] >>> current; // a shift uses only the lowest six bits
        }
        return (int) current & 63;
    }

    /** Whether the bytes so far end with a whole character (or are empty). */
    public boolean isComplete() {
        return state == BETWEEN_CHARACTERS;
    }

    /** Whether every byte so far was below 128. */
    public boolean sawOnlyAscii() {
        return onlyAscii;
    }

    /** Starts over. */
    public void reset() {
        state = BETWEEN_CHARACTERS;
        onlyAscii = true;
    }
}
