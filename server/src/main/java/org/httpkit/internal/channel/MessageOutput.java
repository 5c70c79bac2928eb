package org.httpkit.internal.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.internal.websocket.MessageDeflater;
import org.httpkit.internal.websocket.Opcode;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Message;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.SharedForms;
import org.jspecify.annotations.Nullable;

/** Sends a channel's data as WebSocket messages (RFC 6455 section 5). See {@link ChannelOutput} for threads. */
public final class MessageOutput implements ChannelOutput {
    private static final int TOGETHER_BYTES = 16 * 1024;
    /** Encoding or copying this many bytes takes about 10 microseconds. */
    private static final long LONG_BYTES = 64 * 1024;
    /** Compressing this many bytes takes about 100 microseconds. */
    private static final long LONG_DEFLATED_BYTES = 4 * 1024;

    private static final byte[] NOTHING = {};

    private final MessageLink connection;
    private final @Nullable MessageDeflater deflater;
    /** Whether compressed messages do not refer to earlier ones, so that one message fits all clients. */
    private final boolean sharesDeflated;

    private boolean inPieces;

    public MessageOutput(MessageLink connection, @Nullable MessageDeflater deflater, boolean sharesDeflated) {
        this.connection = connection;
        this.deflater = deflater;
        this.sharesDeflated = sharesDeflated;
    }

    @Override
    public void send(ChannelData data) {
        if (data.isNothing()) {
            return;
        }
        Message message = data.message();
        if (data.fansOut()) {
            byte[] frame = message != null ? shared(message) : frameOf(data.body());
            connection.tunnel().sendSoon(frame);
        } else if (message != null) {
            write(shared(message));
        } else if (deflater == null && data.body() instanceof ResponseBody.Text text) {
            write(Opcode.TEXT, text.text().getBytes(UTF_8));
        } else if (deflater == null && data.body() instanceof ResponseBody.Bytes bytes) {
            write(Opcode.BINARY, bytes.bytes());
        } else {
            write(frameOf(data.body()));
        }
    }

    @Override
    public boolean takesLong(ChannelData data) {
        return data.contentBytes() > (deflater == null ? LONG_BYTES : LONG_DEFLATED_BYTES);
    }

    @Override
    public byte[] encode(ChannelData data) {
        Message message = data.message();
        return message != null ? shared(message) : frameOf(data.body());
    }

    @Override
    public void sendEncoded(ChannelData data, byte[] encoded) {
        if (data.fansOut()) {
            connection.tunnel().sendSoon(encoded);
        } else {
            write(encoded);
        }
    }

    /** Sends an uncompressed message to one client. Frames it directly in the gathering buffer if it need not wait. */
    private void write(Opcode opcode, byte[] payload) {
        if (leavesAtOnce(payload.length)) {
            Scratch scratch = connection.tunnel().scratch();
            FrameEncoder.append(scratch.bytes, opcode, payload);
            connection.tunnel().send(scratch);
        } else {
            write(FrameEncoder.message(opcode, payload));
        }
    }

    /** The frame of a message for many clients. The first channel that needs it makes it. */
    private byte[] shared(Message message) {
        if (deflater == null) {
            return SharedForms.of(message).encoded(SharedForms.Form.FRAME, MessageOutput::plainFrame);
        }
        return sharesDeflated
                ? SharedForms.of(message).encoded(SharedForms.Form.DEFLATED_FRAME, this::deflatedFrame)
                : deflatedFrame(message);
    }

    private static byte[] plainFrame(Message message) {
        String text = message.text();
        byte[] bytes = message.bytes();
        return text != null ? FrameEncoder.text(text) : FrameEncoder.binary(bytes, 0, bytes.length);
    }

    private byte[] deflatedFrame(Message message) {
        String text = message.text();
        return text != null ? textFrame(text) : binaryFrame(message.bytes());
    }

    private byte[] frameOf(ResponseBody body) {
        if (body instanceof ResponseBody.Text text) {
            return textFrame(text.text());
        }
        if (body instanceof ResponseBody.Bytes bytes) {
            return binaryFrame(bytes.bytes());
        }
        if (body instanceof ResponseBody.Buffer buffer) {
            if (deflater == null) {
                return FrameEncoder.binary(buffer.bytes());
            }
            byte[] copy = new byte[buffer.bytes().remaining()];
            buffer.bytes().duplicate().get(copy);
            return binaryFrame(copy);
        }
        throw new IllegalArgumentException(body + " is not all there");
    }

    private byte[] textFrame(String text) {
        return deflater == null ? FrameEncoder.text(text) : deflater.text(text);
    }

    private byte[] binaryFrame(byte[] bytes) {
        return deflater == null ? FrameEncoder.binary(bytes, 0, bytes.length) : deflater.binary(bytes, 0, bytes.length);
    }

    @Override
    public void beginPieces(ChannelData data) {
        inPieces = false;
    }

    @Override
    public void sendPiece(byte[] bytes, int offset, int count) {
        if (count > 0) {
            write(FrameEncoder.fragment(inPieces ? Opcode.CONTINUATION : Opcode.BINARY, false, bytes, offset, count));
            inPieces = true;
        }
    }

    @Override
    public void endPieces() {
        write(FrameEncoder.fragment(inPieces ? Opcode.CONTINUATION : Opcode.BINARY, true, NOTHING, 0, 0));
        inPieces = false;
    }

    @Override
    public boolean endsWithHead(ChannelData data) {
        return false;
    }

    @Override
    public boolean isUnbegun() {
        return false;
    }

    @Override
    public void complete(ChannelData data, @Nullable Consumer<@Nullable Throwable> beforeEnd) {
        throw new IllegalStateException("A WebSocket begins with its handshake");
    }

    @Override
    public void end(int code, String reason) {
        connection.tunnel().execute(() -> connection.closeRequested(code, reason));
    }

    /** Ends the connection: there is no other way to cut a message short. */
    @Override
    public void fail(Throwable cause) {
        connection.tunnel().execute(() -> connection.closeRequested(CloseCode.INTERNAL_ERROR, ""));
    }

    /** Always false: a WebSocket is complete only when its connection ends. */
    @Override
    public boolean isComplete() {
        return false;
    }

    @Override
    public boolean isCut() {
        return false;
    }

    @Override
    public boolean isWebSocket() {
        return true;
    }

    @Override
    public Outflow outflow() {
        return connection.tunnel();
    }

    @Override
    public CloseReason ownClose(int code, String reason) {
        return new CloseReason(code, reason, CloseReason.Cause.CLOSED);
    }

    @Override
    public void release() {
        if (deflater != null) {
            deflater.release();
        }
    }

    /** Does not copy a frame that has to wait: the one frame of a message for many waits for all slow clients. */
    void write(byte[] frame) {
        if (leavesAtOnce(frame.length)) {
            Scratch scratch = connection.tunnel().scratch();
            scratch.bytes.append(frame);
            connection.tunnel().send(scratch);
        } else {
            connection.tunnel().send(new BytesSegment(frame, 0, frame.length));
        }
    }

    private boolean leavesAtOnce(int bytes) {
        return bytes <= TOGETHER_BYTES && !connection.tunnel().waitsForPeer();
    }
}
