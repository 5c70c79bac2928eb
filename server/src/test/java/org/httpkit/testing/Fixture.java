package org.httpkit.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One case of a document of cases: a heading, prose, and fenced blocks.
 *
 * <ul>
 *   <li>{@code bytes}: what is sent. The lines are put together as they are, a line end of the document is none of the bytes;
 *       {@code \r \n \t \\ \xHH} stand for bytes, <code>{a*100}</code> for a hundred times {@code a}, braces may be nested, and
 *       stand as {@code \\x7b} for themselves; <code>{}</code> for each line of the block {@code each} in turn. Several such blocks are several inputs.
 *   <li>{@code each}: lines to be put in.
 *   <li>{@code events}: what is to happen, the same for all inputs.
 *   <li>{@code limits}: other limits than usual, as the test understands them.
 * </ul>
 *
 * @param name the heading
 * @param inputs the bytes of each input
 * @param events the lines of the events block
 * @param limits the text of the limits block, empty if there is none
 */
public record Fixture(String name, List<byte[]> inputs, List<String> events, String limits) {

    /** Reads all cases of a document among the resources. */
    public static List<Fixture> read(String resource) throws IOException {
        List<Fixture> fixtures = new ArrayList<>();
        String name = "";
        Map<String, List<String>> blocks = new LinkedHashMap<>();
        String open = null;
        List<String> lines = new ArrayList<>();
        for (String line : text(resource).lines().toList()) {
            if (open != null && line.equals("```")) {
                blocks.put(open.equals("bytes") ? "bytes" + blocks.size() : open, lines);
                open = null;
            } else if (open != null) {
                lines.add(line);
            } else if (line.startsWith("```")) {
                open = line.substring(3);
                lines = new ArrayList<>();
            } else if (line.startsWith("## ")) {
                addTo(fixtures, name, blocks);
                name = line.substring(3);
                blocks = new LinkedHashMap<>();
            }
        }
        addTo(fixtures, name, blocks);
        return fixtures;
    }

    private static void addTo(List<Fixture> fixtures, String name, Map<String, List<String>> blocks) {
        if (blocks.isEmpty()) {
            return;
        }
        List<byte[]> inputs = new ArrayList<>();
        for (Map.Entry<String, List<String>> block : blocks.entrySet()) {
            if (block.getKey().startsWith("bytes")) {
                String template = String.join("", block.getValue());
                for (String each : blocks.getOrDefault("each", List.of(""))) {
                    inputs.add(bytes(template.replace("{}", each)));
                }
            }
        }
        List<String> events = blocks.get("events");
        if (events == null || inputs.isEmpty()) {
            throw new IllegalArgumentException("Case '" + name + "' needs bytes and events");
        }
        fixtures.add(new Fixture(name, inputs, events, String.join(" ", blocks.getOrDefault("limits", List.of()))));
    }

    /** The bytes that the notation of a {@code bytes} block stands for. */
    public static byte[] bytes(String notation) {
        StringBuilder bytes = new StringBuilder();
        int i = 0;
        while (i < notation.length()) {
            char c = notation.charAt(i);
            if (c == '\\') {
                char kind = notation.charAt(i + 1);
                switch (kind) {
                    case 'r' -> bytes.append('\r');
                    case 'n' -> bytes.append('\n');
                    case 't' -> bytes.append('\t');
                    case '\\' -> bytes.append('\\');
                    case 'x' -> bytes.append((char) Integer.parseInt(notation.substring(i + 2, i + 4), 16));
                    default -> throw new IllegalArgumentException("Unknown escape \\" + kind + " in " + notation);
                }
                i += kind == 'x' ? 4 : 2;
            } else if (c == '{') {
                int close = closingBrace(notation, i);
                int star = notation.lastIndexOf('*', close);
                String repeated = new String(bytes(notation.substring(i + 1, star)), StandardCharsets.ISO_8859_1);
                bytes.append(repeated.repeat(Integer.parseInt(notation.substring(star + 1, close))));
                i = close + 1;
            } else {
                bytes.append(c);
                i++;
            }
        }
        return bytes.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int closingBrace(String notation, int opening) {
        int depth = 0;
        for (int i = opening; i < notation.length(); i++) {
            depth += notation.charAt(i) == '{' ? 1 : notation.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("No closing brace in " + notation);
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = Fixture.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("No resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
