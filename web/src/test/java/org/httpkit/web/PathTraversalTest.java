package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways out of a folder, sent to a server as they are: none leads anywhere, whatever answers it. */
class PathTraversalTest {
    private static final String SECRET = "SECRET";

    @TempDir
    static Path temp;

    private static HttpServer server;

    @BeforeAll
    static void start() throws Exception {
        Path root = Files.createDirectories(temp.resolve("site/public"));
        Files.writeString(root.resolve("open.txt"), "open");
        Files.createDirectories(root.resolve("sub"));
        Files.writeString(root.resolve("sub/index.html"), "index");
        Files.writeString(temp.resolve("secret.txt"), SECRET);
        Files.writeString(temp.resolve("site/secret.txt"), SECRET);
        Files.createDirectories(temp.resolve("site/public-not"));
        Files.writeString(temp.resolve("site/public-not/secret.txt"), SECRET);
        Files.createDirectories(temp.resolve("outside"));
        Files.writeString(temp.resolve("outside/index.html"), SECRET);
        Files.writeString(temp.resolve("outside/secret.txt"), SECRET);
        Files.writeString(root.resolve(".hidden"), SECRET);
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve(".git/config"), SECRET);
        Files.writeString(root.resolve(".git/index.html"), SECRET);
        Files.createSymbolicLink(root.resolve("link.txt"), temp.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("relative.txt"), Path.of("../secret.txt"));
        Files.createSymbolicLink(root.resolve("folder"), temp.resolve("outside"));
        Files.createSymbolicLink(root.resolve("neighbour"), temp.resolve("site/public-not"));
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("git"), Path.of(".git"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        Files.createDirectories(root.resolve("linked"));
        Files.createSymbolicLink(root.resolve("linked/index.html"), temp.resolve("secret.txt"));
        Files.writeString(root.resolve("page.css"), "page");
        Files.createSymbolicLink(root.resolve("page.css.gz"), temp.resolve("secret.txt"));

        StaticFiles files = StaticFiles.of(root).precompressed().listing().singlePage("open.txt");
        server = HttpServer.builder()
                .port(0)
                .handler(Routes.of()
                        .mount("/files", Routes.of().get("/{path...}", files))
                        .get("/plain/{path...}", StaticFiles.of(root))
                        .otherwise(StaticFiles.of(root)))
                .start();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/../../secret.txt",
                "/sub/../../secret.txt",
                "/sub/../../../secret.txt",
                "/./../secret.txt",
                "/%2e%2e/secret.txt",
                "/%2E%2E/secret.txt",
                "/.%2e/secret.txt",
                "/%2e./secret.txt",
                "/%2e%2e%2fsecret.txt",
                "/..%2fsecret.txt",
                "/..%2Fsecret.txt",
                "/sub%2f..%2f..%2fsecret.txt",
                "/%2f..%2fsecret.txt",
                "/%252e%252e/secret.txt",
                "/%252e%252e%252fsecret.txt",
                "/..%252fsecret.txt",
                "/%25%32%65%25%32%65/secret.txt",
                "/..%5csecret.txt",
                "/..%5Csecret.txt",
                "/%2e%2e%5csecret.txt",
                "/%5c..%5csecret.txt",
                "/..%255csecret.txt",
                "/..%c0%afsecret.txt",
                "/%c0%ae%c0%ae/secret.txt",
                "/%c0%2e%c0%2e/secret.txt",
                "/..%e0%80%afsecret.txt",
                "/%e0%80%ae%e0%80%ae/secret.txt",
                "/..%f0%80%80%afsecret.txt",
                "/..%c1%9csecret.txt",
                "/..%ef%bc%8fsecret.txt",
                "/%ef%bc%8e%ef%bc%8e/secret.txt",
                "/%e2%80%a5/secret.txt",
                "/..%u2215secret.txt",
                "/%uff0e%uff0e/secret.txt",
                "/..%00/secret.txt",
                "/../secret.txt%00",
                "/..%00.txt",
                "/open.txt%00../../secret.txt",
                "/open.txt/../../secret.txt",
                "/open.txt%00",
                "/open.txt%00.html",
                "/....//secret.txt",
                "/....%2f%2fsecret.txt",
                "/...%2f...%2fsecret.txt",
                "/.../secret.txt",
                "/..;/secret.txt",
                "/..;a=b/secret.txt",
                "/;/../secret.txt",
                "/..%3b/secret.txt",
                "/..%20/secret.txt",
                "/%20../secret.txt",
                "/..%09/secret.txt",
                "/..%0d%0a/secret.txt",
                "/.. /secret.txt",
                "/..\\secret.txt",
                "/\\..\\secret.txt",
                "/sub\\..\\..\\secret.txt",
                "//../secret.txt",
                "///etc/passwd",
                "//etc/passwd",
                "/%2fetc%2fpasswd",
                "/%2Fetc/passwd",
                "/sub//../../secret.txt",
                "/file:%2f%2f%2fetc%2fpasswd",
                "/file:///etc/passwd",
                "/C:/Windows/win.ini",
                "/C:%5cWindows%5cwin.ini",
                "/%5c%5chost%5cshare%5csecret.txt",
                "/open.txt::$DATA",
                "/open.txt:secret.txt",
                "/~/secret.txt",
                "/~root/secret.txt",
                "/nul",
                "/CON",
                "/aux.txt",
                "/sub/com1",
                "/LPT9.log",
                "/COM%C2%B9",
                "/open.txt.",
                "/open.txt%20",
                "/open.txt/",
                "/open.txt/.",
                "/sub/./index.html",
                "/.hidden",
                "/%2ehidden",
                "/.git/config",
                "/.git/",
                "/.git",
                "/%2egit/config",
                "/sub/../.git/config",
                "/git/config",
                "/git/",
                "/git",
                "/link.txt",
                "/relative.txt",
                "/folder/secret.txt",
                "/folder/index.html",
                "/folder/",
                "/folder",
                "/neighbour/secret.txt",
                "/neighbour/",
                "/up/secret.txt",
                "/up/public/../secret.txt",
                "/up/",
                "/up",
                "/../public-not/secret.txt",
                "/..%2fpublic-not/secret.txt",
                "/-not/secret.txt",
                "/linked/",
                "/linked",
                "/loop",
                "/loop/secret.txt",
                "/proc/self/environ",
                "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
                "/%",
                "/%2",
                "/%zz/secret.txt",
                "/..%",
                "/%2e%2e/",
                "/..",
                "/.",
                "/%2e"
            })
    void leadsNowhere(String spelling) throws Exception {
        for (String prefix : new String[] {"/files", "/plain", ""}) {
            RawResponse answer = ask(prefix + spelling);
            assertThat(answer.text()).as(prefix + spelling).doesNotContain(SECRET, "root:", "PATH=");
            if (!prefix.equals("/files")) { // there a page answers what is missing, or a list of names
                assertThat(answer.status()).as(prefix + spelling).isIn(400, 404);
            }
        }
    }

    @Test
    void listsNothingThatItDoesNotServe() throws Exception {
        assertThat(ask("/files/").text())
                .contains("open.txt", "page.css", "sub/")
                .doesNotContain(
                        "link.txt", "relative.txt", "folder", "neighbour", "up/", "git", "hidden", "loop", "gz");
    }

    @Test
    void sendsNoSiblingFromOutside() throws Exception {
        RawResponse answer = ask("/files/page.css", "Accept-Encoding: gzip\r\n");

        assertThat(answer.text()).isEqualTo("page");
        assertThat(answer.field("Content-Encoding")).isNull();
    }

    @Test
    void neverOpensAPipe() throws Exception {
        Path pipe = temp.resolve("site/public/pipe");
        Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeThat(made.waitFor(10, TimeUnit.SECONDS) && made.exitValue() == 0).isTrue();
        try {
            assertThat(ask("/plain/pipe").status()).isEqualTo(404);
        } finally {
            Files.delete(pipe);
        }
    }

    @Test
    void findsNothingByANameThatIsTooLong() throws Exception {
        assertThat(ask("/plain/" + "a".repeat(300)).status()).isEqualTo(404);
        assertThat(ask("/plain/" + "%C3%A4".repeat(200)).status()).isEqualTo(404);
        assertThat(ask("/plain" + "/a".repeat(3000)).status()).isEqualTo(404);
    }

    @Test
    void stillServesWhatIsInside() throws Exception {
        assertThat(ask("/plain/open.txt").text()).isEqualTo("open");
        assertThat(ask("/plain/%6fpen.txt").text()).isEqualTo("open");
        assertThat(ask("/sub/").text()).isEqualTo("index");
    }

    private static RawResponse ask(String path, String... fields) throws Exception {
        try (RawClient client = RawClient.connect(server)) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + String.join("", fields) + "\r\n")
                    .read();
        }
    }
}
