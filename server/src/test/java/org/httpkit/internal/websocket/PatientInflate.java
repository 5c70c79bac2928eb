package org.httpkit.internal.websocket;

import java.util.Arrays;

/**
 * Inflates DEFLATE data bit by bit (RFC 1951), and refuses references farther back than a given window: what a client with a
 * small window would do.
 */
final class PatientInflate {
    private static final int[] CODE_LENGTH_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private final byte[] in;
    private final int windowBytes;
    private int bit;
    private byte[] out = new byte[1024];
    private int length;

    PatientInflate(byte[] in, int windowBytes) {
        this.in = in.clone();
        this.windowBytes = windowBytes;
    }

    /** All output of blocks that fill the input to its end. */
    byte[] inflate() {
        while (bit < 8 * in.length) {
            boolean last = bits(1) == 1;
            switch (bits(2)) {
                case 0 -> stored();
                case 1 -> compressed(fixedLiterals(), fixedDistances());
                case 2 -> dynamic();
                default -> throw new AssertionError("reserved block type");
            }
            if (last) {
                throw new AssertionError("BFINAL at bit " + bit);
            }
        }
        return Arrays.copyOf(out, length);
    }

    private void stored() {
        bit = (bit + 7) & ~7;
        int count = bits(16);
        if ((count ^ 0xFFFF) != bits(16)) {
            throw new AssertionError("stored lengths disagree");
        }
        for (int i = 0; i < count; i++) {
            put(bits(8));
        }
    }

    private void dynamic() {
        int literals = bits(5) + 257;
        int distances = bits(5) + 1;
        int codeLengths = bits(4) + 4;
        int[] lengths = new int[19];
        for (int i = 0; i < codeLengths; i++) {
            lengths[CODE_LENGTH_ORDER[i]] = bits(3);
        }
        Code code = new Code(lengths);
        int[] all = new int[literals + distances];
        for (int i = 0; i < all.length; ) {
            int symbol = code.next();
            if (symbol < 16) {
                all[i++] = symbol;
            } else {
                int value = symbol == 16 ? all[i - 1] : 0;
                int times = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
                Arrays.fill(all, i, i + times, value);
                i += times;
            }
        }
        compressed(new Code(Arrays.copyOf(all, literals)), new Code(Arrays.copyOfRange(all, literals, all.length)));
    }

    private void compressed(Code literals, Code distances) {
        for (int symbol = literals.next(); symbol != 256; symbol = literals.next()) {
            if (symbol < 256) {
                put(symbol);
            } else {
                int count = lengthOf(symbol);
                int distance = distanceOf(distances.next());
                if (distance > windowBytes || distance > length) {
                    throw new AssertionError("distance " + distance + " at " + length + ", window " + windowBytes);
                }
                for (int i = 0; i < count; i++) {
                    put(out[length - distance]);
                }
            }
        }
    }

    private int lengthOf(int symbol) {
        if (symbol == 285) {
            return 258;
        }
        int extra = symbol < 265 ? 0 : (symbol - 261) / 4;
        return symbol < 265 ? symbol - 254 : 3 + ((4 + (symbol - 261) % 4) << extra) + bits(extra);
    }

    private int distanceOf(int symbol) {
        int extra = symbol < 4 ? 0 : symbol / 2 - 1;
        return symbol < 4 ? symbol + 1 : 1 + ((2 + symbol % 2) << extra) + bits(extra);
    }

    private Code fixedLiterals() {
        int[] lengths = new int[288];
        Arrays.fill(lengths, 0, 144, 8);
        Arrays.fill(lengths, 144, 256, 9);
        Arrays.fill(lengths, 256, 280, 7);
        Arrays.fill(lengths, 280, 288, 8);
        return new Code(lengths);
    }

    private Code fixedDistances() {
        int[] lengths = new int[30];
        Arrays.fill(lengths, 5);
        return new Code(lengths);
    }

    private void put(int value) {
        if (length == out.length) {
            out = Arrays.copyOf(out, 2 * length);
        }
        out[length++] = (byte) value;
    }

    private int bits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++, bit++) {
            value |= (in[bit >> 3] >> (bit & 7) & 1) << i;
        }
        return value;
    }

    /** A Huffman code made from the lengths of its words (RFC 1951 section 3.2.2). */
    private final class Code {
        private final int[] countOfLength = new int[16];
        private final int[] symbols;

        Code(int[] lengths) {
            for (int wordLength : lengths) {
                countOfLength[wordLength]++;
            }
            countOfLength[0] = 0;
            symbols = new int[lengths.length];
            int at = 0;
            for (int wordLength = 1; wordLength < 16; wordLength++) {
                for (int symbol = 0; symbol < lengths.length; symbol++) {
                    if (lengths[symbol] == wordLength) {
                        symbols[at++] = symbol;
                    }
                }
            }
        }

        int next() {
            int word = 0;
            int first = 0;
            int index = 0;
            for (int wordLength = 1; wordLength < 16; wordLength++) {
                word |= bits(1);
                int count = countOfLength[wordLength];
                if (word - first < count) {
                    return symbols[index + word - first];
                }
                index += count;
                first = (first + count) << 1;
                word <<= 1;
            }
            throw new AssertionError("no such Huffman word");
        }
    }
}
