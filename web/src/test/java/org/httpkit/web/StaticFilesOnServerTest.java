package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server makes of files: conditions and ranges, of the variant that was chosen. */
class StaticFilesOnServerTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(folder.resolve("page.css"), "the page as it is");
        Files.writeString(folder.resolve("page.css.gz"), "shorter");
        server = TestServer.start(
                Routes.of().get("/{path...}", files(folder).precompressed().cache("**", "max-age=60")));
    }

    StaticFiles files(Path folder) {
        return StaticFiles.of(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String... fields) throws Exception {
        var request = server.request("/page.css");
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return server.send(request);
    }

    private static String tag(HttpResponse<String> response) {
        return response.headers().firstValue("ETag").orElseThrow();
    }

    @Test
    void tellsAClientThatItHasTheVariant() throws Exception {
        String plain = tag(get());
        String coded = tag(get("Accept-Encoding", "gzip"));
        HttpResponse<String> same = get("Accept-Encoding", "gzip", "If-None-Match", coded);

        assertThat(plain).isNotEqualTo(coded);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(tag(same)).isEqualTo(coded);
        assertThat(same.headers().firstValue("Vary")).contains("Accept-Encoding");
        assertThat(same.headers().firstValue("Cache-Control")).contains("max-age=60");
        assertThat(get("If-None-Match", coded).body()).isEqualTo("the page as it is");
    }

    @Test
    void saysNoDateOfAFileThatIsLaterThanItsOwn() throws Exception {
        Files.setLastModifiedTime(
                folder.resolve("page.css"), FileTime.from(Instant.now().plus(Duration.ofHours(1))));
        HttpResponse<String> response = get();

        assertThat(response.body()).isEqualTo("the page as it is");
        assertThat(date(response, "Last-Modified")).isBeforeOrEqualTo(date(response, "Date"));
    }

    private static ZonedDateTime date(HttpResponse<String> response, String name) {
        return ZonedDateTime.parse(
                response.headers().firstValue(name).orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    @Test
    void sendsARangeOfTheVariant() throws Exception {
        HttpResponse<String> part = get("Accept-Encoding", "gzip", "Range", "bytes=0-4");

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("short");
        assertThat(part.headers().firstValue("Content-Encoding")).contains("gzip");
        HttpResponse<String> other = get("Range", "bytes=4-", "If-Range", tag(get("Accept-Encoding", "gzip")));
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.body()).isEqualTo("the page as it is");
    }
}
