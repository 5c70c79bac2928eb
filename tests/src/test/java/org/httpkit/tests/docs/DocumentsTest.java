package org.httpkit.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.http2.Http2Violation;
import org.httpkit.internal.proxy.ProxyViolation;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.internal.websocket.WebSocketViolation;
import org.httpkit.server.CloseReason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Compares what the documents say with what there is. */
@Tag("once")
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)|(?m)^\\[[\\w-]+\\]: (\\S+)");
    private static final Pattern CODE = Pattern.compile("(?<!`)`([^`\n]+)`(?!`)");
    /** A class, or a class and its member, as the documents name them. */
    private static final Pattern MEMBER = Pattern.compile("([A-Z]\\w*[a-z]\\w*)(?:\\.([a-z]\\w*))?");

    @Test
    void linksLeadToFilesAndHeadingsThatAreThere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : Documents.all()) {
            String text = Files.readString(document);
            LINK.matcher(text).results().map(DocumentsTest::target).forEach(target -> {
                if (!target.startsWith("http") && !leadsSomewhere(document, target)) {
                    broken.add(Documents.ROOT.relativize(document) + ": " + target);
                }
            });
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void theReadmeIsReadInOneSitting() {
        assertThat(Documents.text("README.md").getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(8500);
    }

    @Test
    void theReadmeLeadsToEachDocument() throws IOException {
        String readme = Documents.text("README.md");
        for (Path document : Documents.all()) {
            String name = Documents.ROOT.relativize(document).toString();
            if (!name.equals("README.md") && !name.startsWith("docs/decisions/")) {
                assertThat(readme).contains("(" + name + ")");
            }
        }
    }

    @Test
    void namesClassesAndMembersThatAreThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> unknown = new ArrayList<>();
        for (String document : List.of("ARCHITECTURE.md", "SECURITY.md", "docs/conformance.md")) {
            CODE.matcher(Documents.text(document)).results().forEach(code -> {
                if (!isKnown(code.group(1), sources)) {
                    unknown.add(document + ": " + code.group(1));
                }
            });
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void statesEveryRuleThatCanBeBroken() {
        String conformance = Documents.text("docs/conformance.md");
        for (Violation violation : Violation.values()) {
            assertThat(conformance)
                    .contains("| " + violation.section() + " | "
                            + violation.status().code() + " | `" + violation + "` |");
        }
        for (Http2Violation violation : Http2Violation.values()) {
            String status = violation.status() == 0 ? "" : violation.status() + ", ";
            String stream = violation.scope() == Http2Violation.Scope.STREAM ? " on the stream" : "";
            assertThat(conformance)
                    .contains("| " + violation.reason() + " | " + violation.section() + " | " + status
                            + violation.errorCode() + stream + " | `" + violation + "` |");
        }
        for (WebSocketViolation violation : WebSocketViolation.values()) {
            assertThat(conformance)
                    .contains("| " + violation.rule() + " | " + violation.closeCode() + " | `" + violation + "` |");
        }
        for (HandshakeViolation violation : HandshakeViolation.values()) {
            assertThat(conformance)
                    .contains(
                            "| " + violation.rule() + " | " + violation.status().code() + " | `" + violation + "` |");
        }
        for (ProxyViolation violation : ProxyViolation.values()) {
            assertThat(conformance)
                    .contains("| " + violation.reason() + " | " + violation.section() + " |")
                    .contains("| `" + violation + "` |");
        }
    }

    @Test
    void namesATestForEachKindOfAttack() {
        String security = Documents.text("SECURITY.md");
        List<String> rows = security.substring(
                        security.indexOf("| Kind |"), security.indexOf("## What it leaves to you"))
                .lines()
                .filter(line -> line.startsWith("| "))
                .skip(1)
                .toList();
        assertThat(rows).hasSizeGreaterThan(20).allMatch(row -> row.matches(".*\\| (`\\w+Test`(, )?)+ \\|"));
    }

    @Test
    void saysWhatEachCloseCauseMeans() {
        String operations = Documents.text("docs/operations.md");
        List<String> explained = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| \\S")
                .matcher(operations.substring(operations.indexOf("\n## What each close cause means")))
                .results()
                .map(row -> row.group(1))
                .toList();
        assertThat(explained)
                .containsExactly(Stream.of(CloseReason.Cause.values())
                        .map(CloseReason.Cause::name)
                        .toArray(String[]::new));
    }

    private static String target(MatchResult link) {
        return link.group(1) != null ? link.group(1) : link.group(2);
    }

    private static boolean leadsSomewhere(Path document, String target) {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return hash < 0 || headings(file).contains(target.substring(hash + 1));
    }

    /** The headings of a document as links name them. */
    private static List<String> headings(Path document) {
        return Documents.text(document.toString())
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /** Only what looks like a class of ours is looked up: capitals alone are a constant or a protocol's word. */
    private static boolean isKnown(String code, Map<String, String> sources) {
        var member = MEMBER.matcher(code);
        if (!member.matches() || isOfTheJdk(member.group(1)) || !code.matches(".*[a-z].*[A-Z].*|.*\\..*")) {
            return true;
        }
        String source = sources.get(member.group(1));
        return source != null && (member.group(2) == null || source.contains(member.group(2) + "("));
    }

    private static boolean isOfTheJdk(String name) {
        return Stream.of("java.lang.", "java.io.", "java.util.", "java.util.concurrent.")
                .anyMatch(packageName -> {
                    try {
                        Class.forName(packageName + name);
                        return true;
                    } catch (ClassNotFoundException e) {
                        return false;
                    }
                });
    }

    /** The text of every Java source of the repository, by the name of its class. */
    private static Map<String, String> sources() throws IOException {
        List<Path> modules;
        try (Stream<Path> folders = Files.list(Documents.ROOT)) {
            modules = folders.map(folder -> folder.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList();
        }
        try (Stream<Path> files = modules.stream().flatMap(DocumentsTest::walk)) {
            return files.filter(path -> path.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            path -> path.getFileName().toString().replace(".java", ""),
                            path -> Documents.text(path.toString()),
                            (one, other) -> one));
        }
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot list " + folder, e);
        }
    }
}
