package org.httpkit.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

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
        for (DocumentCase read : DocumentCase.read(resource)) {
            fixtures.add(of(read));
        }
        return fixtures;
    }

    private static Fixture of(DocumentCase read) {
        read.needed("bytes");
        List<String> each = read.has("each") ? read.lines("each") : List.of("");
        List<byte[]> inputs = new ArrayList<>();
        for (DocumentCase.Block block : read.blocks()) {
            if (block.kind().equals("bytes")) {
                String template = String.join("", block.lines());
                each.forEach(put -> inputs.add(bytes(template.replace("{}", put))));
            }
        }
        return new Fixture(read.name(), inputs, read.needed("events"), String.join(" ", read.lines("limits")));
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
}
