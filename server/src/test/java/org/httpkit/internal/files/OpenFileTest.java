package org.httpkit.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(folder.resolve("file.txt"), "hello");
    }

    @Test
    void opensAFile() throws IOException {
        OpenFile opened = OpenFile.open(file);

        assertThat(opened.length()).isEqualTo(5);
        opened.channel().close();
    }

    @Test
    void filesInArchivesAreToldApartByTheirContent() throws IOException {
        assertThat(tagInArchive("1.zip", "one"))
                .isNotEqualTo(tagInArchive("2.zip", "two"))
                .isEqualTo(tagInArchive("3.zip", "one"));
    }

    /** The tag of a file in an archive, as builds make them that can be repeated: with the same time for all files. */
    private String tagInArchive(String archive, String content) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(folder.resolve(archive), Map.of("create", "true"))) {
            Path made = Files.writeString(files.getPath("/page.html"), content);
            Files.setLastModifiedTime(made, FileTime.fromMillis(1_000_000_000_000L));
        }
        try (FileSystem files = FileSystems.newFileSystem(folder.resolve(archive))) {
            OpenFile opened = OpenFile.open(files.getPath("/page.html"));
            opened.channel().close();
            return opened.tag();
        }
    }

    @Test
    void aNameThatCannotExistIsMissing() throws IOException {
        assertThat(OpenFile.open(folder.resolve("none.txt"))).isNull();
        assertThat(OpenFile.open(folder)).isNull();
        assertThat(OpenFile.open(folder.resolve("none/file.txt"))).isNull();
        assertThat(OpenFile.open(file.resolve("a"))).isNull();
        assertThat(OpenFile.open(file.resolve("a/b/c/d/e"))).isNull();
        assertThat(OpenFile.open(folder.resolve("n".repeat(256)))).isNull();
        assertThat(OpenFile.open(folder.resolve("n".repeat(300) + "/b/c"))).isNull();
        assertThat(OpenFile.open(folder.resolve("none/" + "n".repeat(300) + "/b")))
                .isNull();
        assertThat(OpenFile.open(folder.resolve("a/".repeat(3000) + "b"))).isNull();
        assertThat(OpenFile.open(file.resolve("a/".repeat(1000) + "b"))).isNull();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Links need a right there")
    void aLinkThatLeadsBackToItselfIsMissing() throws IOException {
        Path circle = folder.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        Path there = folder.resolve("there");
        Files.createSymbolicLink(there, folder.resolve("back"));
        Files.createSymbolicLink(folder.resolve("back"), there);

        assertThat(OpenFile.open(circle)).isNull();
        assertThat(OpenFile.open(circle.resolve("a/b/c"))).isNull();
        assertThat(OpenFile.open(there)).isNull();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Links need a right there")
    void aLinkToAFileIsThatFile() throws IOException {
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, file);

        OpenFile opened = OpenFile.open(link);
        OpenFile direct = OpenFile.open(file);

        assertThat(opened.tag()).isEqualTo(direct.tag());
        opened.channel().close();
        direct.channel().close();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "There are no such files")
    void whatIsNoRegularFileIsMissing() throws Exception {
        Path pipe = folder.resolve("pipe");
        Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue()).isZero();

        assertThat(OpenFile.open(pipe)).as("a pipe, which would be waited for").isNull();
        assertThat(OpenFile.open(Path.of("/dev/zero"))).isNull();
    }

    @Test
    void itsTagIsOfItsStateAlone() throws IOException {
        FileTime then = FileTime.from(Instant.parse("2026-01-02T03:04:05.678901Z"));
        Files.setLastModifiedTime(file, then);
        String tag = tag(file);

        assertThat(tag).matches("\"[0-9a-f]+-5-[0-9a-f]+\"").isEqualTo(tag(file));
        Files.setLastModifiedTime(file, FileTime.from(then.toInstant().plusNanos(1000)));
        assertThat(tag(file)).as("a microsecond later").isNotEqualTo(tag);
        Files.writeString(file, "hello!");
        Files.setLastModifiedTime(file, then);
        assertThat(tag(file)).as("longer").isNotEqualTo(tag);
        Path other = Files.writeString(folder.resolve("other.txt"), "HELLO");
        Files.setLastModifiedTime(other, then);
        assertThat(tag(other)).as("another file").isNotEqualTo(tag);
    }

    private static String tag(Path path) throws IOException {
        OpenFile opened = OpenFile.open(path);
        opened.channel().close();
        return opened.tag();
    }

    /** To look at each folder above takes a tenth of a second. */
    @Test
    void aLongNameTakesNoLongerThanAFewLooks() throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Path tooLong = folder.resolve("a/".repeat(4000) + "b");
        Path belowAFile = file.resolve("a/".repeat(1900) + "b");
        OpenFile.open(tooLong);
        OpenFile.open(belowAFile);
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < 50; i++) {
            OpenFile.open(tooLong);
            OpenFile.open(belowAFile);
        }

        assertThat(threads.getCurrentThreadCpuTime() - before)
                .as("nanoseconds of processor time for 100 names")
                .isLessThan(500_000_000L);
    }
}
