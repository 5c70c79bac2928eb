package org.httpkit.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    /** What the contents in the README have to name. CONTRIBUTING.md and the rest of docs lead to the others. */
    private static final Pattern IN_CONTENTS = Pattern.compile("(docs/)?[^/]+\\.md|(metrics|tracing)/README\\.md");
    /** A document with this many characters begins with a list of its sections. */
    private static final int LONG = 15_000;

    private static final Pattern SECTION = Pattern.compile("(?m)^## .+$");
    private static final Pattern CODE = Pattern.compile("(?<!`)`([^`\n]+)`(?!`)");
    /** The documents that name classes of ours, beside the decisions. */
    private static final Set<String> NAME_CLASSES =
            Set.of("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/conformance.md", "docs/reliability.md");
    /** A class, or a class and its member, as the documents name them. */
    private static final Pattern MEMBER = Pattern.compile("([A-Z]\\w*[a-z]\\w*)(?:[.#]([a-z]\\w*))?");

    /** The declaration of a class, which may be nested in another one. */
    private static final Pattern DECLARATION =
            Pattern.compile("(?m)^ *(?:(?:public|protected|private|static|abstract|final|sealed|non-sealed|strictfp) )*"
                    + "(?:class|interface|record|enum|@interface) ([A-Z]\\w*)");

    @Test
    void linksLeadToFilesAndHeadingsThatAreThere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : Documents.all()) {
            String text = Files.readString(document);
            LINK.matcher(text).results().map(DocumentsTest::target).forEach(target -> {
                if (!target.startsWith("http") && !leadsSomewhere(document, target)) {
                    broken.add(Documents.name(document) + ": " + target);
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
    void theContentsInTheReadmeHaveEachDocument() throws IOException {
        String readme = Documents.text("README.md");
        String contents = readme.substring(readme.indexOf("\n## Documentation\n"));
        assertThat(Documents.all())
                .map(Documents::name)
                .filteredOn(name -> IN_CONTENTS.matcher(name).matches() && !name.equals("README.md"))
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(contents).contains("(" + name + ")"));
    }

    @Test
    void longDocumentsBeginWithLinksToTheirSections() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path document : Documents.all()) {
            String text = Files.readString(document);
            if (Documents.name(document).startsWith("docs/") && text.length() >= LONG) {
                String start = text.substring(0, text.indexOf("\n## "));
                SECTION.matcher(text).results().map(MatchResult::group).forEach(section -> {
                    if (!start.contains("(#" + anchor(section) + ")")) {
                        missing.add(Documents.name(document) + ": " + section);
                    }
                });
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void namesClassesAndMembersThatAreThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> unknown = new ArrayList<>();
        for (Path document : Documents.all()) {
            String name = Documents.name(document);
            if (NAME_CLASSES.contains(name) || name.startsWith("docs/decisions/")) {
                unknownOf(document, sources).forEach(code -> unknown.add(name + ": " + code));
            }
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
                .map(DocumentsTest::anchor)
                .toList();
    }

    /** What links to a heading have behind the hash. */
    private static String anchor(String heading) {
        return heading.replaceFirst("#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\w\\- ]", "")
                .replace(' ', '-');
    }

    /** A member without a class, such as {@code #stops}, belongs to the class that was named last. */
    private static List<String> unknownOf(Path document, Map<String, String> sources) {
        List<String> unknown = new ArrayList<>();
        String last = "";
        for (MatchResult code :
                CODE.matcher(Documents.text(document.toString())).results().toList()) {
            String name = (code.group(1).startsWith("#") ? last : "") + code.group(1);
            if (!isKnown(name, sources)) {
                unknown.add(name);
            }
            Matcher member = MEMBER.matcher(name);
            if (member.matches()) {
                last = member.group(1);
            }
        }
        return unknown;
    }

    /** Only what looks like a class of ours is looked up: capitals alone are a constant or a protocol's word. */
    private static boolean isKnown(String code, Map<String, String> sources) {
        Matcher member = MEMBER.matcher(code);
        if (!member.matches() || isOfTheJdk(member.group(1)) || !code.matches(".*[a-z].*[A-Z].*|.*[.#].*")) {
            return true;
        }
        String source = sources.get(member.group(1));
        return source != null && (member.group(2) == null || source.contains(member.group(2) + "("));
    }

    private static boolean isOfTheJdk(String name) {
        return Stream.of(
                        "java.lang.",
                        "java.io.",
                        "java.nio.",
                        "java.util.",
                        "java.util.zip.",
                        "java.util.concurrent.",
                        "java.util.concurrent.ThreadPoolExecutor$")
                .anyMatch(prefix -> {
                    try {
                        Class.forName(prefix + name);
                        return true;
                    } catch (ClassNotFoundException e) {
                        return false;
                    }
                });
    }

    /** The text of every Java source of the repository, by the names of its classes. Those that share a name share a text. */
    private static Map<String, String> sources() throws IOException {
        List<Path> modules;
        try (Stream<Path> folders = Files.list(Documents.ROOT)) {
            modules = folders.map(folder -> folder.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList();
        }
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = modules.stream().flatMap(DocumentsTest::walk)) {
            files.filter(path -> path.toString().endsWith(".java"))
                    .map(path -> Documents.text(path.toString()))
                    .forEach(text -> DECLARATION
                            .matcher(text)
                            .results()
                            .forEach(declaration -> sources.merge(declaration.group(1), text, String::concat)));
        }
        return sources;
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot list " + folder, e);
        }
    }
}
