package org.httpkit.tests.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A fuzzer's bytes as choices, taken from the front; what they do not decide is 0 or empty. Confined to one thread. */
final class Choices {
    private final byte[] bytes;
    private int position;

    Choices(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isEmpty() {
        return position == bytes.length;
    }

    /** From 0 to 255. */
    int one() {
        return isEmpty() ? 0 : bytes[position++] & 0xFF;
    }

    /** From 0 to 65535. */
    int two() {
        return one() << 8 | one();
    }

    boolean yes() {
        return (one() & 1) != 0;
    }

    byte[] take(int count) {
        byte[] taken = Arrays.copyOfRange(bytes, position, Math.min(bytes.length, position + count));
        position += taken.length;
        return taken;
    }

    /** Up to 255 characters, each of one byte. */
    String latin1() {
        return new String(take(one()), StandardCharsets.ISO_8859_1);
    }

    byte[] rest() {
        return take(bytes.length - position);
    }
}
