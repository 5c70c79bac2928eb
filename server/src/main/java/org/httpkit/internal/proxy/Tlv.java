package org.httpkit.internal.proxy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type and a value after the addresses of a version 2 header (PROXY protocol section 2.2). Immutable. */
public final class Tlv {
    public static final int ALPN = 0x01;
    public static final int AUTHORITY = 0x02;
    public static final int CRC32C = 0x03;
    public static final int UNIQUE_ID = 0x05;
    public static final int TLS = 0x20;
    public static final int TLS_VERSION = 0x21;
    public static final int TLS_COMMON_NAME = 0x22;

    static final int HEAD_BYTES = 3;

    private final int type;
    private final byte[] value;

    private Tlv(int type, byte[] value) {
        this.type = type;
        this.value = value;
    }

    /** From 0 to 255. */
    public int type() {
        return type;
    }

    /** A copy of the bytes. */
    public byte[] value() {
        return value.clone();
    }

    /** The value decoded as UTF-8. */
    public String text() {
        return new String(value, StandardCharsets.UTF_8);
    }

    /** How many bytes the value has. */
    public int length() {
        return value.length;
    }

    int byteAt(int index) {
        return value[index] & 0xFF;
    }

    /** Returns the values nested in this one, from an index on. */
    List<Tlv> nested(int from) throws ProxyViolationException {
        return readAll(value, from, value.length);
    }

    /** Returns the first value of this type, or null. */
    static @Nullable Tlv first(List<Tlv> tlvs, int type) {
        for (Tlv tlv : tlvs) {
            if (tlv.type == type) {
                return tlv;
            }
        }
        return null;
    }

    /** Splits the whole range into values. */
    static List<Tlv> readAll(byte[] bytes, int from, int to) throws ProxyViolationException {
        List<Tlv> tlvs = new ArrayList<>();
        int i = from;
        while (i < to) {
            if (to - i < HEAD_BYTES) {
                throw ProxyViolation.INVALID_TLV.exception();
            }
            int start = i + HEAD_BYTES;
            int length = (bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF);
            if (to - start < length) {
                throw ProxyViolation.INVALID_TLV.exception();
            }
            tlvs.add(new Tlv(bytes[i] & 0xFF, Arrays.copyOfRange(bytes, start, start + length)));
            i = start + length;
        }
        return List.copyOf(tlvs);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tlv that && type == that.type && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return String.format("0x%02x (%d bytes)", type, value.length);
    }
}
