package org.httpkit.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void aNameThatMayExistAndCannotBeLookedAtIsNotMissing() throws IOException {
        Path circle = folder.resolve("circle");
        Files.createSymbolicLink(circle, circle);

        assertThatThrownBy(() -> OpenFile.open(circle)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> OpenFile.open(circle.resolve("a/b/c"))).isInstanceOf(IOException.class);
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
