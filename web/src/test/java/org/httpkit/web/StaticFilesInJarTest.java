package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in jars, as builds make them that can be repeated: all of them have the same time. */
class StaticFilesInJarTest {
    private static final FileTime CONSTANT = FileTime.fromMillis(1_000_000_000_000L);
    private static final String LARGE = "0123456789".repeat(40_000);

    @TempDir
    Path temp;

    private static void add(ZipOutputStream zip, String name, String content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setLastModifiedTime(CONSTANT);
        entry.setLastAccessTime(CONSTANT); // which stands ahead of the content only, not in the jar's directory
        zip.putNextEntry(entry);
        zip.write(content.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private StaticFiles inJar(String jarName, String page) throws Exception {
        Path jar = temp.resolve(jarName);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            add(zip, "pages/", "");
            add(zip, "pages/page.html", page);
            add(zip, "pages/other.txt", "other");
            add(zip, "pages/large.txt", LARGE);
        }
        URL here =
                StaticFilesInJarTest.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL(), here}, null)) {
            return StaticFiles.onClassPath(loader.loadClass(StaticFilesInJarTest.class.getName()), "/pages");
        }
    }

    private static Response get(StaticFiles files, String path) throws Exception {
        Response response = files.handle(Requests.of("GET", path));
        assertThat(response).as(path).isNotNull();
        return response;
    }

    private static String contentOf(Response response) throws Exception {
        if (response.body() instanceof ResponseBody.Stream body) {
            return new String(body.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
        return response.body() instanceof ResponseBody.Bytes body
                ? new String(body.bytes(), StandardCharsets.UTF_8)
                : Files.readString(((ResponseBody.File) response.body()).path());
    }

    @Test
    void changeTheirTagWithTheirContent() throws Exception {
        Response first = get(inJar("1.jar", "one"), "/page.html");
        Response second = get(inJar("2.jar", "two"), "/page.html");
        Response same = get(inJar("3.jar", "one"), "/page.html");

        assertThat(first.headers().first("ETag"))
                .isNotNull()
                .isNotEqualTo(second.headers().first("ETag"))
                .isEqualTo(same.headers().first("ETag"));
        assertThat(first.headers().first("Last-Modified")).isNull();
    }

    @Test
    void areNeverExtracted() throws Exception {
        StaticFiles files = inJar("a.jar", "one");

        assertThat(get(files, "/large.txt").body()).isInstanceOf(ResponseBody.Stream.class);
        assertThat(get(files.keepInMemory(0), "/page.html").body()).isInstanceOf(ResponseBody.Stream.class);
        assertThat(contentOf(get(files.keepInMemory(0), "/page.html"))).isEqualTo("one");
        try (FileSystem zip = FileSystems.newFileSystem(temp.resolve("a.jar"))) {
            assertThat(get(StaticFiles.of(zip.getPath("/pages")), "/large.txt").body())
                    .isInstanceOf(ResponseBody.Stream.class);
        }
    }

    @Test
    void areSentAsClientsAsk() throws Exception {
        try (TestServer server = TestServer.start(inJar("a.jar", "one"))) {
            HttpResponse<String> whole = server.get("/large.txt");
            assertThat(whole.body()).isEqualTo(LARGE);
            assertThat(whole.headers().firstValue("Content-Length")).hasValue(Integer.toString(LARGE.length()));
            assertThat(whole.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
            assertThat(server.get("/large.txt").body()).isEqualTo(LARGE);

            String tag = whole.headers().firstValue("ETag").orElseThrow();
            assertThat(server.send(server.request("/large.txt").header("If-None-Match", tag))
                            .statusCode())
                    .isEqualTo(304);
            HttpResponse<String> part = server.send(server.request("/large.txt").header("Range", "bytes=399995-"));
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo("56789");
            HttpResponse<String> head =
                    server.send(server.request("/large.txt").method("HEAD", BodyPublishers.noBody()));
            assertThat(head.headers().firstValue("ETag")).hasValue(tag);
        }
    }

    @Test
    void canBeReadAfterAnInterrupt() throws Exception {
        StaticFiles files = inJar("a.jar", "one").listing();
        Thread.currentThread().interrupt();
        Response first;
        try {
            first = get(files, "/page.html");
            get(files, "/");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(contentOf(first)).isEqualTo("one");
        assertThat(contentOf(get(files, "/other.txt"))).isEqualTo("other");
        assertThat(contentOf(get(files, "/large.txt"))).isEqualTo(LARGE);
    }
}
