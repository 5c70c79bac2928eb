package org.httpkit.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cases in the documents of the folder {@code multipart}. */
final class MultipartDocuments {
    private static final List<String> NAMES = List.of("forms", "names", "refused", "limits");
    private static final Pattern CASE = Pattern.compile(
            "(?m)^## (.*)\\n(?:(?!^## )(?!^```).*\\n)*^```body\\n((?:.*\\n)*?)^```\\n```events ?(.*)\\n((?:.*\\n)*?)^```$");

    /** A case: what it is about, and what comes of the body. */
    record Case(String name, byte[] body, String boundary, MultipartParser.Limits limits, List<String> events) {
        @Override
        public String toString() {
            return name;
        }
    }

    private MultipartDocuments() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (String name : NAMES) {
            String text = text(name);
            Matcher matcher = CASE.matcher(text);
            int count = 0;
            while (matcher.find()) {
                count++;
                cases.add(new Case(
                        name + ": " + matcher.group(1),
                        bytes(matcher.group(2).replace("\n", "")),
                        option(matcher.group(3), "boundary", "b"),
                        new MultipartParser.Limits(
                                Integer.parseInt(option(matcher.group(3), "parts", "10")),
                                Integer.parseInt(option(matcher.group(3), "header", "1000")),
                                Integer.parseInt(option(matcher.group(3), "part", "1000")),
                                Integer.parseInt(option(matcher.group(3), "total", "10000"))),
                        matcher.group(4).lines().toList()));
            }
            if (count != text.split("\n## ", -1).length - 1) {
                throw new IllegalStateException("A case of " + name + ".md was not understood");
            }
        }
        return cases;
    }

    private static String option(String options, String name, String otherwise) {
        for (String option : options.split(" ", -1)) {
            if (option.startsWith(name + "=")) {
                return option.substring(name.length() + 1);
            }
        }
        return otherwise;
    }

    private static String text(String name) {
        try (InputStream file = MultipartDocuments.class.getResourceAsStream("/multipart/" + name + ".md")) {
            return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            c = text.charAt(++i);
            switch (c) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case '\\', '"' -> bytes.write(c);
                case 'x' -> {
                    bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                    i += 2;
                }
                default -> throw new IllegalStateException("No escape: \\" + c);
            }
        }
        return bytes.toByteArray();
    }

    /** Bytes as they are written in a document. */
    static String written(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            switch (b) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                default -> {
                    if (b >= ' ' && b < 0x7F) {
                        text.append((char) b);
                    } else {
                        text.append("\\x").append(HexFormat.of().toHexDigits(b));
                    }
                }
            }
        }
        return text.toString();
    }
}
