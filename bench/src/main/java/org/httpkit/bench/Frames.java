package org.httpkit.bench;

import java.nio.ByteBuffer;

/** Frames as a client sends them (RFC 6455 section 5.2). */
final class Frames {
    private static final int KEY = 0x37FA213D;

    private Frames() {}

    /** A whole message in one masked frame. */
    static byte[] masked(int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) (0x80 | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) 0xFE).putShort((short) payload.length);
        } else {
            frame.put((byte) 0xFF).putLong(payload.length);
        }
        frame.putInt(KEY);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ (KEY >>> (24 - 8 * (i & 3)))));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }
}
