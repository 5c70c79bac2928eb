package org.httpkit.internal.http2;

/**
 * The Huffman code of HPACK (RFC 7541 appendix B) as a machine that reads four bits at a time. Stateless.
 *
 * <p>The code is canonical: codes of equal length are consecutive numbers in the order of their symbols, so that the
 * lengths define the whole code.
 */
final class HuffmanCode {
    /** The symbol for the end of a string, which no string contains. */
    static final int END_OF_STRING = 256;

    /** The state in which no bit of a code has been read. */
    static final int START = 0;

    /** In an entry of the machine: a symbol is complete; it is in the bits from {@link #SYMBOL_SHIFT} up. */
    static final int SYMBOL = 0x100;
    /** In an entry of the machine: the code for the end of a string is complete. */
    static final int FAILURE = 0x200;
    /** In an entry of the machine: the next state. */
    static final int STATE = 0xFF;

    static final int SYMBOL_SHIFT = 16;

    private static final int SYMBOLS = 257;
    private static final int MOST_PADDING_BITS = 7;
    /** The lengths of all symbols' codes, in bits. */
    private static final String LENGTHS = """
            13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28
            28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
             6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6
             5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
            13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7
             7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
            15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5
             6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
            20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23
            24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
            22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23
            21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
            26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25
            19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
            20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
            26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
            30
            """;

    /** For each symbol the length of its code. */
    static final byte[] LENGTH = lengths();
    /** For each symbol its code, the last bit lowest. */
    static final int[] CODE = codes();
    /** The next state with its flags, indexed by the state and four bits: {@code state << 4 | bits}. */
    static final int[] MACHINE = new int[256 << 4];

    /** The states in which a string may end: those that up to seven one bits lead to. */
    private static final boolean[] MAY_END = new boolean[256];

    static {
        buildMachine();
    }

    private HuffmanCode() {}

    /** Whether a string may end in that state: with less than a byte of padding, all ones (section 5.2). */
    static boolean mayEnd(int state) {
        return MAY_END[state];
    }

    private static byte[] lengths() {
        byte[] lengths = new byte[SYMBOLS];
        int symbol = 0;
        int length = 0;
        for (int i = 0; i < LENGTHS.length(); i++) {
            char c = LENGTHS.charAt(i);
            if (c >= '0') {
                length = 10 * length + c - '0';
            } else if (length > 0) {
                lengths[symbol++] = (byte) length;
                length = 0;
            }
        }
        return lengths;
    }

    private static int[] codes() {
        int[] codes = new int[SYMBOLS];
        int code = 0;
        for (int length = 1; length <= 30; length++) {
            code <<= 1;
            for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                if (LENGTH[symbol] == length) {
                    codes[symbol] = code++;
                }
            }
        }
        return codes;
    }

    private static void buildMachine() {
        int[] tree = tree();
        for (int state = 0; state < 256; state++) {
            for (int bits = 0; bits < 16; bits++) {
                MACHINE[state << 4 | bits] = entry(tree, state, bits);
            }
        }
        int state = START;
        for (int bits = 0; bits <= MOST_PADDING_BITS; bits++) {
            MAY_END[state] = true;
            state = tree[2 * state + 1];
        }
    }

    /** For each inner node the nodes that a 0 and a 1 lead to; the complement of a symbol for a leaf. */
    private static int[] tree() {
        int[] tree = new int[2 * 256];
        int nodes = 1;
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            int node = START;
            for (int bit = LENGTH[symbol] - 1; bit > 0; bit--) {
                int branch = 2 * node + (CODE[symbol] >>> bit & 1);
                if (tree[branch] == 0) {
                    tree[branch] = nodes++;
                }
                node = tree[branch];
            }
            tree[2 * node + (CODE[symbol] & 1)] = ~symbol;
        }
        return tree;
    }

    /** Makes one entry. No code is shorter than five bits, so four bits complete at most one symbol. */
    private static int entry(int[] tree, int state, int bits) {
        int node = state;
        int more = 0;
        for (int bit = 3; bit >= 0; bit--) {
            node = tree[2 * node + (bits >>> bit & 1)];
            if (node < 0) {
                int symbol = ~node;
                more = symbol == END_OF_STRING ? FAILURE : SYMBOL | symbol << SYMBOL_SHIFT;
                node = START;
            }
        }
        return node | more;
    }
}
