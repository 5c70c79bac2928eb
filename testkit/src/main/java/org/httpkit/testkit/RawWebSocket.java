package org.httpkit.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.httpkit.server.HttpServer;

/**
 * A WebSocket client that sends exactly the frames it is given, good or bad, answers nothing by itself, and reads
 * frames strictly by RFC 6455. Its calls block as its {@link RawClient}'s do. Confined to one thread.
 */
public final class RawWebSocket implements AutoCloseable {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** The bit that says that a message is compressed (RFC 7692 section 6). */
    public static final int RSV1 = 4;

    /** The nonce of every handshake; only servers care. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    /**
     * A frame as it came. Immutable, except for the bytes of the payload.
     *
     * @param rsv the three reserved bits as a number
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(boolean fin, int rsv, int opcode, byte[] payload) {
        /** The payload as UTF-8. */
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a close frame; 1005 if it has none. */
        public int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        }

        /** The reason of a close frame. */
        public String closeReason() {
            return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return (fin ? "" : "part of ") + "opcode " + opcode + " rsv " + rsv + " with " + payload.length + " bytes: "
                    + (payload.length > 100 ? "…" : opcode == CLOSE ? closeCode() + closeReason() : text());
        }
    }

    private final RawClient client;
    private final RawResponse handshake;
    private final Random masks = new Random(1);

    private RawWebSocket(RawClient client, RawResponse handshake) {
        this.client = client;
        this.handshake = handshake;
    }

    /** Connects to a server of this machine and opens a WebSocket, with these field lines besides the necessary ones. */
    public static RawWebSocket open(HttpServer server, String path, String... fieldLines) throws IOException {
        return open(RawClient.connect(server), path, fieldLines);
    }

    /** Opens a WebSocket on a fresh connection. */
    public static RawWebSocket open(RawClient client, String path, String... fieldLines) throws IOException {
        client.send(handshake(path, fieldLines));
        return accepted(client);
    }

    /** Reads the answer to a {@link #handshake} that has been sent. */
    public static RawWebSocket accepted(RawClient client) throws IOException {
        RawResponse answer = client.readHead();
        if (answer.status() != 101 || !ACCEPT.equals(answer.field("Sec-WebSocket-Accept"))) {
            throw new IOException("Not accepted: " + answer);
        }
        return new RawWebSocket(client, answer);
    }

    /** A proper handshake with these field lines besides. */
    public static String handshake(String path, String... fieldLines) {
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n");
        for (String line : fieldLines) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** The connection below. */
    public RawClient client() {
        return client;
    }

    /** The server's answer to the handshake. */
    public RawResponse handshake() {
        return handshake;
    }

    // ---- sending

    public RawWebSocket text(String text) throws IOException {
        return frame(true, 0, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public RawWebSocket binary(byte[] bytes) throws IOException {
        return frame(true, 0, BINARY, bytes);
    }

    public RawWebSocket ping(String payload) throws IOException {
        return frame(true, 0, PING, payload.getBytes(StandardCharsets.UTF_8));
    }

    public RawWebSocket pong(String payload) throws IOException {
        return frame(true, 0, PONG, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a close frame with this code, which may be a forbidden one. */
    public RawWebSocket close(int code, String reason) throws IOException {
        return frame(true, 0, CLOSE, closePayload(code, reason));
    }

    /** Sends a frame, masked. */
    public RawWebSocket frame(boolean fin, int rsv, int opcode, byte[] payload) throws IOException {
        client.send(masked(fin, rsv, opcode, payload, masks.nextInt()));
        return this;
    }

    /** Encodes a code and a reason as the payload of a close frame. */
    public static byte[] closePayload(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + text.length)
                .putShort((short) code)
                .put(text)
                .array();
    }

    /** The bytes of a masked frame. */
    public static byte[] masked(boolean fin, int rsv, int opcode, byte[] payload, int maskingKey) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) ((fin ? 0x80 : 0) | rsv << 4 | opcode));
        if (payload.length <= 125) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length <= 0xFFFF) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(maskingKey);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ maskingKey >>> (24 - i % 4 * 8)));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }

    // ---- receiving

    /** Reads a frame, which must be one that a server may send. */
    public Frame read() throws IOException {
        byte[] head = exactly(2);
        boolean fin = (head[0] & 0x80) != 0;
        int opcode = head[0] & 0xF;
        if ((head[1] & 0x80) != 0) {
            throw new IOException("A server must not mask (RFC 6455 section 5.1)");
        }
        long length = head[1];
        if (length == 126) {
            length = ByteBuffer.wrap(exactly(2)).getShort() & 0xFFFF;
        } else if (length == 127) {
            length = ByteBuffer.wrap(exactly(8)).getLong();
        }
        if (length != head[1] && length <= (head[1] == 126 ? 125 : 0xFFFF)) {
            throw new IOException("The length " + length + " is not in its shortest form (section 5.2)");
        }
        if (opcode >= CLOSE && (!fin || length > 125)) {
            throw new IOException("A control frame must be short and whole (section 5.5)");
        }
        return new Frame(fin, head[0] >> 4 & 7, opcode, exactly(Math.toIntExact(length)));
    }

    /** Reads a data message of any number of frames; nothing else may come in between. */
    public Frame readMessage() throws IOException {
        Frame frame = read();
        if (frame.opcode != TEXT && frame.opcode != BINARY) {
            throw new IOException("No message but " + frame);
        }
        Frame first = frame;
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(frame.payload);
        while (!frame.fin) {
            frame = read();
            if (frame.opcode != CONTINUATION) {
                throw new IOException("No continuation but " + frame);
            }
            whole.writeBytes(frame.payload);
        }
        return new Frame(true, first.rsv, first.opcode, whole.toByteArray());
    }

    /** Reads a close frame, which has to come next. */
    public Frame readClose() throws IOException {
        Frame frame = read();
        if (frame.opcode != CLOSE) {
            throw new IOException("No close frame but " + frame);
        }
        return frame;
    }

    /** Waits for the end of the connection; anything else fails. */
    public RawClient.End awaitEnd() throws IOException {
        return client.awaitEnd();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = client.readBytes(count);
        if (bytes.length < count) {
            EOFException end = new EOFException(
                    "The connection ended after " + bytes.length + " of " + count + " bytes of a frame");
            end.initCause(client.endCause());
            throw end;
        }
        return bytes;
    }
}
