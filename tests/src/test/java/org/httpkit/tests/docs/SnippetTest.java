package org.httpkit.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.httpkit.jdkhttpserver.HttpKitProvider;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.topics.Topics;
import org.httpkit.topics.nats.NatsBackplane;
import org.httpkit.topics.redis.RedisBackplane;
import org.httpkit.web.Routes;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the Java in the documents as a reader would, and runs what can be run: see {@link Snippet} and {@link Trial}. */
@Tag("once")
class SnippetTest {
    private static final List<String> DOCUMENTS = List.of(
            "README.md",
            "CONTRIBUTING.md",
            "ARCHITECTURE.md",
            "docs/guide.md",
            "docs/jdk-httpserver.md",
            "docs/operations.md",
            "docs/resources.md",
            "docs/testing.md",
            "docs/topics.md",
            "docs/web.md");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> compilesAndDoesWhatTheDocumentSays() {
        return DOCUMENTS.stream().flatMap(document -> Snippet.in(Documents.text(document)).stream()
                .map(snippet ->
                        DynamicTest.dynamicTest(document + " line " + snippet.line(), () -> check(document, snippet))));
    }

    @Test
    void readsSnippetsInTheGuide() {
        List<Snippet> snippets = Snippet.in(Documents.text("docs/guide.md"));
        assertThat(snippets).hasSizeGreaterThan(10);
        assertThat(snippets).anyMatch(snippet -> !snippet.trials().isEmpty());
    }

    private void check(String document, Snippet snippet) throws Exception {
        Path classes = Files.createDirectories(folder.resolve(document + snippet.line()));
        compile(snippet, classes);
        if (!snippet.trials().isEmpty()) {
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
                Method run = loader.loadClass(snippet.className()).getDeclaredMethod("run");
                run.setAccessible(true);
                HttpServer server = serverOf(run.invoke(null));
                try {
                    for (Trial trial : snippet.trials()) {
                        trial.perform(server.port());
                    }
                } finally {
                    server.stop().get(20, TimeUnit.SECONDS);
                }
            }
        }
    }

    private static HttpServer serverOf(Object result) throws IOException {
        if (result instanceof HttpServer server) {
            return server;
        }
        if (result instanceof Handler handler) {
            return HttpServer.start(0, handler);
        }
        throw new AssertionError(
                "A snippet that runs declares a Handler or an HttpServer, but this one gave " + result);
    }

    private static void compile(Snippet snippet, Path classes) throws IOException, URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path file = Files.writeString(classes.resolve(snippet.className() + ".java"), snippet.source());
        String classPath = String.join(
                File.pathSeparator,
                place(HttpServer.class).toString(),
                place(Routes.class).toString(),
                place(Topics.class).toString(),
                place(NatsBackplane.class).toString(),
                place(RedisBackplane.class).toString(),
                place(HttpKitProvider.class).toString(),
                place(NullMarked.class).toString());
        List<String> options = List.of(
                "-Xlint:all,-options,-path", "-Werror", "-proc:none", "-cp", classPath, "-d", classes.toString());
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as("%s%n%s", messages, snippet.source()).isTrue();
        }
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
