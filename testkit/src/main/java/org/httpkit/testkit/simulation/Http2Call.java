package org.httpkit.testkit.simulation;

import static org.httpkit.testkit.RawHttp2.DATA;
import static org.httpkit.testkit.RawHttp2.END_STREAM;
import static org.httpkit.testkit.RawHttp2.HEADERS;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawWebSocket;
import org.jspecify.annotations.Nullable;

/**
 * One request of a simulated HTTP/2 client: how much of it was sent, the parts of its answer that have come, and the
 * windows of its stream, both ways. Confined to the simulation's thread.
 */
final class Http2Call {
    /** Never resets its stream. */
    static final int NEVER = Integer.MAX_VALUE;

    /** Bytes that a stream may send before it gets credit, by default. */
    static final int DEFAULT_WINDOW_BYTES = 65_535;

    final List<String> fields;
    /** Null if there is none. */
    final byte @Nullable [] body;

    final Expected expected;
    /** Whether the body consists of frames for a WebSocket that echoes them. */
    final boolean webSocket;
    /** The number of its frames, both ways, after which the client gives it up. */
    final int patienceFrames;

    /** The number of its stream; 0 before it is opened. */
    int id;

    int sentBytes;
    int frames;
    /** Whether our side has ended. */
    boolean ended;

    boolean resetByClient;
    /** Whether the server knows that, and sends nothing more. */
    boolean silenced;

    /** Whether the server has reported that it did not process the request. */
    boolean unprocessed;

    long sendWindow = DEFAULT_WINDOW_BYTES;
    long receiveWindow;
    /** Bytes that the server sent, and for which it has no credit yet. */
    int owedBytes;

    /** Credit that is on its way, or will be soon. */
    int creditBytes;

    /** Changes of its window that the server has not acknowledged. */
    int pendingResizes;

    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private @Nullable Headers head;
    private boolean answered;
    private int resetCode = -1;

    Http2Call(List<String> fields, byte @Nullable [] body, Expected expected, boolean webSocket, int patienceFrames) {
        this.fields = fields;
        this.body = body;
        this.expected = expected;
        this.webSocket = webSocket;
        this.patienceFrames = patienceFrames;
    }

    /** Bytes of the body that are left to send. */
    int restBytes() {
        return body == null ? 0 : body.length - sentBytes;
    }

    boolean isOpened() {
        return id > 0;
    }

    /** Whether neither side has anything left to send. */
    boolean isOver() {
        return resetByClient || unprocessed || resetCode >= 0 || (answered && ended);
    }

    /** Whether it takes more of our side, or credit. */
    boolean isOpen() {
        return isOpened() && !isOver();
    }

    /** The credit to give the server: for what it sent, or any if it may send nothing at all. */
    int lacks() {
        if (answered || pendingResizes > 0) {
            return 0;
        }
        long most = receiveWindow + creditBytes;
        return owedBytes > 0 ? owedBytes : most <= 0 ? (int) (1 - most) : 0;
    }

    boolean isAnswered() {
        return answered;
    }

    /**
     * A frame of the server's on this stream, fields decoded.
     *
     * @throws AssertionError if it must not come
     */
    void take(RawHttp2.Frame frame, @Nullable Headers fields) {
        require(isOpened() && !silenced && !unprocessed, "Nobody waits for it", frame);
        require(resetCode < 0, "The server has reset the stream", frame);
        frames++;
        switch (frame.type()) {
            case HEADERS -> head(frame, java.util.Objects.requireNonNull(fields));
            case DATA -> {
                require(!answered && head != null, "Content without a head, or behind the end", frame);
                receiveWindow -= frame.payload().length;
                require(receiveWindow >= 0 || frame.payload().length == 0, "More than the stream's window", frame);
                content.writeBytes(frame.payload());
                owedBytes += frame.payload().length;
            }
            case RawHttp2.RST_STREAM -> resetCode = frame.word(0);
            case RawHttp2.WINDOW_UPDATE -> {
                sendWindow += frame.word(0);
                require(frame.word(0) > 0 && sendWindow <= Integer.MAX_VALUE, "A window that is too large", frame);
            }
            default -> throw new AssertionError("Not for a stream: " + frame);
        }
        answered |= (frame.type() == HEADERS || frame.type() == DATA) && frame.has(END_STREAM);
    }

