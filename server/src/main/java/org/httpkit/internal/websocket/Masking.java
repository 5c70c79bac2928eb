package org.httpkit.internal.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Masks or unmasks payload bytes, which is one operation (RFC 6455 section 5.3). */
final class Masking {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Masking() {}

    /**
     * Masks bytes in place.
     *
     * @param key the masking key, its first byte highest
     * @param position the position of the first of these bytes in the frame's payload
     */
    static void apply(byte[] bytes, int offset, int length, int key, long position) {
        if (key == 0) {
            return;
        }
        int turned = Integer.rotateLeft(key, 8 * (int) (position & 3));
        long wide = (turned & 0xFFFF_FFFFL) << 32 | (turned & 0xFFFF_FFFFL);
        int at = offset;
        int end = offset + length;
        for (; end - at >= 8; at += 8) {
            LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ wide);
        }
        for (int shift = 24; at < end; at++, shift -= 8) {
            bytes[at] = (byte) (bytes[at] ^ (turned >>> shift)); // Java takes shifts modulo 32, so the key repeats
        }
    }
}
