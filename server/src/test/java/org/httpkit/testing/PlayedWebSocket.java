package org.httpkit.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The client of a WebSocket that a test plays: writes frames, and reads those of the server into one line each. */
public final class PlayedWebSocket {
    public static final String HANDSHAKE =
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private final Consumer<byte[]> toServer;
    private final Runnable settling;
    private final Supplier<byte[]> fromServer;

    private PlayedWebSocket(Consumer<byte[]> toServer, Runnable settling, Supplier<byte[]> fromServer) {
        this.toServer = toServer;
        this.settling = settling;
        this.fromServer = fromServer;
    }

    /** Opens a WebSocket over HTTP/1.1, with these further field lines of the handshake. */
    public static PlayedWebSocket on(PlayedConnection connection, String... lines) {
        String more = lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n";
        String answer = connection.ask(HANDSHAKE + more + "\r\n");
        if (!answer.startsWith("HTTP/1.1 101 ") || !answer.endsWith("\r\n\r\n")) {
            throw new AssertionError("The handshake was answered with " + answer);
        }
        return over(connection);
    }

    /** The client of a WebSocket that is open, or opens. */
    public static PlayedWebSocket over(PlayedConnection connection) {
        return new PlayedWebSocket(connection::send, connection::settle, connection::takeBytes);
    }

    /** A client's frame, masked with zeros. */
    public static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 65536) {
            frame.write(0x80 | 126);
            frame.write(payload.length >>> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    public static byte[] text(String text) {
        return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] close(int code) {
        return frame(0x88, new byte[] {(byte) (code >>> 8), (byte) code});
    }

    public PlayedWebSocket send(byte[] frame) {
        toServer.accept(frame);
        return this;
    }

    /** Sends a frame, lets everything run, and returns the frames received since the client last looked. */
    public List<String> ask(byte[] frame) {
        send(frame);
        return settled();
    }

    public List<String> settled() {
        settling.run();
        return take();
    }

    /** The frames received since the client last looked. */
    public List<String> take() {
        return lines(fromServer.get());
    }

    /** The server's frames, a line each. */
    public static List<String> lines(byte[] bytes) {
        List<String> lines = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            int first = in.get() & 0xff;
            int length = in.get();
            if (length == 126) {
                length = in.getShort() & 0xffff;
            } else if (length == 127) {
                length = (int) in.getLong();
            }
            byte[] payload = new byte[length];
            in.get(payload);
            lines.add(line(first, payload));
        }
        return lines;
    }

    private static String line(int first, byte[] payload) {
        String name =
                switch (first & 15) {
                    case 0 -> "CONTINUATION";
                    case 1 -> "TEXT";
                    case 2 -> "BINARY";
                    case 8 -> "CLOSE";
                    case 9 -> "PING";
                    default -> "PONG";
                };
        String marks = ((first & 0x40) != 0 ? " deflated" : "") + ((first & 0x80) == 0 ? " ..." : "");
        if ((first & 15) == 8 && payload.length >= 2) {
            int code = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
            return name + " " + code + content(new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
        }
        return name + marks + content(new String(payload, StandardCharsets.UTF_8));
    }

    private static String content(String text) {
        return text.isEmpty() ? "" : " " + (text.length() > 60 ? text.length() + " characters" : text);
    }
}
