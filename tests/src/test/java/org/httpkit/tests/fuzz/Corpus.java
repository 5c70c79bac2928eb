package org.httpkit.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Inputs worth keeping, one a line of a text file: printable characters stand for themselves, {@code \r}, {@code \n},
 * {@code \\} and {@code \xHH} for other bytes.
 */
final class Corpus {
    private Corpus() {}

    static List<byte[]> read(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.US_ASCII)) {
            return lines.map(Corpus::bytes).toList();
        }
    }

    /** {@code unpack FILE FOLDER} writes each input into a file; {@code pack FILE FOLDER} makes one file of them, sorted. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        Path folder = Path.of(arguments[2]);
        switch (arguments[0]) {
            case "unpack" -> {
                Files.createDirectories(folder);
                int number = 0;
                for (byte[] input : read(file)) {
                    Files.write(folder.resolve("kept-" + number++), input);
                }
            }
            case "pack" -> {
                List<String> lines = new ArrayList<>();
                try (Stream<Path> inputs = Files.list(folder)) {
                    for (Path input : inputs.toList()) {
                        lines.add(text(Files.readAllBytes(input)));
                    }
                }
                Files.write(file, lines.stream().sorted().distinct().toList(), StandardCharsets.US_ASCII);
            }
            default -> throw new IllegalArgumentException("unpack or pack, not " + arguments[0]);
        }
    }

    static String text(byte[] input) {
        StringBuilder text = new StringBuilder();
        for (byte b : input) {
            switch (b) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (b >= ' ' && b < 127) {
                        text.append((char) b);
                    } else {
                        text.append("\\x").append(HexFormat.of().toHexDigits(b));
                    }
                }
            }
        }
        return text.toString();
    }

    private static byte[] bytes(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            char escaped = line.charAt(++i);
            switch (escaped) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(HexFormat.fromHexDigits(line, i + 1, i + 3));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("\\" + escaped + " in " + line);
            }
        }
        return bytes.toByteArray();
    }
}
