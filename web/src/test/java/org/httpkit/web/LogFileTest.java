package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.httpkit.server.AccessLog;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    Path temp;

    private List<String> files() throws Exception {
        try (Stream<Path> files = Files.list(temp)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String text(String name) throws Exception {
        return Files.readString(temp.resolve(name));
    }

    /** Closes it until the line is there: a call waits a second at most, which a busy machine may need. */
    private void close(LogFile file, String name, String lastLine) throws Exception {
        for (int i = 0; i < 30; i++) {
            file.close();
            if (Files.exists(temp.resolve(name)) && text(name).endsWith(lastLine + "\n")) {
                return;
            }
        }
    }

    @Test
    void putsTheFileAsideWhenALineHasNoRoom() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 10, 2);
        for (String line : List.of("aaaa", "bbbb", "cccc", "dddddddddddddddd", "eeee", "ffff", "gggg")) {
            file.sink().accept(line);
        }
        close(file, "a.log", "gggg");

        assertThat(files()).containsExactly("a.log", "a.log.1", "a.log.2");
        assertThat(text("a.log")).isEqualTo("gggg\n");
        assertThat(text("a.log.1")).isEqualTo("eeee\nffff\n");
        assertThat(text("a.log.2")).isEqualTo("dddddddddddddddd\n");
    }

    @Test
    void losesAndCutsNoLineAmongMany() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 50_000, 1000);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            lines.add("line " + i + " " + "x".repeat(i % 40));
            file.sink().accept(lines.get(i));
        }
        close(file, "a.log", lines.get(lines.size() - 1));

        List<String> read = new ArrayList<>();
        int count = files().size();
        assertThat(count).isGreaterThan(5);
        for (int i = count - 1; i >= 1; i--) {
            assertThat(Files.size(temp.resolve("a.log." + i))).isBetween(49_900L, 50_000L);
            read.addAll(Files.readAllLines(temp.resolve("a.log." + i)));
        }
        read.addAll(Files.readAllLines(temp.resolve("a.log")));
        assertThat(read).isEqualTo(lines);
        assertThat(file.sink().dropped()).isZero();
    }

    @Test
    void putsTheFileAsideWhenAsked() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 1000, 1);
        file.sink().accept("before");
        close(file, "a.log", "before");
        file.rotate();
        file.sink().accept("after");
        close(file, "a.log", "after");

        assertThat(text("a.log")).isEqualTo("after\n");
        assertThat(text("a.log.1")).isEqualTo("before\n");
    }

    @Test
    void opensAFileAgainThatAnotherProgramHasPutAside() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 1000, 1);
        file.sink().accept("before");
        close(file, "a.log", "before");
        Files.move(temp.resolve("a.log"), temp.resolve("moved"));
        file.reopen();
        file.sink().accept("after");
        close(file, "a.log", "after");

        assertThat(text("moved")).isEqualTo("before\n");
        assertThat(text("a.log")).isEqualTo("after\n");
    }

    /** Where the system tells which files are open. */
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNotOpenAfterClosing() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 1000, 1);
        file.sink().accept("line");
        close(file, "a.log", "line");
        file.close(); // the first call may have been over before the line was there

        assertThat(openFiles()).doesNotContain(temp.resolve("a.log").toRealPath());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNotOpenAfterClosingWhenTheSinkHasEnded() throws Exception {
        LogFile file = LogFile.at(temp.resolve("a.log"), 1000, 1);
        file.sink().accept("line");
        while (!text("a.log").equals("line\n")) {
            file.sink().close();
        }
        file.sink().close();

        file.close();

        assertThat(openFiles()).doesNotContain(temp.resolve("a.log").toRealPath());
    }

    private static List<Path> openFiles() throws Exception {
        List<Path> open = new ArrayList<>();
        try (Stream<Path> files = Files.list(OPEN_FILES)) {
            for (Path file : files.toList()) {
                try {
                    open.add(Files.readSymbolicLink(file));
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile, by this listing or another thread
                }
            }
        }
        return open;
    }

    @Test
    void goesOnWithAFileThatIsThere() throws Exception {
        Files.writeString(temp.resolve("a.log"), "old\n");
        LogFile file = LogFile.at(temp.resolve("a.log"), 8, 0);
        file.sink().accept("new");
        file.sink().accept("third");
        close(file, "a.log", "third");

        assertThat(files()).containsExactly("a.log");
        assertThat(text("a.log")).isEqualTo("third\n");
    }

    @Test
    void takesTheLinesOfAnAccessLog() throws Exception {
        LogFile file = LogFile.at(temp.resolve("access.log"), 1 << 20, 1);
        Routes routes = Routes.of().get("/users/{id}", request -> Response.text("a"));
        try (TestServer server = TestServer.start(
                HttpServer.builder().observer(AccessLog.combined(file.sink())).handler(routes))) {
            server.get("/users/7");
        }
        close(file, "access.log", "");
        assertThat(text("access.log")).contains("\"GET /users/7 HTTP/1.1\" 200 1 \"-\"");
    }

    @Test
    void tellsTheRouteInJson() throws Exception {
        LogFile file = LogFile.at(temp.resolve("access.log"), 1 << 20, 1);
        Routes routes = Routes.of().get("/users/{id}", request -> Response.text("a"));
        try (TestServer server = TestServer.start(HttpServer.builder()
                .observer(JsonLog.to(file.sink()).routes(routes::template))
                .handler(routes))) {
            server.get("/users/7");
        }
        close(file, "access.log", "");
        assertThat(text("access.log"))
                .contains(
                        "\"remote\":\"127.0.0.1\",\"method\":\"GET\",\"target\":\"/users/7\",\"route\":\"/users/{id}\"")
                .contains("\"status\":200,\"outcome\":\"ANSWERED\",\"requestBytes\":0,\"responseBytes\":1,\"millis\":")
                .endsWith("}\n");
    }

    @Test
    void writesALineForConnect() throws Exception {
        LogFile file = LogFile.at(temp.resolve("access.log"), 1 << 20, 1);
        Routes routes = Routes.of().get("/{path...}", request -> Response.text("a"));
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .observer(JsonLog.to(file.sink()).routes(routes::template))
                        .handler(routes)
                        .start();
                RawClient client = RawClient.connect(server)) {
            client.send("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n").read();
        }
        close(file, "access.log", "");
        assertThat(text("access.log"))
                .contains("\"method\":\"CONNECT\",\"target\":\"a:80\",\"route\":null,", "\"status\":405,");
    }

    @Test
    void escapesWhatClientsWriteInJson() throws Exception {
        FinishedExchange exchange = new FinishedExchange(
                null,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                0,
                FinishedExchange.Outcome.UNANSWERED,
                1,
                2,
                Instant.parse("2026-11-25T13:55:36.5Z"),
                0,
                0,
                0,
                1_002_003_004L);
        JsonLog log = JsonLog.to(line -> {});

        assertThat(log.line(exchange))
                .isEqualTo(
                        "{\"time\":\"2026-11-25T13:55:36.500Z\",\"remote\":\"127.0.0.1\",\"method\":null,\"target\":null,"
                                + "\"route\":null,\"version\":null,\"status\":0,\"outcome\":\"UNANSWERED\",\"requestBytes\":1,"
                                + "\"responseBytes\":2,\"millis\":1002.003,\"referer\":null,\"userAgent\":null}");
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatThrownBy(() -> LogFile.at(temp.resolve("a"), 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LogFile.at(temp.resolve("a"), 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
