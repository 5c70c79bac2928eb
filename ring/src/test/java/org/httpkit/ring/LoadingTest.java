package org.httpkit.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the namespaces are loaded: without reflection, without Ring, and beside http-kit's own jar. */
final class LoadingTest {
    private static final String STARTS = """
            (require 'org.httpkit.server)
            (let [stop (org.httpkit.server/run-server (fn [_] {:status 200}) {:ip "127.0.0.1" :port 0})]
              (stop)
              (org.httpkit.server/server-join (:server (meta stop)))
              @#'org.httpkit.server/no-ring-websockets?)
            """;

    @TempDir
    Path folder;

    /** A warning means a slow call, and one that can fail on another JVM. */
    @Test
    void compilesWithoutAnyReflection() throws Exception {
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPath())) {
            String warnings = clojure.eval("""
                    (let [out (java.io.StringWriter.)]
                      (binding [*err* out, *out* out, *warn-on-reflection* true]
                        (require 'org.httpkit.server 'org.httpkit.timer)
                        (eval '(fn [] (org.httpkit.timer/with-timeout inc 1 nil (org.httpkit.timer/schedule-task 1 nil))))
                        (eval '(fn [req] (org.httpkit.server/with-channel req ch (org.httpkit.server/close ch)))))
                      (str out))
                    """);
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void knowsOnlyThePublicApi() throws Exception {
        Path classes = FreshClojure.entryWith("org/httpkit/server.clj");
        try (Stream<Path> files = Files.walk(classes)) {
            assertThat(files.filter(Files::isRegularFile)).isNotEmpty().allSatisfy(file -> assertThat(
                            Files.readString(file, StandardCharsets.ISO_8859_1))
                    .doesNotContain("org/httpkit/internal", "org.httpkit.internal"));
        }
    }

    @Test
    void needsNoRing() throws Exception {
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPathWithout("ring/websocket/protocols.clj"))) {
            assertThat(clojure.eval(STARTS)).isEqualTo("true");
        }
    }

    @Test
    void aPropertySwitchesRingsWebSocketsOff() throws Exception {
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPath())) {
            assertThat(clojure.eval("(System/setProperty \"http-kit.no-ring-websockets\" \"true\")" + STARTS))
                    .isEqualTo("true");
        } finally {
            System.clearProperty("http-kit.no-ring-websockets");
        }
    }

    @Test
    void worksAheadOfHttpKit() throws Exception {
        List<Path> classPath = new ArrayList<>(FreshClojure.classPath());
        classPath.add(httpKit());
        try (FreshClojure clojure = FreshClojure.on(classPath)) {
            assertThat(clojure.eval(STARTS)).isEqualTo("false");
        }
    }

    @Test
    void saysSoWhenHttpKitsClassesComeBeforeTheCore() throws Exception {
        assertThatThrownBy(() -> loadWith(FreshClojure.entryWith("org/httpkit/server.clj"), httpKit()))
                .rootCause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.httpkit.server.AsyncChannel comes from")
                .hasMessageContaining("put httpkit-server and httpkit-ring ahead of http-kit");
    }

    @Test
    void saysSoWhenHttpKitsClassesComeBeforeRing() throws Exception {
        Path httpKit = httpKit();
        Files.createDirectories(folder.resolve("ours/org/httpkit"));
        Files.copy(
                FreshClojure.entryWith("org/httpkit/server.clj").resolve("org/httpkit/server.clj"),
                folder.resolve("ours/org/httpkit/server.clj"));
        assertThatThrownBy(() -> loadWith(
                        FreshClojure.entryWith("org/httpkit/server/CallbackChannel.class"),
                        folder.resolve("ours"),
                        httpKit))
                .rootCause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.httpkit.BytesInputStream comes from");
    }

    private static void loadWith(Path... first) throws Exception {
        List<Path> classPath = new ArrayList<>(List.of(first));
        classPath.addAll(FreshClojure.classPath());
        try (FreshClojure clojure = FreshClojure.on(classPath)) {
            clojure.eval("(require 'org.httpkit.server)");
        }
    }

    /** A stand-in for http-kit's jar, with classes of the names that both have. */
    private Path httpKit() throws Exception {
        Path classes = Files.createDirectories(folder.resolve("http-kit"));
        Path sources = Files.createDirectories(folder.resolve("sources"));
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
        for (String name :
                List.of("server.AsyncChannel", "server.HttpServer", "BytesInputStream", "logger.EventNames")) {
            int dot = name.lastIndexOf('.');
            String packageName = "org.httpkit" + (dot < 0 ? "" : "." + name.substring(0, dot));
            String className = name.substring(dot + 1);
            Path source = sources.resolve(name + "/" + className + ".java");
            Files.createDirectories(source.getParent());
            Files.writeString(
                    source, "package " + packageName + "; public class " + className + " {}", StandardCharsets.UTF_8);
            arguments.add(source.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(null, null, null, arguments.toArray(new String[0])))
                .isZero();
        Path namespace = classes.resolve("org/httpkit/server.clj");
        Files.writeString(namespace, "(ns org.httpkit.server) (throw (ex-info \"http-kit's\" {}))");
        return classes;
    }
}
