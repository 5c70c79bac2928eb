package org.httpkit.internal.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The part of DER (X.690) that wrapping a key in PKCS#8 needs. Stateless. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int SEQUENCE = 0x30;
    static final int NULL = 0x05;
    /** The curve of a key in the format of RFC 5915. */
    static final int PARAMETERS = 0xA0;

    /** The object identifier of RSA keys (RFC 8017 appendix C). */
    static final byte[] RSA = {0x06, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1};
    /** The object identifier of keys on elliptic curves (RFC 5480 section 2.1.1). */
    static final byte[] EC = {0x06, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private Der() {}

    /** A value with its tag and length. */
    static byte[] value(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        int length = content.size();
        if (length < 0x80) {
            all.write(length);
        } else if (length < 0x100) {
            all.write(0x81);
            all.write(length);
        } else {
            all.write(0x82);
            all.write(length >> 8);
            all.write(length);
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    /**
     * Returns the content of the first value with this tag in a sequence, without its tag and length.
     *
     * @throws IllegalArgumentException if there is none, or the sequence is damaged
     */
    static byte[] find(byte[] sequence, int tag) {
        int at = contentStart(sequence, 0);
        int end = at + length(sequence, 0);
        while (at < end) {
            int start = contentStart(sequence, at);
            int stop = start + length(sequence, at);
            if (stop > sequence.length) {
                break;
            }
            if ((sequence[at] & 0xFF) == tag) {
                return Arrays.copyOfRange(sequence, start, stop);
            }
            at = stop;
        }
        throw new IllegalArgumentException("The key says nothing of its kind");
    }

    private static int contentStart(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7F); i++) {
            length = length << 8 | byteAt(der, at + 2 + i);
            if (length > der.length) {
                throw new IllegalArgumentException("The key is cut short");
            }
        }
        return length;
    }

    private static int byteAt(byte[] der, int at) {
        if (at >= der.length) {
            throw new IllegalArgumentException("The key is cut short");
        }
        return der[at] & 0xFF;
    }
}