    private void head(RawHttp2.Frame frame, Headers fields) {
        require(!answered, "A head behind the end", frame);
        String status = fields.first(":status");
        if (head == null) {
            require(status != null, "No status", frame);
            head = fields;
        } else {
            require(status == null && frame.has(END_STREAM), "Trailers that end nothing", frame);
        }
    }

    private int status() {
        return head == null ? 0 : Integer.parseInt(String.valueOf(head.first(":status")));
    }

    /**
     * Compares the answer with what it should be. To be called when the connection is over.
     *
     * @param mayBeCut whether the server had reason to end the connection, or streams, early
     * @param mayBeEnded whether it had reason to end answers early that have no end by themselves
     * @param wanted whether the client waited for the answer
     * @throws AssertionError if it is wrong
     */
    void verify(boolean mayBeCut, boolean mayBeEnded, boolean wanted) {
        if (resetByClient || unprocessed) {
            verifyContent(true);
            return;
        }
        if (expected.status() == 0) {
            boolean refused = status() >= 400 || resetCode > 0;
            verify(refused || !wanted, "A malformed request was not refused");
            return;
        }
        if (mayBeCut && (status() == 408 || status() == 503)) {
            return; // the server waited too long for the rest of the request, or held too much input
        }
        verify(head == null || status() == expected.status(), "Not " + expected.status());
        boolean broken = expected.isBroken();
        verify(!broken || !answered, "A file that could not be sent to its end was");
        boolean cut = !answered || (mayBeEnded && (expected.isStream() || webSocket));
        verifyContent(cut);
        verify(
                resetCode <= 0 || mayBeCut || broken || (mayBeEnded && expected.isStream()),
                "The server has reset the stream");
        verify(answered || !wanted || broken, "It was not answered in full");
        if (wanted && expected.file() != null) {
            expected.file().verify(true);
        }
    }

    private void verifyContent(boolean mayBePart) {
        if (status() != 200 || expected.toHead()) {
            return;
        }
        if (webSocket) {
            verifyFrames(mayBePart);
            return;
        }
        String wanted = expected.body().get();
        String text = content.toString(StandardCharsets.ISO_8859_1);
        verify(mayBePart ? wanted.startsWith(text) : wanted.equals(text), "Not " + wanted + " but " + text);
        String length = head == null ? null : head.first("content-length");
        verify(length == null || Integer.parseInt(length) == wanted.length(), "Not the length of the content");
    }

    /** Checks that the messages come back one by one, followed by a close frame. */
    private void verifyFrames(boolean mayBePart) {
        List<byte[]> echoed = WebSocketEcho.messages(java.util.Objects.requireNonNull(body));
        int messages = 0;
        boolean closed = false;
        for (RawWebSocket.Frame frame : Frames.read(content.toByteArray(), 0)) {
            verify(!closed, "Behind the close frame came " + frame);
            if (frame.opcode() == RawWebSocket.CLOSE) {
                closed = true;
            } else if (frame.opcode() != RawWebSocket.PING) {
                verify(
                        messages < echoed.size() && Arrays.equals(frame.payload(), echoed.get(messages)),
                        "Not the next echo, but " + frame);
                messages++;
            }
        }
        verify(mayBePart || (closed && messages == echoed.size()), messages + " of " + echoed.size() + " came back");
    }

    private void verify(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(this + ": " + otherwise);
        }
    }

    private void require(boolean holds, String otherwise, RawHttp2.Frame frame) {
        verify(holds, otherwise + ": " + frame);
    }

    @Override
    public String toString() {
        return "stream " + id + " " + fields + ", " + sentBytes + " bytes sent" + (ended ? ", ended" : "") + ", status "
                + status() + ", " + content.size() + " bytes" + (answered ? ", answered" : "") + ", reset " + resetCode;
    }
}
