package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.httpkit.server.Handler;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaticFilesTest {
    @TempDir
    Path temp;

    private Path root;

    @BeforeEach
    void makeFolder() throws Exception {
        root = Files.createDirectories(temp.resolve("site"));
        write("page.css", "page");
    }

    private Path write(String name, String content) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private static Response get(Handler files, String path, String... fields) throws Exception {
        return files.handle(Requests.of("GET", path, fields));
    }

    private static String fileOf(Response response) throws Exception {
        return response.body() instanceof ResponseBody.Bytes kept
                ? new String(kept.bytes(), StandardCharsets.UTF_8)
                : Files.readString(((ResponseBody.File) response.body()).path());
    }

    private Handler below(StaticFiles files) {
        return Routes.of().get("/{tenant}/files/{path...}", files);
    }

    @Test
    void sendsAFileWithItsType() throws Exception {
        Response response = get(StaticFiles.of(root), "/page.css");

        assertThat(fileOf(response)).isEqualTo("page");
        assertThat(response.headers().all("Content-Type")).containsExactly("text/css; charset=utf-8");
        assertThat(response.headers().first("Vary")).isNull();
        assertThat(response.headers().first("Cache-Control")).isNull();
    }

    @Test
    void takesTheRestOfTheRoutesPath() throws Exception {
        write("a b/ä.txt", "inner");

        assertThat(fileOf(get(below(StaticFiles.of(root)), "/x/files/a%20b/%C3%A4.txt")))
                .isEqualTo("inner");
        assertThat(get(below(StaticFiles.of(root)), "/x/files/none.txt")).isNull();
    }

    @Test
    void answersGetAndHeadOnly() throws Exception {
        StaticFiles files = StaticFiles.of(root);

        assertThat(fileOf(files.handle(Requests.of("HEAD", "/page.css")))).isEqualTo("page");
        Response refused = files.handle(Requests.of("POST", "/page.css"));
        assertThat(refused.status().code()).isEqualTo(405);
        assertThat(refused.headers().first("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    }

    @Test
    void sendsTheIndexOfAFolder() throws Exception {
        write("index.html", "top");
        write("docs/index.html", "docs");
        write("docs/start.htm", "start");

        assertThat(fileOf(get(StaticFiles.of(root), "/"))).isEqualTo("top");
        assertThat(fileOf(get(StaticFiles.of(root), "/docs/"))).isEqualTo("docs");
        assertThat(fileOf(get(StaticFiles.of(root).index("start.htm"), "/docs/")))
                .isEqualTo("start");
        assertThat(get(StaticFiles.of(root).index("start.htm"), "/")).isNull();
        assertThat(get(StaticFiles.of(root), "/page.css/")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/docs, /docs/",
        "/docs?a=b&c=%2F, /docs/?a=b&c=%2F",
        "/%64ocs, /docs/",
        "/a%20b%3Fc, /a%20b%3Fc/",
        "/sub/%C3%A4%23, /sub/%C3%A4%23/"
    })
    void redirectsToTheFolderWithASlash(String path, String location) throws Exception {
        write("docs/index.html", "docs");
        write("a b?c/index.html".replace('?', '-'), "no");
        write("sub/ä#/index.html", "umlaut");

        Response response = get(StaticFiles.of(root), path);
        if (path.contains("%3F")) {
            assertThat(response).isNull(); // a name that some systems have not
            return;
        }
        assertThat(response.status().code()).isEqualTo(301);
        assertThat(response.headers().first("Location")).isEqualTo(location);
    }

    @Test
    void escapesTheWholePathAnewWhenItRedirects() throws Exception {
        write("docs/index.html", "docs");

        assertThat(get(below(StaticFiles.of(root)), "/%2Fevil.com%0d%0a/files/docs")
                        .headers()
                        .first("Location"))
                .isEqualTo("/%2Fevil.com%0D%0A/files/docs/");
        assertThat(get(StaticFiles.of(root), "//docs")).isNull();
        assertThat(get(StaticFiles.of(root), "//evil.com/docs")).isNull();
    }

    @Test
    void doesNotTellOfAFolderWithoutAPage() throws Exception {
        write("docs/start.htm", "start");

        assertThat(get(StaticFiles.of(root), "/docs")).isNull();
        assertThat(get(StaticFiles.of(root), "/docs/")).isNull();
        assertThat(get(StaticFiles.of(root).listing(), "/docs").status().code()).isEqualTo(301);
    }

    @Test
    void listsAFolderIfAsked() throws Exception {
        write("docs/a&b <c>.txt".replaceAll("[<>]", "'"), "odd");
        write("docs/deep/x.txt", "x");
        write("docs/.hidden", "hidden");

        String page = ((ResponseBody.Text)
                        get(StaticFiles.of(root).listing(), "/docs/").body())
                .text();

        assertThat(page)
                .contains("<a href=\"./a&amp;b%20&#39;c&#39;.txt\">a&amp;b &#39;c&#39;.txt</a>")
                .contains("<a href=\"./deep/\">deep/</a>")
                .contains("<a href=\"../\">")
                .doesNotContain("hidden");
        assertThat(get(StaticFiles.of(root).listing(), "/none/")).isNull();
    }

    private void writeSiblings() throws Exception {
        write("page.css.br", "br");
        write("page.css.zst", "zst");
        write("page.css.gz", "gz");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                    gzip, br        | br   | br
                    zstd, gzip      | zst  | zstd
                    gzip            | gz   | gzip
                    br;q=0.1, gzip  | gz   | gzip
                    deflate         | page | none
                    identity        | page | none
                    """)
    void sendsTheSiblingThatTheClientLikesBest(String accepted, String content, String coding) throws Exception {
        writeSiblings();

        Response response = get(StaticFiles.of(root).precompressed(), "/page.css", "Accept-Encoding", accepted);

        assertThat(fileOf(response)).isEqualTo(content);
        assertThat(response.headers().first("Content-Encoding")).isEqualTo(coding);
        assertThat(response.headers().first("Content-Type")).isEqualTo("text/css; charset=utf-8");
        assertThat(response.headers().first("Vary")).isEqualTo("Accept-Encoding");
    }

    @Test
    void answers406ToAClientThatTakesNoVariant() throws Exception {
        writeSiblings();

        Response response =
                get(StaticFiles.of(root).precompressed(), "/page.css", "Accept-Encoding", "identity;q=0, deflate");

        assertThat(response.status().code()).isEqualTo(406);
        assertThat(response.headers().first("Vary")).isEqualTo("Accept-Encoding");
    }

    @Test
    void leavesSiblingsAloneUnlessAsked() throws Exception {
        writeSiblings();

        assertThat(fileOf(get(StaticFiles.of(root), "/page.css", "Accept-Encoding", "br")))
                .isEqualTo("page");
    }

    @Test
    void leavesASiblingAloneThatIsOlderThanItsFile() throws Exception {
        writeSiblings();
        FileTime time = Files.getLastModifiedTime(root.resolve("page.css"));
        Files.setLastModifiedTime(root.resolve("page.css.br"), FileTime.fromMillis(time.toMillis() - 1));
        Files.setLastModifiedTime(root.resolve("page.css.gz"), time);
        Files.delete(root.resolve("page.css.zst"));
        StaticFiles files = StaticFiles.of(root).precompressed();

        assertThat(fileOf(get(files, "/page.css", "Accept-Encoding", "br, gzip;q=0.1")))
                .isEqualTo("gz");
        Files.setLastModifiedTime(root.resolve("page.css.gz"), FileTime.fromMillis(time.toMillis() - 5));
        Response whole = get(files, "/page.css", "Accept-Encoding", "br, gzip");
        assertThat(fileOf(whole)).isEqualTo("page");
        assertThat(whole.headers().first("Vary")).isNull();
    }

    @Test
    void looksForNoSiblingOfWhatIsCompressedAlready() throws Exception {
        write("photo.jpg", "photo");
        write("photo.jpg.gz", "gz");

        assertThat(fileOf(get(StaticFiles.of(root).precompressed(), "/photo.jpg", "Accept-Encoding", "gzip")))
                .isEqualTo("photo");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                    app.3f2a9c1b.js        | public, max-age=31536000, immutable
                    js/app-3f2a9c1b00.js   | public, max-age=31536000, immutable
                    app.20261129.js        | no-cache
                    app.deadbeef.js        | no-cache
                    app.3F2A9C1B.js        | no-cache
                    app.3f2a9c1.js         | no-cache
                    fonts/a.woff2          | max-age=60
                    fonts/deep/a.woff2     | max-age=60
                    font/a.woff2           | none
                    index.html             | no-cache
                    a.html                 | no-cache
                    a.htmlx                | none
                    """)
    void givesFilesTheCacheRuleThatMatchesFirst(String file, String cacheControl) throws Exception {
        write(file, "x");
        StaticFiles files = StaticFiles.of(root)
                .immutableIfHashed()
                .cache("fonts/**", "max-age=60")
                .cache("**/*.{html,js}", "no-cache");

        assertThat(get(files, "/" + file).headers().first("Cache-Control")).isEqualTo(cacheControl);
    }

    @Test
    void refusesACacheRuleThatCannotBeSent() {
        assertThatThrownBy(() -> StaticFiles.of(root).cache("*", "a\r\nb"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StaticFiles.of(root).cache("*.{a", "b")).hasMessageContaining("brace");
    }

    @Test
    void sendsTheSinglePageForPathsOfPages() throws Exception {
        write("index.html", "app");
        StaticFiles files = StaticFiles.of(root).singlePage("index.html").cache("index.html", "no-cache");

        assertThat(fileOf(get(files, "/users/7"))).isEqualTo("app");
        assertThat(get(files, "/users/7").headers().first("Cache-Control")).isEqualTo("no-cache");
        assertThat(fileOf(get(files, "/users/"))).isEqualTo("app");
        assertThat(get(files, "/gone.js")).isNull();
        assertThat(get(files, "/users/../7")).isNull();
        assertThat(get(files, "/users/%2e%2e")).isNull();
    }

    @Test
    void findsNothingBehindTwoSlashesEvenWhileThePageIsKept() throws Exception {
        Files.setLastModifiedTime(write("index.html", "app"), FileTime.fromMillis(0));
        StaticFiles files = StaticFiles.of(root).singlePage("index.html");

        assertThat(fileOf(get(files, "/users/7"))).isEqualTo("app");
        assertThat(get(files, "//index.html")).isNull();
    }

    @Test
    void followsLinksThatStayInside() throws Exception {
        Files.createSymbolicLink(root.resolve("link.css"), Path.of("page.css"));

        assertThat(fileOf(get(StaticFiles.of(root), "/link.css"))).isEqualTo("page");
    }

    @Test
    void followsAFolderThatIsALinkAndLeadsElsewhereLater() throws Exception {
        Path first = Files.createDirectories(temp.resolve("releases/1"));
        Path second = Files.createDirectories(temp.resolve("releases/2"));
        Files.writeString(first.resolve("v.txt"), "1");
        Files.writeString(second.resolve("v.txt"), "2");
        Path current = Files.createSymbolicLink(temp.resolve("current"), first);
        StaticFiles files = StaticFiles.of(current);
        assertThat(fileOf(get(files, "/v.txt"))).isEqualTo("1");

        Files.delete(current);
        Files.createSymbolicLink(current, second);

        assertThat(fileOf(get(files, "/v.txt"))).isEqualTo("2");
    }

    @Test
    void servesAFolderOfAJar() throws Exception {
        Path jar = temp.resolve("a b.jar");
        try (FileSystem files = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "true"))) {
            Files.createDirectories(files.getPath("/pages/deep"));
            Files.writeString(files.getPath("/pages/index.html"), "in a jar");
            Files.writeString(files.getPath("/pages/deep/a.txt"), "deep");
            Files.writeString(files.getPath("/secret.txt"), "secret");
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL(), here()}, null)) {
            Class<?> from = loader.loadClass(StaticFilesTest.class.getName());
            StaticFiles pages = StaticFiles.onClassPath(from, "/pages");

            assertThat(fileOf(get(pages, "/"))).isEqualTo("in a jar");
            assertThat(fileOf(get(pages, "/deep/a.txt"))).isEqualTo("deep");
            assertThat(get(pages, "/../secret.txt")).isNull();
            assertThat(get(pages, "/secret.txt")).isNull();
            assertThat(((ResponseBody.Text) get(pages.listing(), "/deep/").body()).text())
                    .contains("a.txt");
            assertThat(get(pages.listing(), "/deep").status().code()).isEqualTo(301);
        }
    }

    private static URL here() {
        return StaticFilesTest.class.getProtectionDomain().getCodeSource().getLocation();
    }

    @Test
    void servesAFolderOfTheClassPath() throws Exception {
        assertThat(get(StaticFiles.onClassPath(StaticFilesTest.class, "/org/httpkit"), "/web/StaticFilesTest.class"))
                .isNotNull();
        assertThatThrownBy(() -> StaticFiles.onClassPath(StaticFilesTest.class, "/none/such"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/none/such");
    }

    @Test
    void refusesAFolderThatIsNotThere() {
        assertThatThrownBy(() -> StaticFiles.of(temp.resolve("none"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StaticFiles.of(root.resolve("page.css"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsMoreThanSixtyMediaTypes() throws Exception {
        assertThat(MediaTypes.USUAL.count()).isGreaterThan(60);
        write("data.PARQUET", "x");
        write("noextension", "x");
        write("a.JSON", "x");
        StaticFiles files = StaticFiles.of(root).mediaType("parquet", "application/vnd.apache.parquet");

        assertThat(get(files, "/data.PARQUET").headers().first("Content-Type"))
                .isEqualTo("application/vnd.apache.parquet");
        assertThat(get(files, "/noextension").headers().first("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(get(files, "/a.JSON").headers().first("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void findsNothingBelowManyFoldersInATimeThatGrowsWithThePath() {
        FileFolder folder = FileFolder.of(root);

        // Copying the path for each name would take minutes.
        Assertions.assertTimeout(
                Duration.ofSeconds(10),
                () -> assertThat(folder.find(Collections.nCopies(1 << 19, "a"))).isNull());
    }
}
