package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RawWebSocket.Frame;

/** Opens a WebSocket, has its messages echoed, closes it, and knows every frame that must come behind the handshake. */
final class WebSocketClient extends SimulatedClient {
    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};
    private static final int NORMAL = 1000;

    /** What is echoed, in order; a close frame is last. */
    private final List<byte[]> expected;

    private final boolean deflates;
    private final String id;
    private final Broadcasts broadcasts;

    private WebSocketClient(
            SimulatedWire wire,
            Schedule schedule,
            byte[] toSend,
            List<byte[]> expected,
            boolean deflates,
            int id,
            Broadcasts broadcasts) {
        super(wire, schedule, toSend);
        this.id = String.valueOf(id);
        this.broadcasts = broadcasts;
        this.expected = expected;
        this.deflates = deflates;
    }

    static WebSocketClient make(SimulatedWire wire, Schedule schedule, int id, Course course, Broadcasts broadcasts) {
        SplittableRandom random = schedule.random();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        List<byte[]> echoed = new ArrayList<>();
        String path = "/websocket/" + id;
        boolean deflates = course.deflates() && !schedule.oneIn(4);
        String handshake =
                deflates ? RawWebSocket.handshake(path, Deflation.offer(random)) : RawWebSocket.handshake(path);
        sent.writeBytes(handshake.getBytes(StandardCharsets.ISO_8859_1));
        int messages = random.nextInt(20);
        for (int i = 0; i < messages; i++) {
            byte[] text = text(id + "-" + i + "-", random);
            send(sent, text, deflates && !schedule.oneIn(4), random);
            echoed.add(text);
        }
        byte[] close = RawWebSocket.closePayload(NORMAL, "");
        sent.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.CLOSE, close, random.nextInt()));
        return new WebSocketClient(wire, schedule, sent.toByteArray(), echoed, deflates, id, broadcasts);
    }

    private static byte[] text(String name, SplittableRandom random) {
        int length = random.nextInt(random.nextInt(8) == 0 ? 3000 : 100);
        StringBuilder text = new StringBuilder(name);
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26))).append("m".repeat(random.nextInt(length)));
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void send(ByteArrayOutputStream sent, byte[] text, boolean deflated, SplittableRandom random) {
        byte[] payload = deflated ? Deflation.deflate(text, random) : text;
        int rsv = deflated ? RawWebSocket.RSV1 : 0;
        int cut = random.nextInt(3) == 0 ? random.nextInt(payload.length) : payload.length;
        boolean whole = cut == payload.length;
        sent.writeBytes(RawWebSocket.masked(
                whole, rsv, RawWebSocket.TEXT, whole ? payload : Arrays.copyOf(payload, cut), random.nextInt()));
        if (!whole) {
            byte[] rest = Arrays.copyOfRange(payload, cut, payload.length);
            sent.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.CONTINUATION, rest, random.nextInt()));
        }
    }

    @Override
    boolean isSatisfied(byte[] received) {
        int start = behindHead(received);
        if (start == 0) {
            return false;
        }
        List<Frame> frames = Frames.read(received, start);
        return !frames.isEmpty() && frames.get(frames.size() - 1).opcode() == RawWebSocket.CLOSE;
    }

    @Override
    void verify(byte[] received, boolean mayBeCut) {
        int start = behindHead(received);
        List<Frame> frames = start == 0 ? List.of() : Frames.read(received, start);
        List<String> taken = broadcasts.taken(id);
        int messages = 0;
        int arrived = 0;
        boolean closed = false;
        for (Frame frame : frames) {
            if (closed) {
                throw new AssertionError("Behind the close frame came " + frame);
            }
            if (frame.opcode() == RawWebSocket.CLOSE) {
                closed = true;
                requireClose(frame, messages, mayBeCut);
            } else if (frame.opcode() != RawWebSocket.PING || !mayBeCut) {
                byte[] message = message(frame);
                if (message[0] == Broadcasts.MARK) {
                    require(arrived < taken.size() && taken.get(arrived).equals(text(message)), "broadcast", frame);
                    arrived++;
                } else {
                    require(
                            messages < expected.size() && Arrays.equals(message, expected.get(messages)),
                            "echo",
                            frame);
                    messages++;
                }
            }
        }
        broadcasts.verify(id, arrived, takesAll());
        if (expectsEverything(mayBeCut) && (!closed || arrived < taken.size())) {
            throw new AssertionError(messages + " of " + expected.size() + " messages came back, " + arrived + " of "
                    + taken.size() + " broadcasts, and " + (closed ? "a" : "no") + " close frame");
        }
    }

    private void requireClose(Frame frame, int messages, boolean mayBeCut) {
        boolean all = messages == expected.size() && frame.closeCode() == NORMAL;
        if (!mayBeCut && !all) {
            throw new AssertionError(messages + " of " + expected.size() + " messages came back, then " + frame);
        }
    }

    private byte[] message(Frame frame) {
        boolean compressed = frame.rsv() == RawWebSocket.RSV1 && deflates;
        require(
                frame.opcode() == RawWebSocket.TEXT && frame.fin() && (frame.rsv() == 0 || compressed),
                "message",
                frame);
        return compressed ? Deflation.inflate(frame.payload()) : frame.payload();
    }

    private static void require(boolean holds, String wanted, Frame frame) {
        if (!holds) {
            throw new AssertionError("Not the next " + wanted + ", but " + frame);
        }
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8);
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
