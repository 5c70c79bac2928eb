package org.httpkit.tests.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of Java in a document. Immutable.
 *
 * <p>A block that begins with an import is a file. Any other is a few statements, or a few methods if it begins like one, around
 * which {@link #source} puts a class with the imports that a reader would add.
 *
 * @param line where the block begins in its document
 * @param code its lines
 * @param trials what to try with it when it runs, from the {@code run} comments right above it
 */
record Snippet(int line, String code, List<Trial> trials) {
    private static final Pattern TYPE_OF_FILE = Pattern.compile("(?m)^public (?:final )?class (\\w+)");
    private static final Pattern METHOD = Pattern.compile("\\A(?:static )?[\\w<>]+ \\w+\\([^;{]*\\{");
    private static final Pattern SERVER = Pattern.compile("(?m)^HttpServer (\\w+) =");
    private static final Pattern HANDLER = Pattern.compile("(?m)^Handler (\\w+) =");
    /** The port in the documents. Tests bind a free one. */
    private static final String PORT = "8090";

    static List<Snippet> in(String document) {
        List<Snippet> snippets = new ArrayList<>();
        List<Trial> trials = new ArrayList<>();
        StringBuilder code = null;
        int start = 0;
        int number = 0;
        for (String line : document.lines().toList()) {
            number++;
            if (code != null && line.equals("```")) {
                snippets.add(new Snippet(start, code.toString(), List.copyOf(trials)));
                code = null;
                trials.clear();
            } else if (code != null) {
                code.append(line).append('\n');
            } else if (line.equals("```java")) {
                code = new StringBuilder();
                start = number;
            } else if (line.startsWith("<!-- run ")) {
                trials.add(Trial.of(line));
            } else {
                trials.clear();
            }
        }
        return snippets;
    }

    /** The name of the class that the source has. */
    String className() {
        Matcher type = TYPE_OF_FILE.matcher(code);
        return isFile() && type.find() ? type.group(1) : "Line" + line;
    }

    /** A whole file; its class has a method {@code run} that returns the snippet's server or handler. */
    String source() {
        if (isFile()) {
            return code;
        }
        String imports = """
                import java.io.*;
                import java.net.*;
                import java.net.http.*;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.*;
                import java.nio.file.attribute.PosixFilePermissions;
                import java.security.*;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.*;
                import java.util.concurrent.atomic.*;
                import org.httpkit.http.*;
                import org.httpkit.server.*;
                import org.httpkit.topics.*;
                import org.httpkit.topics.nats.*;
                import org.httpkit.topics.redis.*;
                import org.httpkit.web.*;

                """;
        if (METHOD.matcher(code).find()) {
            return imports + "class " + className() + " {\n" + code + "}\n";
        }
        return imports + "class " + className() + " {\n    static Object run() throws Exception {\n"
                + (trials.isEmpty() ? code : code.replace(PORT, "0")) + "return " + result() + ";\n}\n}\n";
    }

    private boolean isFile() {
        return code.startsWith("import ");
    }

    private String result() {
        Matcher server = SERVER.matcher(code);
        Matcher handler = HANDLER.matcher(code);
        return server.find() ? server.group(1) : handler.find() ? handler.group(1) : "null";
    }
}
