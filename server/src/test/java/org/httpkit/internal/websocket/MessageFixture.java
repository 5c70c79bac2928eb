package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.httpkit.testing.DocumentCase;

/**
 * One case of a document: bytes of a client and the steps they lead to. {@code README.md} beside the documents says how
 * they are written.
 *
 * @param deflate {@code off}, {@code takeover} or {@code no-takeover}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MessageFixture(String name, int maxMessageBytes, String deflate, byte[] input, List<String> steps) {
    private static final int DEFAULT_MAX_MESSAGE_BYTES = 1 << 20;

    /** All cases of a document under {@code resources/websocket}. */
    static List<MessageFixture> read(String document) {
        try {
            return DocumentCase.read("/websocket/" + document).stream()
                    .map(MessageFixture::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MessageFixture of(DocumentCase read) {
        int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
        String deflate = "off";
        for (String line : read.prose()) {
            if (line.startsWith("    limit ")) {
                maxMessageBytes = Integer.parseInt(line.substring(10).strip());
            } else if (line.startsWith("    deflate ")) {
                deflate = line.substring(12).strip();
            }
        }
        List<String> steps = read.needed("steps").stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        return new MessageFixture(
                read.name(), maxMessageBytes, deflate, new Bytes().parse(read.needed("bytes")), steps);
    }

    /** Reads the notation of a block of bytes. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private byte[] key = {0, 0, 0, 0};
        private byte[] last = {};
        private int masked = -1; // position in the payload, or -1 outside of one

        byte[] parse(List<String> lines) {
            for (String line : lines) {
                int at = 0;
                while (at < line.length() && line.charAt(at) != '#') {
                    if (line.charAt(at) == ' ') {
                        at++;
                    } else if (line.charAt(at) == '"') {
                        int end = line.indexOf('"', at + 1);
                        put(line.substring(at + 1, end).getBytes(UTF_8));
                        at = end + 1;
                    } else {
                        int end = at;
                        while (end < line.length() && line.charAt(end) != ' ') {
                            end++;
                        }
                        word(line.substring(at, end));
                        at = end;
                    }
                }
            }
            return out.toByteArray();
        }

        private void word(String word) {
            if (word.startsWith("key=")) {
                key = HexFormat.of().parseHex(word.substring(4));
                out.writeBytes(key);
            } else if (word.equals("<")) {
                masked = 0;
            } else if (word.equals(">")) {
                masked = -1;
            } else if (word.startsWith("x") && word.length() > 1) {
                byte[] repeated = last;
                for (int i = Integer.parseInt(word.substring(1)); i > 1; i--) {
                    put(repeated);
                }
            } else {
                put(HexFormat.of().parseHex(word.toLowerCase(Locale.ROOT)));
            }
        }

        private void put(byte[] bytes) {
            last = bytes;
            for (byte b : bytes) {
                out.write(masked < 0 ? b : b ^ key[masked++ & 3]);
            }
        }
    }
}
