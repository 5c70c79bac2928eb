package org.httpkit.internal.http1;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Reads requests with llhttp, as it is in a process of Node.js. Confined to one thread. */
final class LlhttpReader implements AutoCloseable {
    private static final HexFormat HEX = HexFormat.of();

    private final Process process;
    private final BufferedWriter inputs;
    private final BufferedReader outcomes;
    private final String version;
    private final Set<String> methods;

    private LlhttpReader(Process process) throws IOException {
        this.process = process;
        this.inputs = process.outputWriter(StandardCharsets.US_ASCII);
        this.outcomes = process.inputReader(StandardCharsets.US_ASCII);
        this.version = Objects.requireNonNullElse(outcomes.readLine(), "unknown");
        this.methods =
                Set.of(Objects.requireNonNullElse(outcomes.readLine(), "none").split(" "));
    }

    /** Starts it, or fails if there is no Node.js. */
    static LlhttpReader start() throws IOException, URISyntaxException {
        Path script =
                Path.of(LlhttpReader.class.getResource("/parsers/llhttp.js").toURI());
        return new LlhttpReader(new ProcessBuilder("node", script.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** The parser's version, "unknown" if this Node.js does not give it away. */
    String version() {
        return version;
    }

    boolean knowsMethod(String method) {
        return methods.contains(method);
    }

    /** What it accepts: the last request may lack its end. */
    List<ReadRequest> read(byte[] input) {
        try {
            inputs.write(HEX.formatHex(input));
            inputs.newLine();
            inputs.flush();
            String outcome = outcomes.readLine();
            if (outcome == null) {
                throw new AssertionError("Node.js has ended at " + HEX.formatHex(input));
            }
            return Arrays.stream(outcome.split(";"))
                    .filter(request -> !request.isEmpty())
                    .map(LlhttpReader::request)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static ReadRequest request(String parts) {
        String[] part = parts.split(",");
        return new ReadRequest(text(part[0]), fields(part[1]), text(part[2]), fields(part[3]), part[4].equals("1"));
    }

    private static List<String> fields(String lines) {
        List<String> fields = new ArrayList<>();
        for (String line : lines.isEmpty() ? new String[0] : lines.split(" ")) {
            int colon = line.indexOf(':');
            fields.add(ReadRequest.field(text(line.substring(0, colon)), text(line.substring(colon + 1))));
        }
        return fields;
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}
