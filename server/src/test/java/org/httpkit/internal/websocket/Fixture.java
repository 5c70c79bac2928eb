package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * One case of a fixture document: bytes of a client and the steps they lead to. Immutable. {@code README.md} beside the
 * documents says how they are written.
 */
final class Fixture {
    private static final int DEFAULT_MAX_MESSAGE_BYTES = 1 << 20;

    private final String name;
    private final int maxMessageBytes;
    private final String deflate;
    private final byte[] input;
    private final List<String> steps;

    private Fixture(String name, int maxMessageBytes, String deflate, byte[] input, List<String> steps) {
        this.name = name;
        this.maxMessageBytes = maxMessageBytes;
        this.deflate = deflate;
        this.input = input;
        this.steps = List.copyOf(steps);
    }

    String name() {
        return name;
    }

    int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** {@code off}, {@code takeover} or {@code no-takeover}. */
    String deflate() {
        return deflate;
    }

    byte[] input() {
        return input.clone();
    }

    List<String> steps() {
        return steps;
    }

    /** All cases of a document under {@code resources/websocket}. */
    static List<Fixture> read(String document) {
        String text;
        try (InputStream in = Fixture.class.getResourceAsStream("/websocket/" + document)) {
            if (in == null) {
                throw new IllegalArgumentException("There is no /websocket/" + document);
            }
            text = new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Fixture> fixtures = new ArrayList<>();
        for (String section : ("\n" + text).split("\n## ", -1)) {
            if (section.contains("```bytes")) {
                fixtures.add(parse(section));
            }
        }
        return fixtures;
    }

    private static Fixture parse(String section) {
        String name = section.substring(0, section.indexOf('\n')).strip();
        int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
        String deflate = "off";
        for (String line : section.substring(0, section.indexOf("```bytes")).split("\n", -1)) {
            if (line.startsWith("    limit ")) {
                maxMessageBytes = Integer.parseInt(line.substring(10).strip());
            } else if (line.startsWith("    deflate ")) {
                deflate = line.substring(12).strip();
            }
        }
        List<String> steps = new ArrayList<>();
        for (String line : block(section, "steps").split("\n", -1)) {
            if (!line.isBlank()) {
                steps.add(line.strip());
            }
        }
        return new Fixture(name, maxMessageBytes, deflate, new Bytes().parse(block(section, "bytes")), steps);
    }

    private static String block(String section, String kind) {
        int begin = section.indexOf("```" + kind + "\n");
        if (begin < 0) {
            throw new IllegalArgumentException("No block of " + kind + " in: " + section);
        }
        begin += kind.length() + 4;
        return section.substring(begin, section.indexOf("```", begin));
    }

    /** Reads the notation of a block of bytes. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private byte[] key = {0, 0, 0, 0};
        private byte[] last = {};
        private int masked = -1; // position in the payload, or -1 outside of one

        byte[] parse(String block) {
            for (String line : block.split("\n", -1)) {
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
