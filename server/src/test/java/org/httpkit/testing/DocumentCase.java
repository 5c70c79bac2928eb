package org.httpkit.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One case of a document of cases, whatever its notation: a heading, prose, and fenced blocks.
 *
 * @param name the heading
 * @param prose the lines outside of blocks
 * @param blocks in the order of the document; never empty
 */
public record DocumentCase(String name, List<String> prose, List<Block> blocks) {

    /** A fenced block: what stands behind its opening fence, and its lines. */
    public record Block(String kind, List<String> lines) {}

    /** Reads all cases of a document among the resources. Headings without a block are none. */
    public static List<DocumentCase> read(String resource) throws IOException {
        List<DocumentCase> cases = new ArrayList<>();
        DocumentCase current = new DocumentCase("", new ArrayList<>(), new ArrayList<>());
        Block open = null;
        for (String line : text(resource).lines().toList()) {
            if (open != null && line.equals("```")) {
                current.blocks.add(open);
                open = null;
            } else if (open != null) {
                open.lines.add(line);
            } else if (line.startsWith("```")) {
                open = new Block(line.substring(3), new ArrayList<>());
            } else if (line.startsWith("## ")) {
                addTo(cases, current);
                current = new DocumentCase(line.substring(3).strip(), new ArrayList<>(), new ArrayList<>());
            } else {
                current.prose.add(line);
            }
        }
        addTo(cases, current);
        return cases;
    }

    private static void addTo(List<DocumentCase> cases, DocumentCase read) {
        if (!read.blocks.isEmpty()) {
            cases.add(read);
        }
    }

    public boolean has(String kind) {
        return blocks.stream().anyMatch(block -> block.kind.equals(kind));
    }

    /** The lines of the first block of that kind; none if there is no such block. */
    public List<String> lines(String kind) {
        return blocks.stream()
                .filter(block -> block.kind.equals(kind))
                .findFirst()
                .map(Block::lines)
                .orElse(List.of());
    }

    /** The lines of a block that the case must have. */
    public List<String> needed(String kind) {
        if (!has(kind)) {
            throw new IllegalArgumentException("Case '" + name + "' needs a block of " + kind);
        }
        return lines(kind);
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = DocumentCase.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("No resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
