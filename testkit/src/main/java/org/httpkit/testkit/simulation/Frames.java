package org.httpkit.testkit.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.httpkit.testkit.RawWebSocket.Frame;

/** Cuts what a server has sent into frames. */
final class Frames {
    private Frames() {}

    /** The frames that are complete, from there on. */
    static List<Frame> read(byte[] bytes, int from) {
        List<Frame> frames = new ArrayList<>();
        int start = from;
        while (start + 2 <= bytes.length) {
            int length = bytes[start + 1];
            int head = 2;
            if (length < 0 || length == 127) {
                throw new AssertionError("Masked, or longer than any answer is");
            }
            if (length == 126) {
                head = 4;
                if (start + head > bytes.length) {
                    break;
                }
                length = (bytes[start + 2] & 0xFF) << 8 | (bytes[start + 3] & 0xFF);
                if (length < 126) {
                    throw new AssertionError("The length " + length + " is not in its shortest form");
                }
            }
            int end = start + head + length;
            if (end > bytes.length) {
                break;
            }
            frames.add(new Frame(
                    bytes[start] < 0,
                    bytes[start] >> 4 & 7,
                    bytes[start] & 0xF,
                    Arrays.copyOfRange(bytes, start + head, end)));
            start = end;
        }
        return frames;
    }
}
