import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Checks what packaging/bundle made: that it has what Maven Central asks for, of what we publish and of nothing else; and that its jars are
 * those of another build. packaging/trial runs it, as
 *
 * <pre>java BundleCheck.java BUNDLE GROUP URL VERSION LICENSE OTHER-BUILD ARTIFACT...</pre>
 *
 * <p>The other build is a folder with the group org.httpkit of a Maven repository.
 */
public final class BundleCheck {
    private static final Map<String, String> CHECKSUMS = Map.of(".md5", "MD5", ".sha1", "SHA-1");
    private static final Pattern URL_OF_COMPONENT = Pattern.compile("\"url\"\\s*:\\s*\"([^\"]*)\"");
    /** What a jar may have: our packages and namespaces, the declaration of a module, and what clj-kondo reads. */
    private static final Pattern OURS =
            Pattern.compile("(META-INF|org/httpkit|clj-kondo\\.exports/org\\.httpkit)/.*|module-info\\.(class|java)");

    private final String group;
    private final String url;
    private final String version;
    private final byte[] license;
    private final Path otherBuild;
    private final Map<String, byte[]> files;
    private final List<String> faults = new ArrayList<>();

    private BundleCheck(Path bundle, String group, String url, String version, Path license, Path otherBuild) throws IOException {
        this.files = unzip(Files.readAllBytes(bundle));
        this.group = group;
        this.url = url;
        this.version = version;
        this.license = Files.readAllBytes(license);
        this.otherBuild = otherBuild;
    }

    public static void main(String[] arguments) throws Exception {
        BundleCheck check = new BundleCheck(
                Path.of(arguments[0]),
                arguments[1],
                arguments[2],
                arguments[3],
                Path.of(arguments[4]),
                Path.of(arguments[5]));
        check.check(List.of(arguments).subList(6, arguments.length));
        check.faults.forEach(fault -> System.err.println("bundle: " + fault));
        System.exit(check.faults.isEmpty() ? 0 : 1);
    }

    private void check(List<String> artifacts) throws Exception {
        TreeSet<String> expected = new TreeSet<>();
        for (String artifact : artifacts) {
            suffixesOf(artifact).forEach(suffix -> expected.add(name(artifact, suffix)));
        }
        for (String name : expected) {
            if (!files.containsKey(name)) {
                faults.add(name + " is missing");
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (CHECKSUMS.keySet().stream().anyMatch(file.getKey()::endsWith)) {
                continue;
            }
            if (!expected.contains(file.getKey())) {
                faults.add(file.getKey() + " does not belong there");
            }
            checkChecksums(file.getKey(), file.getValue());
        }
        for (String artifact : artifacts) {
            checkPom(artifact);
            checkBillOfMaterials(artifact);
            if (!isPomAlone(artifact)) {
                checkJar(artifact, ".jar");
                checkJar(artifact, "-sources.jar");
                if (!unzip(file(artifact, "-javadoc.jar")).containsKey("index.html")) {
                    faults.add(name(artifact, "-javadoc.jar") + " has no index.html");
                }
            }
        }
    }

    private static boolean isPomAlone(String artifact) {
        return artifact.equals("httpkit-bom") || artifact.equals("httpkit-parent");
    }

    private static Stream<String> suffixesOf(String artifact) {
        if (artifact.equals("httpkit-bom")) {
            return Stream.of(".pom");
        }
        return isPomAlone(artifact)
                ? Stream.of(".pom", "-cyclonedx.json")
                : Stream.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json");
    }

    private String name(String artifact, String suffix) {
        return group.replace('.', '/') + "/" + artifact + "/" + version + "/" + artifact + "-" + version + suffix;
    }

    /** Nothing, if it is missing: that is a fault already. */
    private byte[] file(String artifact, String suffix) {
        return files.getOrDefault(name(artifact, suffix), new byte[0]);
    }

    private String text(String artifact, String suffix) {
        return new String(file(artifact, suffix), StandardCharsets.UTF_8);
    }

    private void checkChecksums(String name, byte[] bytes) throws NoSuchAlgorithmException {
        for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
            byte[] stated = files.getOrDefault(name + checksum.getKey(), new byte[0]);
            String actual = HexFormat.of().formatHex(MessageDigest.getInstance(checksum.getValue()).digest(bytes));
            if (!new String(stated, StandardCharsets.US_ASCII).strip().equals(actual)) {
                faults.add(name + checksum.getKey() + " is not its checksum");
            }
        }
    }

