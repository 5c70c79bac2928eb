package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawWebSocket;

/** Makes the frames of a client whose messages are echoed, and the messages to compare with. */
final class WebSocketEcho {
    private static final int NORMAL = 1000;
    private static final int LONGEST = 1000;
    private static final int MASK_BYTES = 4;

    private WebSocketEcho() {}

    /** Some messages in frames, and a close frame. */
    static byte[] frames(String id, SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int left = random.nextInt(8); left > 0; left--) {
            String text = id + "-" + left + "m".repeat(random.nextInt(random.nextInt(4) == 0 ? LONGEST : 20));
            byte[] payload = text.getBytes(StandardCharsets.ISO_8859_1);
            out.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.TEXT, payload, random.nextInt()));
        }
        byte[] close = RawWebSocket.closePayload(NORMAL, "");
        out.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.CLOSE, close, random.nextInt()));
        return out.toByteArray();
    }

    /** The messages of these frames. */
    static List<byte[]> messages(byte[] frames) {
        List<byte[]> messages = new ArrayList<>();
        int at = 0;
        while ((frames[at] & 0xF) != RawWebSocket.CLOSE) {
            int length = frames[at + 1] & 127;
            int head = 2;
            if (length == 126) {
                length = (frames[at + 2] & 0xFF) << 8 | (frames[at + 3] & 0xFF);
                head = 4;
            }
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) (frames[at + head + MASK_BYTES + i] ^ frames[at + head + i % MASK_BYTES]);
            }
            messages.add(payload);
            at += head + MASK_BYTES + length;
        }
        return messages;
    }
}
