package org.httpkit.internal.http2;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;

/**
 * Encodes fields (RFC 7541) with the static table alone. A block does not depend on earlier blocks, so that any threads
 * may encode answers in any order. One per connection, because a client with a small table needs size updates; safe
 * from any thread.
 */
public final class HpackEncoder {
    private static final int INDEXED = 0x80;
    static final byte SIZE_UPDATE_TO_0 = 0x20;
    private static final int NEVER_INDEXED = 0x10;
    private static final int NOT_INDEXED = 0x00;
    private static final int HUFFMAN = 0x80;
    /** How many bits of an index fit into the first byte of a literal. */
    private static final int LITERAL_PREFIX = 4;

    private static final int LENGTH_PREFIX = 7;
    private static final int INDEX_PREFIX = 7;

    private volatile boolean sizeUpdateDue;

    public HpackEncoder() {}

    /**
     * Notes that the client has allowed, if only for a moment, a smaller table than the initial 4096 bytes. From now on
     * each block begins with a size update to 0 (RFC 7541 section 4.2): it costs one byte, and the blocks need no
     * order.
     */
    public void clientLowersTable() {
        sizeUpdateDue = true;
    }

    /** Begins a block. */
    public void begin(ByteQueue out) {
        if (sizeUpdateDue) {
            out.append(SIZE_UPDATE_TO_0);
        }
    }

    /** Appends {@code :status}. */
    static void status(ByteQueue out, int status) {
        int index =
                switch (status) {
                    case 200 -> HpackStaticTable.STATUS_200;
                    case 204 -> HpackStaticTable.STATUS_200 + 1;
                    case 206 -> HpackStaticTable.STATUS_200 + 2;
                    case 304 -> HpackStaticTable.STATUS_200 + 3;
                    case 400 -> HpackStaticTable.STATUS_200 + 4;
                    case 404 -> HpackStaticTable.STATUS_200 + 5;
                    case 500 -> HpackStaticTable.STATUS_200 + 6;
                    default -> 0;
                };
        if (index != 0) {
            integer(out, INDEXED, INDEX_PREFIX, index);
        } else {
            integer(out, NOT_INDEXED, LITERAL_PREFIX, HpackStaticTable.STATUS_200);
            decimal(out, status);
        }
    }

    /** Appends Content-Length. */
    static void contentLength(ByteQueue out, long length) {
        integer(out, NOT_INDEXED, LITERAL_PREFIX, HpackStaticTable.CONTENT_LENGTH);
        decimal(out, length);
    }

    /**
     * Appends a field with its name in lower case and without white space around the value (RFC 9113 section 8.2.1).
     *
     * @param out cut back to {@code start} if this throws
     * @throws IllegalArgumentException if the field cannot be written: see {@link Headers#of}
     */
    static void field(ByteQueue out, int start, String name, String value) {
        int index = HpackStaticTable.nameIndex(name);
        integer(out, isSensitive(index) ? NEVER_INDEXED : NOT_INDEXED, LITERAL_PREFIX, index);
        boolean writable = true;
        if (index == 0) {
            int nameAt = string(out, name);
            toLowerCase(out.array(), nameAt, out.length());
            writable = FieldRules.isToken(out.array(), nameAt, out.length()) && isLatin1(name);
        }
        int valueAt = string(out, trimmed(value));
        writable = writable && FieldRules.isValue(out.array(), valueAt, out.length()) && isLatin1(value);
        if (!writable || name.startsWith(":")) {
            out.truncate(start);
            // Throws with a message that names the character but not the value.
            Headers.of(name, value);
            throw new IllegalArgumentException("The field " + name + " cannot be written");
        }
    }

    /**
     * Encodes a field once, to be written often: in Huffman code where that is shorter.
     *
     * @throws IllegalArgumentException if the field cannot be written
     */
    static byte[] encoded(String name, String value) {
        Headers.of(name, value); // checks them
        ByteQueue out = new ByteQueue(name.length() + value.length() + 8);
        int index = HpackStaticTable.nameIndex(name);
        integer(out, isSensitive(index) ? NEVER_INDEXED : NOT_INDEXED, LITERAL_PREFIX, index);
        if (index == 0) {
            shortest(out, name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1));
        }
        shortest(out, trimmed(value).getBytes(StandardCharsets.ISO_8859_1));
        return out.toByteArray();
    }

    /**
     * Whether an intermediary must not put the field into a table, because lengths would reveal whether a guess is
     * right (RFC 7541 section 7.1.3).
     */
    private static boolean isSensitive(int index) {
        return index == HpackStaticTable.SET_COOKIE
                || index == HpackStaticTable.COOKIE
                || index == HpackStaticTable.AUTHORIZATION
                || index == HpackStaticTable.PROXY_AUTHORIZATION;
    }

    /** Appends a number whose first bits share a byte with others (section 5.1). */
    static void integer(ByteQueue out, int otherBits, int prefixBits, int number) {
        int full = (1 << prefixBits) - 1;
        if (number < full) {
            out.append((byte) (otherBits | number));
            return;
        }
        out.append((byte) (otherBits | full));
        int rest = number - full;
        while (rest >= 0x80) {
            out.append((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.append((byte) rest);
    }

    /** Appends text without Huffman code; returns where it begins, after its length. */
    private static int string(ByteQueue out, String text) {
        integer(out, 0, LENGTH_PREFIX, text.length());
        int at = out.length();
        out.appendLatin1(text);
        return at;
    }

    private static void decimal(ByteQueue out, long number) {
        int lengthAt = out.length();
        out.append((byte) 0);
        out.appendDecimal(number);
        out.array()[lengthAt] = (byte) (out.length() - lengthAt - 1); // 19 digits at most
    }

    private static void shortest(ByteQueue out, byte[] bytes) {
        long bits = 0;
        for (byte b : bytes) {
            bits += HuffmanCode.LENGTH[b & 0xFF];
        }
        int length = (int) ((bits + 7) / 8);
        if (length >= bytes.length) {
            integer(out, 0, LENGTH_PREFIX, bytes.length);
            out.append(bytes);
        } else {
            integer(out, HUFFMAN, LENGTH_PREFIX, length);
            huffman(out, bytes);
        }
    }

    private static void huffman(ByteQueue out, byte[] bytes) {
        long bits = 0;
        int count = 0;
        for (byte b : bytes) {
            int symbol = b & 0xFF;
            bits = bits << HuffmanCode.LENGTH[symbol] | HuffmanCode.CODE[symbol];
            count += HuffmanCode.LENGTH[symbol];
            while (count >= 8) {
                count -= 8;
                out.append((byte) (bits >>> count));
            }
        }
        if (count > 0) {
            out.append((byte) (bits << (8 - count) | 0xFF >>> count)); // padded with ones (section 5.2)
        }
    }

    private static void toLowerCase(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
                bytes[i] = (byte) (bytes[i] + 32);
            }
        }
    }

    private static String trimmed(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && isWhitespace(value.charAt(from))) {
            from++;
        }
        while (from < to && isWhitespace(value.charAt(to - 1))) {
            to--;
        }
        return value.substring(from, to); // the value itself if there is nothing to strip
    }

    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t';
    }

    /** A character above 255 would be sent as a different one. */
    private static boolean isLatin1(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 255) {
                return false;
            }
        }
        return true;
    }
}
