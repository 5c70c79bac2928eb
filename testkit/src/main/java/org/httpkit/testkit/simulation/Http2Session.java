package org.httpkit.testkit.simulation;

import static org.httpkit.testkit.RawHttp2.ACK;
import static org.httpkit.testkit.RawHttp2.CONTINUATION;
import static org.httpkit.testkit.RawHttp2.DATA;
import static org.httpkit.testkit.RawHttp2.END_HEADERS;
import static org.httpkit.testkit.RawHttp2.GOAWAY;
import static org.httpkit.testkit.RawHttp2.HEADERS;
import static org.httpkit.testkit.RawHttp2.PING;
import static org.httpkit.testkit.RawHttp2.SETTINGS;
import static org.httpkit.testkit.RawHttp2.WINDOW_UPDATE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.httpkit.http.Headers;
import org.httpkit.testkit.FieldBlocks;
import org.httpkit.testkit.RawHttp2;
import org.jspecify.annotations.Nullable;

/**
 * A simulated HTTP/2 client's knowledge of its connection: takes the server's frames, checks each against RFC 9113, and
 * notes what it owes for them. Confined to the simulation's thread.
 */
final class Http2Session {
    private static final int HEAD_BYTES = 9;
    private static final int MOST_FRAME_BYTES = 1 << 14;
    private static final int NONE = -1;

    final Map<Integer, Http2Call> calls = new HashMap<>();
    /** Frames that answer others, to be sent as soon as possible. */
    final List<byte[]> owed = new ArrayList<>();

    private final ByteArrayOutputStream incoming = new ByteArrayOutputStream();
    private final FieldBlocks blocks = new FieldBlocks();
    /** The HEADERS frame whose block is not complete, and the block so far. */
    private RawHttp2.@Nullable Frame begun;

    private final ByteArrayOutputStream block = new ByteArrayOutputStream();

    /** Changes that take effect when the server acknowledges our SETTINGS, in order. */
    private final ArrayDeque<Runnable> settings = new ArrayDeque<>();

    private final Map<Long, Runnable> pings = new HashMap<>();
    private boolean greeted;
    private boolean otherProtocol;

    long sendWindow = Http2Call.DEFAULT_WINDOW_BYTES;
    long receiveWindow = Http2Call.DEFAULT_WINDOW_BYTES;
    /** Bytes that the server sent, and for which it has no credit yet. */
    int owedBytes;

    private int lastAllowed = Integer.MAX_VALUE;
    private int goAways;
    private int errorCode = NONE;

    /** Whether the server has sent anything. */
    boolean isGreeted() {
        return greeted;
    }

    /** Whether the server wants no more streams. */
    boolean isGoingAway() {
        return goAways > 0;
    }

    /**
     * Whether the server took the bytes for another protocol: it ended the connection before the preface was complete.
     */
    boolean isOtherProtocol() {
        return otherProtocol;
    }

    /** Whether the server has answered every PING and SETTINGS frame. */
    boolean isAnswered() {
        return pings.isEmpty() && settings.isEmpty();
    }

    /** The code with which the server has ended the connection; -1 if it has not sent one. */
    int errorCode() {
        return errorCode;
    }

    /** Notes that our SETTINGS frame leaves, and the change upon its acknowledgement. */
    void settingsSent(Runnable acknowledged) {
        settings.add(acknowledged);
    }