    private void checkPom(String artifact) {
        String pom = text(artifact, ".pom");
        if (!pom.contains("<groupId>" + group + "</groupId>") || pom.contains("<groupId>org.httpkit</groupId>")) {
            faults.add(name(artifact, ".pom") + " has another group id than " + group);
        }
        if (pom.contains("httpkit.invalid")) {
            faults.add(name(artifact, ".pom") + " does not say where the project is");
        }
        if (isPomAlone(artifact)) {
            Stream.of("name", "description", "url", "licenses", "developers", "scm", "connection", "developerConnection")
                    .filter(element -> !pom.matches("(?s).*<" + element + "[ >].*"))
                    .forEach(element -> faults.add(name(artifact, ".pom") + " has no " + element));
        }
    }

    /** Its URLs are those of the pom with what the parent hands down, as Maven Central sees it. */
    private void checkBillOfMaterials(String artifact) {
        if (suffixesOf(artifact).noneMatch("-cyclonedx.json"::equals)) {
            return;
        }
        List<String> urls = URL_OF_COMPONENT
                .matcher(text(artifact, "-cyclonedx.json"))
                .results()
                .map(match -> match.group(1))
                .toList();
        if (!urls.contains(url) || urls.stream().anyMatch(other -> other.startsWith(url + "/"))) {
            faults.add(name(artifact, "-cyclonedx.json") + " has other URLs than " + url);
        }
    }

    private void checkJar(String artifact, String suffix) throws IOException, NoSuchAlgorithmException {
        String name = name(artifact, suffix);
        Map<String, byte[]> entries = unzip(file(artifact, suffix));
        if (!Arrays.equals(entries.get("META-INF/LICENSE"), license)) {
            faults.add(name + " has no licence, or another one");
        }
        entries.keySet().stream()
                .filter(entry -> !OURS.matcher(entry).matches())
                .forEach(entry -> faults.add(name + ": " + entry + " does not belong there"));
        if (suffix.equals(".jar") && !manifest(entries).contains("Implementation-Version: " + version)) {
            faults.add(name + " has another Implementation-Version than " + version);
        }
        Path other = otherBuild.resolve(artifact).resolve(version).resolve(artifact + "-" + version + suffix);
        List<String> ours = described(file(artifact, suffix));
        List<String> theirs = described(Files.readAllBytes(other));
        if (!ours.equals(theirs)) {
            List<String> alone = new ArrayList<>(ours);
            alone.removeAll(theirs);
            String what = alone.isEmpty()
                    ? "entries are missing, or in another order"
                    : alone.size() + " entries differ, such as " + alone.get(0);
            faults.add(name + " is not what another build made of the same sources: " + what);
        }
    }

    private static List<String> manifest(Map<String, byte[]> entries) {
        byte[] manifest = entries.getOrDefault("META-INF/MANIFEST.MF", new byte[0]);
        return new String(manifest, StandardCharsets.UTF_8).lines().toList();
    }

    /** The entries in their order, with time and digest, but for copies of the pom: these name the group. */
    private static List<String> described(byte[] jar) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        List<String> described = new ArrayList<>();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (!entry.getName().startsWith("META-INF/maven/")) {
                    String content = HexFormat.of().formatHex(digest.digest(entries.readAllBytes()));
                    described.add(entry.getName() + " " + entry.getTimeLocal() + " " + content);
                }
            }
        }
        return described;
    }

    private static Map<String, byte[]> unzip(byte[] archive) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), entries.readAllBytes());
                }
            }
        }
        return files;
    }
}
