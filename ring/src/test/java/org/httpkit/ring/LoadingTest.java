package org.httpkit.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the namespaces are loaded: on each Clojure, compiled ahead of time, without reflection, without Ring, and beside http-kit's jar. */
@Tag("long")
final class LoadingTest {
    private static final String STARTS = """
            (require 'org.httpkit.server)
            (let [stop (org.httpkit.server/run-server (fn [_] {:status 200}) {:ip "127.0.0.1" :port 0})]
              (stop)
              (org.httpkit.server/server-join (:server (meta stop)))
              @#'org.httpkit.server/no-ring-websockets?)
            """;

    /** A program that names the channel's class in each way, and is compiled. */
    private static final String PROGRAM = """
            (ns program
              (:require [org.httpkit.server :as hk]
                        [org.httpkit.timer :as timer])
              (:import [org.httpkit.server AsyncChannel HttpServer]))
            (defprotocol Outlet (close-outlet [outlet reason]))
            (extend-type AsyncChannel
              Outlet
              (close-outlet [ch reason] (.serverClose ch 1000 reason)))
            (defn handler [req]
              (let [^AsyncChannel ch (:async-channel req)]
                (if (= "/ahead" (:uri req))
                  (hk/with-channel req ch
                    (.setCloseHandler ^AsyncChannel ch (fn [_]))
                    (timer/schedule-task 0 (hk/send! ch (str (instance? AsyncChannel ch) (.hasCloseHandler ^AsyncChannel ch)))))
                  (hk/as-channel req {:on-open (fn [ch] (close-outlet ch "bye"))}))))
            (defn run []
              (let [^HttpServer server (hk/run-server handler {:ip "127.0.0.1" :port 0 :legacy-return-value? false})
                    at #(slurp (str "http://127.0.0.1:" (.getPort server) %))]
                (try
                  [(at "/ahead") (at "/")]
                  (finally @(hk/server-stop! server)))))
            """;

    @TempDir
    Path folder;

    /** On the newest one all other tests run. */
    @ParameterizedTest
    @ValueSource(strings = {"1.9", "1.10", "1.11"})
    void worksOnEarlierClojuresWithoutReflection(String version) throws Exception {
        Path program = Files.createDirectory(folder.resolve("program"));
        Files.writeString(program.resolve("program.clj"), PROGRAM);
        List<Path> classPath = new ArrayList<>(classPathFor(version));
        classPath.add(program);
        try (FreshClojure clojure = FreshClojure.on(classPath)) {
            String outcome = clojure.eval("""
                    (let [out (java.io.StringWriter.)]
                      (binding [*err* out, *warn-on-reflection* true]
                        (require 'program))
                      (str (:major *clojure-version*) "." (:minor *clojure-version*) ((resolve 'program/run)) out))
                    """);
            assertThat(outcome).isEqualTo(version + "[\"truetrue\" \"\"]");
        }
    }

    /** The class path with another Clojure: the build has put it and its libraries into a folder. */
    private static List<Path> classPathFor(String version) throws IOException {
        List<Path> classPath = new ArrayList<>(FreshClojure.classPath());
        for (String part : List.of("clojure/core.clj", "clojure/spec/alpha.clj", "clojure/core/specs/alpha.clj")) {
            classPath.remove(FreshClojure.entryWith(part));
        }
        Path target = FreshClojure.entryWith("org/httpkit/server.clj").getParent();
        try (Stream<Path> jars = Files.list(target.resolve("clojure-" + version))) {
            jars.forEach(classPath::add);
        }
        return classPath;
    }

