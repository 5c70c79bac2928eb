package org.httpkit.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FieldSink;
import org.httpkit.internal.http2.FrameNotation;
import org.httpkit.internal.http2.HpackDecoder;
import org.httpkit.internal.http2.Http2ViolationException;

/**
 * The client of a {@link PlayedConnection} that speaks HTTP/2: writes frames as {@code resources/http2/README.md} says,
 * and reads those of the server into one line each.
 */
public final class PlayedHttp2 {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String[] TYPES = {
        "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE"
    };

    public final PlayedConnection connection;
    private final HpackDecoder hpack = new HpackDecoder();
    private final ByteQueue unread = new ByteQueue(0);

    private PlayedHttp2(PlayedConnection connection) {
        this.connection = connection;
    }

    /** Begins HTTP/2 with these settings of the client's, and drops the greeting. */
    public static PlayedHttp2 on(PlayedConnection connection, String... settings) {
        PlayedHttp2 client = new PlayedHttp2(connection);
        connection.send(PREFACE);
        client.send("SETTINGS " + String.join(" ", settings));
        connection.settle();
        client.take();
        return client;
    }

    /** Begins HTTP/2 without any frame. */
    public static PlayedHttp2 bare(PlayedConnection connection) {
        connection.send(PREFACE);
        return new PlayedHttp2(connection);
    }

    public PlayedHttp2 send(String... frames) {
        connection.send(FrameNotation.bytes(frames));
        return this;
    }

    /** Sends frames, lets everything run, and returns the frames that the client has received since it last looked. */
    public List<String> ask(String... frames) {
        send(frames);
        return settled();
    }

    public List<String> settled() {
        connection.settle();
        return take();
    }

    /** The frames that the client has received since it last looked. */
    public List<String> take() {
        unread.append(connection.takeBytes());
        List<String> frames = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(unread.toByteArray());
        while (in.remaining() >= 9) {
            int start = in.position();
            int length = (in.get() & 0xff) << 16 | (in.get() & 0xff) << 8 | in.get() & 0xff;
            int type = in.get();
            int flags = in.get();
            int stream = in.getInt();
            if (in.remaining() < length) {
                in.position(start);
                break;
            }
            byte[] payload = new byte[length];
            in.get(payload);
            frames.add(line(type, flags, stream, ByteBuffer.wrap(payload)));
        }
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        unread.clear();
        unread.append(rest);
        return frames;
    }

    private String line(int type, int flags, int stream, ByteBuffer payload) {
        String name = TYPES[type];
        String end = type <= 1 && (flags & 1) != 0 ? " END" : "";
        return switch (name) {
            case "DATA" -> name + " " + stream + end + content(payload.array());
            case "HEADERS" -> name + " " + stream + end + fields(payload.array());
            case "RST_STREAM" -> name + " " + stream + " " + ErrorCode.nameOf(payload.getInt());
            case "SETTINGS" -> name + ((flags & 1) != 0 ? " ACK" : "");
            case "PING" -> name + ((flags & 1) != 0 ? " ACK" : "") + " " + Long.toHexString(payload.getLong());
            case "GOAWAY" ->
                name + " " + payload.getInt() + " " + ErrorCode.nameOf(payload.getInt()) + content(payload.slice());
            case "WINDOW_UPDATE" -> name + " " + stream + " " + payload.getInt();
            default -> name + " " + stream;
        };
    }

    private static String content(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return content(copy);
    }

    private static String content(byte[] bytes) {
        if (bytes.length == 0) {
            return "";
        }
        return " " + (bytes.length > 80 ? bytes.length + " bytes" : new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private String fields(byte[] block) {
        StringBuilder fields = new StringBuilder();
        FieldSink sink = new FieldSink() {
            @Override
            public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
                String name = new String(bytes, nameStart, nameEnd - nameStart, StandardCharsets.ISO_8859_1);
                String value = new String(bytes, valueStart, valueEnd - valueStart, StandardCharsets.ISO_8859_1);
                if (name.equals(":status")) {
                    fields.append(' ').append(value);
                } else if (!name.equals("date")) {
                    fields.append(' ').append(name).append('=').append(value);
                }
            }

            @Override
            public void tooLarge() {
                throw new AssertionError("The answer's fields are too large");
            }
        };
        try {
            hpack.begin(sink, 1 << 20, new ByteQueue(0));
            hpack.decode(block, 0, block.length);
            hpack.end();
        } catch (Http2ViolationException e) {
            throw new AssertionError(e);
        }
        return fields.toString();
    }
}
