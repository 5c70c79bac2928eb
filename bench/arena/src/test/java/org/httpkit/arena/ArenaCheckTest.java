package org.httpkit.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code bench/arena/check}, which holds the arena's rules, against this build of the entry. */
class ArenaCheckTest {
    private static final int PATIENCE_SECONDS = 240;

    @TempDir
    Path folder;

    @Test
    @Timeout(PATIENCE_SECONDS + 60)
    void keepsTheRulesOfTheArena() throws Exception {
        for (String tool : List.of("python3", "openssl", "curl")) {
            assumeTrue(isInstalled(tool), tool + " is missing");
        }
        Path said = folder.resolve("said");
        Process check = new ProcessBuilder(
                        "python3",
                        Path.of("check").toAbsolutePath().toString(),
                        "--java",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--class-path",
                        System.getProperty("java.class.path"))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(check.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(check.exitValue()).as(Files.readString(said)).isZero();
            assertThat(said).content().contains(" rules kept, 0 broken");
        } finally {
            check.descendants().forEach(ProcessHandle::destroyForcibly);
            check.destroyForcibly();
        }
    }

    private static boolean isInstalled(String tool) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(each -> Files.isExecutable(Path.of(each, tool)));
    }
}