    /** As for an uberjar: the program and, with it, our namespaces. */
    @Test
    void aProgramMayBeCompiledAheadOfTime() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Files.writeString(source.resolve("program.clj"), PROGRAM);
        List<Path> classPath = new ArrayList<>(FreshClojure.classPath());
        classPath.add(classes);
        List<Path> withSource = new ArrayList<>(classPath);
        withSource.add(source);
        try (FreshClojure clojure = FreshClojure.on(withSource)) {
            clojure.eval("(binding [*compile-path* \"" + classes + "\"] (compile 'program))");
        }
        assertThat(classes.resolve("org/httpkit/server__init.class")).exists();
        try (FreshClojure clojure = FreshClojure.on(classPath)) {
            assertThat(clojure.eval("(require 'program) ((resolve 'program/run))"))
                    .isEqualTo("[\"truetrue\" \"\"]");
        }
    }

    /** A warning means a slow call, and one that can fail on another JVM. */
    @Test
    void compilesWithoutAnyReflection() throws Exception {
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPath())) {
            String warnings = clojure.eval("""
                    (let [out (java.io.StringWriter.)]
                      (binding [*err* out, *out* out, *warn-on-reflection* true]
                        (require 'org.httpkit.server 'org.httpkit.timer 'org.httpkit.topics)
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

    /** Its namespace is then http-kit's, on the server's class. */
    @Test
    void saysSoWhenHttpKitComesBetweenTheCoreAndRing() throws Exception {
        Path httpKit = httpKit();
        for (int parameters : List.of(12, 13)) {
            Files.writeString(
                    httpKit.resolve("org/httpkit/server.clj"),
                    "(ns org.httpkit.server (:import [org.httpkit.server HttpServer]))"
                            + " (defn run-server [] (HttpServer. HttpServer/DEFAULT_WARN_LOGGER "
                            + "nil ".repeat(parameters - 1) + "))");
            List<Path> classPath =
                    withAhead(FreshClojure.entryWith("org/httpkit/server/CallbackChannel.class"), httpKit);
            try (FreshClojure clojure = FreshClojure.on(classPath)) {
                assertThatThrownBy(() -> clojure.eval("(require 'org.httpkit.server) (org.httpkit.server/run-server)"))
                        .rootCause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("put httpkit-ring ahead of http-kit, beside httpkit-server");
            }
        }
    }

    /** Ring's own namespaces take longer to load than ours. */
    @Test
    void loadsRingOnlyForProgramsThatUseIt() throws Exception {
        String loaded = "[(some? (find-ns 'ring.websocket.protocols)) (some? (find-ns 'ring.core.protocols))]";
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPath())) {
            assertThat(clojure.eval(STARTS + loaded)).isEqualTo("[false false]");
        }
        try (FreshClojure clojure = FreshClojure.on(FreshClojure.classPath())) {
            String found = "(some? (find-ns 'org.httpkit.ring.websocket))";
            assertThat(clojure.eval("(require 'ring.websocket.protocols)" + STARTS + found))
                    .isEqualTo("true");
        }
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

    /** A jar made of all jars has one class of each name, and whose that is depends on the order of the merge. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "server.AsyncChannel",
                "server.HttpServer",
                "server.Frame",
                "BytesInputStream",
                "logger.EventNames",
            })
    void saysSoWhenAClassOfHttpKitsWasMergedOverOurs(String theirs) throws Exception {
        Path merged = folder.resolve("merged");
        for (String mark : List.of("org/httpkit/server.clj", "org/httpkit/server/CallbackChannel.class")) {
            copy(FreshClojure.entryWith(mark), merged);
        }
        check(merged);
        String file = "org/httpkit/" + theirs.replace('.', '/') + ".class";
        Files.copy(httpKit().resolve(file), merged.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> check(merged))
                .rootCause()
                .hasMessageContaining("The class org.httpkit." + theirs + " in ")
                .hasMessageContaining("is http-kit's")
                .hasMessageContaining("let httpkit-server and httpkit-ring win");
    }

    private static void check(Path classes) throws Exception {
        URL[] only = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(only, ClassLoader.getPlatformClassLoader())) {
            loader.loadClass("org.httpkit.ring.ClassPath").getMethod("check").invoke(null);
        }
    }

    /** Copies what is in a folder or a jar. */
    private static void copy(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            try (FileSystem jar = FileSystems.newFileSystem(from)) {
                copy(jar.getPath("/"), to);
            }
            return;
        }
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(each).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(each, copy, StandardCopyOption.REPLACE_EXISTING); // each of ours has a licence
            }
        }
    }

    private static List<Path> withAhead(Path... first) {
        List<Path> classPath = new ArrayList<>(List.of(first));
        classPath.addAll(FreshClojure.classPath());
        return classPath;
    }

    private static void loadWith(Path... first) throws Exception {
        try (FreshClojure clojure = FreshClojure.on(withAhead(first))) {
            clojure.eval("(require 'org.httpkit.server)");
        }
    }

    /** A stand-in for http-kit's jar, with classes of the names that both have. */
    private Path httpKit() throws Exception {
        Path classes = Files.createDirectories(folder.resolve("http-kit"));
        Path sources = Files.createDirectories(folder.resolve("sources"));
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
        for (String name : List.of(
                "server.AsyncChannel", "server.HttpServer", "server.Frame", "BytesInputStream", "logger.EventNames")) {
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
