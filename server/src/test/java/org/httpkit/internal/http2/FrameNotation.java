package org.httpkit.internal.http2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.httpkit.testing.Fixture;

/** Reads frames as the documents write them: see {@code resources/http2/README.md}. */
public final class FrameNotation {
    /** A part of a case: frames of the client, or what the server does then. */
    sealed interface Part {}

    /** Frames of the client. */
    record Input(byte[] bytes) implements Part {}

    /** What the server does. */
    record Action(String words) implements Part {}

    private static final List<String> SETTINGS = List.of(
            "",
            "HEADER_TABLE_SIZE",
            "ENABLE_PUSH",
            "MAX_CONCURRENT_STREAMS",
            "INITIAL_WINDOW_SIZE",
            "MAX_FRAME_SIZE",
            "MAX_HEADER_LIST_SIZE",
            "7",
            "ENABLE_CONNECT_PROTOCOL",
            "NO_RFC7540_PRIORITIES");

    private final List<Part> parts = new ArrayList<>();
    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private Frame frame = new Frame("");

    private FrameNotation() {}

    static List<Part> read(List<String> lines) {
        FrameNotation notation = new FrameNotation();
        lines.forEach(notation::line);
        notation.endFrame();
        notation.endInput();
        return notation.parts;
    }

    /** The client's frames alone. */
    public static byte[] bytes(String... lines) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Part part : read(List.of(lines))) {
            if (part instanceof Input known) {
                all.writeBytes(known.bytes);
            }
        }
        return all.toByteArray();
    }

    private void line(String line) {
        if (line.startsWith("> ")) {
            endFrame();
            endInput();
            parts.add(new Action(line.substring(2)));
        } else if (line.startsWith("  ")) {
            frame.block(line.substring(2));
        } else if (!line.isBlank() && !line.startsWith("#")) {
            endFrame();
            frame = new Frame(line);
        }
    }

    private void endFrame() {
        input.writeBytes(frame.bytes());
        frame = new Frame("");
    }

    private void endInput() {
        if (input.size() > 0) {
            parts.add(new Input(input.toByteArray()));
            input.reset();
        }
    }

    /** A line that begins a frame, and the lines that belong to it. */
    private static final class Frame {
        private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
        private byte[] lastToken = {};
        private int type = -1;
        private int flags;
        private int streamId;
        private int padding = -1;
        private int length = -1;
        private int times = 1;
        private boolean raw;

        Frame(String line) {
            if (line.isEmpty()) {
                return;
            }
            int at = 0;
            while (at < line.length() && line.charAt(at) != '#') {
                int end;
                if (line.charAt(at) == ' ') {
                    end = at + 1;
                } else if (line.charAt(at) == '"') {
                    end = line.indexOf('"', at + 1) + 1;
                    put(Fixture.bytes(line.substring(at + 1, end - 1)));
                } else {
                    end = line.indexOf(' ', at) < 0 ? line.length() : line.indexOf(' ', at);
                    word(line.substring(at, end), at == 0);
                }
                at = end;
            }
        }

        private void word(String word, boolean first) {
            int equals = word.indexOf('=');
            String value = word.substring(equals + 1);
            if (first) {
                begin(word, value);
            } else if (word.startsWith("*")) {
                times = Integer.parseInt(word.substring(1));
            } else if (equals > 0) {
                option(word.substring(0, equals), value);
            } else if (word.matches("x\\d+")) {
                byte[] repeated = lastToken;
                for (int i = Integer.parseInt(word.substring(1)); i > 1; i--) {
                    put(repeated);
                }
            } else {
                switch (word) {
                    case "END_STREAM" -> flags |= FrameType.END_STREAM;
                    case "ACK" -> flags |= FrameType.ACK;
                    case "END_HEADERS" -> flags |= FrameType.END_HEADERS;
                    case "PADDED" -> flags |= FrameType.PADDED;
                    case "PRIORITY" -> flags |= FrameType.PRIORITY_FLAG;
                    default -> put(HexFormat.of().parseHex(word.toLowerCase(Locale.ROOT)));
                }
            }
        }

        private void begin(String word, String value) {
            switch (word) {
                case "raw" -> raw = true;
                default ->
                    type = word.startsWith("type=")
                            ? Integer.decode(value)
                            : FrameType.valueOf(word).code();
            }
        }

        private void option(String name, String value) {
            switch (name) {
                case "stream" -> streamId = Integer.parseUnsignedInt(value);
                case "flags" -> flags |= Integer.decode(value);
                case "length" -> length = Integer.decode(value);
                case "pad" -> {
                    padding = Integer.parseInt(value);
                    flags |= FrameType.PADDED;
                }
                case "u31" -> put(word(Integer.parseUnsignedInt(value)));
                case "code" -> put(word(ErrorCode.valueOf(value).code()));
                default -> {
                    int id = SETTINGS.indexOf(name);
                    if (id < 0) {
                        throw new IllegalArgumentException("Unknown: " + name);
                    }
                    put(new byte[] {0, (byte) id});
                    put(word((int) (long) Long.decode(value)));
                }
            }
        }

        private static byte[] word(int number) {
            return new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
        }

        /** A field as a literal that is not indexed, in plain text; or a request in short. */
        void block(String line) {
            int colon = line.indexOf(": ", 1);
            if (colon < 0) {
                String[] words = line.split(" ", -1);
                literal(":method", words[0]);
                literal(":scheme", "http");
                literal(":authority", "localhost");
                literal(":path", words[1]);
            } else {
                literal(line.substring(0, colon), line.substring(colon + 2));
            }
        }

        private void literal(String name, String value) {
            payload.write(0);
            string(Fixture.bytes(name));
            string(Fixture.bytes(value));
        }

        private void string(byte[] bytes) {
            if (bytes.length < 127) {
                payload.write(bytes.length);
            } else {
                payload.write(127);
                int rest = bytes.length - 127;
                while (rest >= 128) {
                    payload.write(rest & 127 | 128);
                    rest >>>= 7;
                }
                payload.write(rest);
            }
            payload.writeBytes(bytes);
        }

        private void put(byte[] bytes) {
            lastToken = bytes;
            payload.writeBytes(bytes);
        }

        byte[] bytes() {
            if (raw) {
                return payload.toByteArray();
            }
            if (type < 0) {
                return new byte[0];
            }
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            int padded = padding < 0 ? 0 : padding + 1;
            int actual = payload.size() + padded;
            int told = length < 0 ? actual : length;
            frame.writeBytes(
                    new byte[] {(byte) (told >>> 16), (byte) (told >>> 8), (byte) told, (byte) type, (byte) flags});
            frame.writeBytes(word(streamId));
            if (padding >= 0) {
                frame.write(padding);
            }
            frame.writeBytes(payload.toByteArray());
            frame.writeBytes(new byte[Math.max(padding, 0)]);
            return new String(frame.toByteArray(), StandardCharsets.ISO_8859_1)
                    .repeat(times)
                    .getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
