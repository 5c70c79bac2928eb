package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.httpkit.http.Headers;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFilesTest {
    private static final Instant LONG_AGO = Instant.parse("2020-02-03T04:05:06Z");

    @TempDir
    Path folder;

    private long nanos;
    private KeptFiles kept;

    @BeforeEach
    void keepForASecond() {
        keep(Duration.ofSeconds(1));
    }

    private void keep(Duration age) {
        kept = new KeptFiles(FileFolder.of(folder), new KeptFiles.Limits(100_000, age), () -> nanos);
    }

    private void write(String name, String content, Instant changed) throws IOException {
        Files.writeString(folder.resolve(name), content);
        Files.setLastModifiedTime(folder.resolve(name), FileTime.from(changed));
    }

    /** As {@link StaticFiles} asks: the response that is kept, or that of a look. */
    private Response get(String name) {
        FileChoice choice = kept.get(name);
        if (choice == null) {
            KeptFiles.Look look = kept.look(name);
            choice = FileChoice.of(look.response(look.find(List.of(name))), Map.of());
            look.keep(choice);
        }
        return choice.choose(Headers.of());
    }

    private static String text(Response response) {
        return new String(((ResponseBody.Bytes) response.body()).bytes(), StandardCharsets.UTF_8);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void looksAtAFileOnceASecond() throws IOException {
        write("a", "one", LONG_AGO);
        Response first = get("a");
        write("a", "two!", LONG_AGO.plusSeconds(1));

        pass(Duration.ofMillis(999));
        assertThat(get("a")).isSameAs(first);
        assertThat(text(first)).isEqualTo("one");

        pass(Duration.ofMillis(1));
        assertThat(text(get("a"))).isEqualTo("two!");
    }

    @Test
    void looksEachTimeIfNothingElseWasSaid() throws IOException {
        keep(Duration.ZERO);
        write("a", "one", LONG_AGO);
        Response first = get("a");

        assertThat(get("a")).isSameAs(first);
        write("a", "two", LONG_AGO.plusSeconds(1));
        assertThat(text(get("a"))).isEqualTo("two");
        Files.delete(folder.resolve("a"));
        assertThat(kept.get("a")).isNull();
    }

    /** As {@link StaticFiles} asks for a file that may have a coded sibling. */
    private FileChoice lookForCoded(String name) {
        KeptFiles.Look look = kept.look(name);
        assertThat(look.findIfThere(List.of(name + ".gz"))).isNull();
        FileChoice choice = FileChoice.of(look.response(look.find(List.of(name))), Map.of());
        look.keep(choice);
        assertThat(kept.get(name)).isSameAs(choice);
        return choice;
    }

    @Test
    void noticesWhatWasMissingInAFolderThatHasJustChanged() throws IOException {
        keep(Duration.ZERO);
        write("a", "one", LONG_AGO);
        lookForCoded("a");

        write("a.gz", "coded", LONG_AGO);

        assertThat(kept.get("a")).isNull();
    }

    @Test
    void noticesWhatWasMissingInAFolderThatHasRested() throws IOException {
        keep(Duration.ZERO);
        write("a", "one", LONG_AGO);
        Files.setLastModifiedTime(folder, FileTime.from(LONG_AGO));
        lookForCoded("a");

        pass(Duration.ofHours(1));
        assertThat(kept.get("a")).isNotNull();
        write("a.gz", "coded", LONG_AGO);

        assertThat(kept.get("a")).isNull();
    }

    @Test
    void noticesTheTargetOfALink() throws IOException {
        keep(Duration.ZERO);
        write("a", "one", LONG_AGO);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("a.gz"), elsewhere.resolve("coded"));
        Files.setLastModifiedTime(folder, FileTime.from(LONG_AGO));
        lookForCoded("a");

        write("elsewhere/coded", "coded", LONG_AGO);

        assertThat(kept.get("a")).isNull();
    }

    @Test
    void looksAgainOnceAFolderThatHasJustChangedMayTellMore() throws IOException {
        keep(Duration.ZERO);
        write("a", "one", LONG_AGO);
        FileChoice choice = lookForCoded("a");

        pass(Duration.ofMillis(1999));
        assertThat(kept.get("a")).isSameAs(choice);
        pass(Duration.ofMillis(1));
        assertThat(kept.get("a")).isNull();
    }

    @Test
    void keepsTheBytesOfAFileThatHasNotChanged() throws IOException {
        write("a", "one", LONG_AGO);
        Response first = get("a");

        pass(Duration.ofSeconds(1));

        assertThat(get("a")).isSameAs(first);
    }

    @Test
    void readsAgainWhatWasReadRightAfterAChange() throws IOException {
        Instant now = Instant.now();
        write("a", "one", now);
        get("a");
        write("a", "two", now); // within the same tick of the file system's clock

        pass(Duration.ofSeconds(1));

        assertThat(text(get("a"))).isEqualTo("two");
    }

    @Test
    void saysWhichStateOfTheFileItIs() throws IOException {
        write("a", "one", LONG_AGO);
        Headers fields = get("a").headers();
        write("a", "two", LONG_AGO.plusMillis(1));
        pass(Duration.ofSeconds(1));

        assertThat(fields.first("Last-Modified")).isEqualTo("Mon, 03 Feb 2020 04:05:06 GMT");
        assertThat(fields.first("Accept-Ranges")).isEqualTo("bytes");
        assertThat(fields.first("ETag")).matches("\"[-0-9a-f]+\"");
        assertThat(get("a").headers().first("ETag")).isNotEqualTo(fields.first("ETag"));
    }

    @Test
    void leavesLargeFilesWhereTheyAre() throws IOException {
        write("large", "x".repeat(KeptFiles.MOST_FILE_BYTES + 1), LONG_AGO);

        assertThat(get("large").body()).isInstanceOf(ResponseBody.File.class);
    }

    @Test
    void holdsNoMoreThanItsLimit() throws IOException {
        for (int i = 0; i < 50; i++) {
            write("f" + i, "x".repeat(10_000), LONG_AGO);
            assertThat(text(get("f" + i))).hasSize(10_000);

            assertThat(kept.heldBytes()).isBetween(10_000L, 100_000L);
        }
    }

    @Test
    void doesNotKeepWhatIsLargerThanTheLimit() throws IOException {
        write("a", "x".repeat(100_000), LONG_AGO);

        assertThat(text(get("a"))).hasSize(100_000);
        assertThat(kept.get("a")).isNull();
        assertThat(kept.heldBytes()).isZero();
    }

    @Test
    void keepsWhatIsAskedForRatherThanWhatIsNot() throws IOException {
        write("often", "x".repeat(10_000), LONG_AGO);
        Response often = get("often");
        for (int i = 0; i < 50; i++) {
            write("f" + i, "x".repeat(10_000), LONG_AGO);
            get("f" + i);

            assertThat(get("often")).isSameAs(often);
        }
    }
}