    /** Makes a PING frame, with a task for its answer. */
    byte[] ping(long opaque, Runnable answered) {
        pings.put(opaque, answered);
        return RawHttp2.frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(opaque).array());
    }

    /**
     * Takes bytes that have come.
     *
     * @throws AssertionError if the server must not send that
     */
    void take(byte[] bytes, int count) {
        incoming.write(bytes, 0, count);
        byte[] all = incoming.toByteArray();
        if (!greeted && isHttp1(all)) {
            otherProtocol = true;
            return;
        }
        int at = 0;
        while (all.length - at >= HEAD_BYTES) {
            ByteBuffer head = ByteBuffer.wrap(all, at, HEAD_BYTES);
            int length = head.getInt() >>> 8;
            require(length <= MOST_FRAME_BYTES, "a frame of " + length + " bytes");
            if (all.length - at < HEAD_BYTES + length) {
                break;
            }
            byte[] payload = new byte[length];
            System.arraycopy(all, at + HEAD_BYTES, payload, 0, length);
            int streamId = ByteBuffer.wrap(all, at + 5, 4).getInt();
            take(new RawHttp2.Frame(all[at + 3], all[at + 4], streamId, payload));
            at += HEAD_BYTES + length;
        }
        incoming.reset();
        incoming.write(all, at, all.length - at);
    }

    private static boolean isHttp1(byte[] bytes) {
        String begin = new String(bytes, 0, Math.min(5, bytes.length), StandardCharsets.ISO_8859_1);
        return bytes.length > 0 && "HTTP/".startsWith(begin);
    }

    private void take(RawHttp2.Frame frame) {
        require(greeted || (frame.type() == SETTINGS && !frame.has(ACK)), "not SETTINGS first, but " + frame);
        greeted = true;
        RawHttp2.Frame open = begun;
        if (open != null) {
            require(
                    frame.type() == CONTINUATION && frame.streamId() == open.streamId(),
                    "within a field block " + frame);
            fragment(open, frame);
            return;
        }
        switch (frame.type()) {
            case HEADERS -> fragment(frame, frame);
            case DATA -> {
                receiveWindow -= frame.payload().length;
                require(receiveWindow >= 0, "more than the connection's window");
                owedBytes += frame.payload().length;
                call(frame).take(frame, null);
            }
            case SETTINGS -> settings(frame);
            case PING -> ping(frame);
            case GOAWAY -> goAway(frame);
            case WINDOW_UPDATE -> {
                if (frame.streamId() == 0) {
                    sendWindow += frame.word(0);
                    require(frame.word(0) > 0 && sendWindow <= Integer.MAX_VALUE, "a window that is too large");
                } else {
                    call(frame).take(frame, null);
                }
            }
            default -> call(frame).take(frame, null);
        }
    }

    private Http2Call call(RawHttp2.Frame frame) {
        Http2Call call = calls.get(frame.streamId());
        if (call == null) {
            throw new AssertionError("Nobody has opened the stream of " + frame);
        }
        return call;
    }

    private void fragment(RawHttp2.Frame open, RawHttp2.Frame frame) {
        block.writeBytes(frame.payload());
        begun = open;
        if (!frame.has(END_HEADERS)) {
            return;
        }
        begun = null;
        try {
            Headers fields = blocks.decode(block.toByteArray());
            block.reset();
            call(open).take(open, fields);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void settings(RawHttp2.Frame frame) {
        if (!frame.has(ACK)) {
            owed.add(RawHttp2.frame(SETTINGS, ACK, 0));
            return;
        }
        Runnable acknowledged = settings.poll();
        require(acknowledged != null, "SETTINGS acknowledged that were never sent");
        java.util.Objects.requireNonNull(acknowledged).run();
    }

    private void ping(RawHttp2.Frame frame) {
        if (!frame.has(ACK)) {
            owed.add(RawHttp2.frame(PING, ACK, 0, frame.payload()));
            return;
        }
        Runnable answered = pings.remove(ByteBuffer.wrap(frame.payload()).getLong());
        require(answered != null, "a PING answered that was never sent");
        java.util.Objects.requireNonNull(answered).run();
    }

    private void goAway(RawHttp2.Frame frame) {
        int last = frame.word(0);
        require(last <= lastAllowed, "GOAWAY that allows more than the one before");
        lastAllowed = last;
        goAways++;
        int code = frame.word(4);
        errorCode = code == 0 ? errorCode : code;
        for (Http2Call call : calls.values()) {
            if (call.id > last && !call.isOver()) {
                require(!call.isAnswered(), "an answer on a stream that was not taken");
                call.unprocessed = true;
            }
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError("The server sent " + otherwise);
        }
    }
}
