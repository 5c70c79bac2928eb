package org.httpkit.internal.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The characters of HTTP as bytes: tables, comparisons that ignore case, scans of eight bytes at a time. Stateless. */
public final class Ascii {
    public static final byte HTAB = '\t';
    public static final byte LF = '\n';
    public static final byte CR = '\r';
    public static final byte SP = ' ';

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long SPACES = ONES * ' ';
    private static final long DELETES = ONES * 0x7F;

    private static final boolean[] TOKEN = new boolean[256];
    private static final byte[] HEX = new byte[256];

    static {
        Arrays.fill(HEX, (byte) -1);
        for (int i = 0; i < 10; i++) {
            HEX['0' + i] = (byte) i;
            TOKEN['0' + i] = true;
        }
        for (int i = 0; i < 6; i++) {
            HEX['a' + i] = (byte) (10 + i);
            HEX['A' + i] = (byte) (10 + i);
        }
        for (int c = 'A'; c <= 'Z'; c++) {
            TOKEN[c] = true;
            TOKEN[c + 32] = true;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private Ascii() {}

    /** Eight bytes as one number, the first byte lowest. */
    public static long longAt(byte[] bytes, int index) {
        return (long) LONGS.get(bytes, index);
    }

    /** Four bytes as one number, the first byte lowest. */
    public static int intAt(byte[] bytes, int index) {
        return (int) INTS.get(bytes, index);
    }

    /** Whether the byte is legal in a token (RFC 9110 section 5.6.2). */
    public static boolean isTokenChar(byte b) {
        return TOKEN[b & 0xFF];
    }

    public static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Whether the byte is a space or a horizontal tab, the white space of RFC 9110 section 5.6.3. */
    public static boolean isWhitespace(byte b) {
        return b == SP || b == HTAB;
    }

    /** Whether the byte is a control character: 0 to 31, or 127. */
    public static boolean isControl(byte b) {
        return (b >= 0 && b < ' ') || b == 0x7F;
    }

    /** The value of a hexadecimal digit of either case, or -1. */
    public static int hexValue(byte b) {
        return HEX[b & 0xFF];
    }

    /** The index of the first control character in the range, tabs included, or {@code to}. */
    public static int indexOfControl(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - 8; i += 8) {
            long word = longAt(bytes, i);
            long deletes = word ^ DELETES;
            // A byte below 32 borrows into its high bit; a byte 127 is now zero, and subtracting 1 borrows too. Borrows
            // reach only higher bytes, so the lowest hit is a true one.
            long hits = (((word - SPACES) & ~word) | ((deletes - ONES) & ~deletes)) & HIGH_BITS;
            if (hits != 0) {
                return i + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        while (i < to && !isControl(bytes[i])) {
            i++;
        }
        return i;
    }

    /** The index of the first byte in the range that equals {@code wanted}, or {@code to}. */
    public static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** The index of the first byte in the range that is not white space, or {@code to}. */
    public static int skipWhitespace(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isWhitespace(bytes[i])) {
            i++;
        }
        return i;
    }

    /** The end of the range without the white space at its end. */
    public static int trimEnd(byte[] bytes, int from, int to) {
        int i = to;
        while (i > from && isWhitespace(bytes[i - 1])) {
            i--;
        }
        return i;
    }

    /** Whether the range equals the text, ignoring the case of ASCII letters. */
    public static boolean equalsIgnoreCase(byte[] bytes, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            int b = bytes[from + i] & 0xFF;
            int c = text.charAt(i);
            if (b != c && ((b ^ c) != 32 || !isLetter(b))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(int c) {
        int lower = c | 32;
        return lower >= 'a' && lower <= 'z';
    }
}
