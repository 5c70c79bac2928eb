package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawWebSocket;

/** Opens a WebSocket, has its messages echoed, closes it, and knows every byte that must come behind the handshake. */
final class WebSocketClient extends SimulatedClient {
    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

    private final byte[] expected;

    private WebSocketClient(SimulatedWire wire, Schedule schedule, byte[] toSend, byte[] expected) {
        super(wire, schedule, toSend);
        this.expected = expected;
    }

    static WebSocketClient make(SimulatedWire wire, Schedule schedule, int id) {
        SplittableRandom random = schedule.random();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream echoed = new ByteArrayOutputStream();
        sent.writeBytes(RawWebSocket.handshake("/websocket/" + id).getBytes(StandardCharsets.ISO_8859_1));
        int messages = random.nextInt(20);
        for (int i = 0; i < messages; i++) {
            byte[] text = (id + "-" + i + "-" + "m".repeat(random.nextInt(random.nextInt(8) == 0 ? 3000 : 100)))
                    .getBytes(StandardCharsets.ISO_8859_1);
            int cut = random.nextInt(3) == 0 ? random.nextInt(text.length) : text.length;
            boolean whole = cut == text.length;
            sent.writeBytes(
                    RawWebSocket.masked(whole, 0, RawWebSocket.TEXT, Arrays.copyOf(text, cut), random.nextInt()));
            if (!whole) {
                byte[] rest = Arrays.copyOfRange(text, cut, text.length);
                sent.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.CONTINUATION, rest, random.nextInt()));
            }
            frame(echoed, RawWebSocket.TEXT, text);
        }
        byte[] close = RawWebSocket.closePayload(1000, "");
        sent.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.CLOSE, close, random.nextInt()));
        frame(echoed, RawWebSocket.CLOSE, close);
        return new WebSocketClient(wire, schedule, sent.toByteArray(), echoed.toByteArray());
    }

    private static void frame(ByteArrayOutputStream out, int opcode, byte[] payload) {
        out.write(0x80 | opcode);
        if (payload.length < 126) {
            out.write(payload.length);
        } else {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        }
        out.writeBytes(payload);
    }

    @Override
    boolean isSatisfied(byte[] received) {
        return received.length >= behindHead(received) + expected.length && behindHead(received) > 0;
    }

    @Override
    void verify(byte[] received, boolean mayBeCut) {
        int start = behindHead(received);
        byte[] frames = start == 0 ? new byte[0] : Arrays.copyOfRange(received, start, received.length);
        if (mayBeCut) {
            return; // the close frame comes between
        }
        boolean begins = Arrays.equals(frames, Arrays.copyOf(expected, Math.min(frames.length, expected.length)));
        if (!begins || frames.length > expected.length) {
            throw new AssertionError("Not the echo of what was sent");
        }
        if (expectsEverything(mayBeCut) && frames.length < expected.length) {
            throw new AssertionError(frames.length + " of " + expected.length + " bytes of the echo came");
        }
    }

    /** Where the head of the handshake's answer ends; 0 if it has not. */
    private static int behindHead(byte[] received) {
        for (int i = 0; i + 4 <= received.length; i++) {
            if (Arrays.equals(received, i, i + 4, END_OF_HEAD, 0, 4)) {
                return i + 4;
            }
        }
        return 0;
    }
}
