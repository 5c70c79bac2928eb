package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way from the start of a JVM to the first answer is short: nothing on it takes the JVM's own compiler of lambdas, which alone
 * costs more than all our classes.
 */
class StartTest {
    @Test
    void makesNoLambdaUntilTheFirstAnswer(@TempDir Path folder) throws Exception {
        Path classes = folder.resolve("classes");
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + classes, // not among what the program writes
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstAnswer.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(Files.readAllLines(output, StandardCharsets.ISO_8859_1)).contains("HTTP/1.1 200 OK");
        assertThat(Files.readAllLines(classes, StandardCharsets.ISO_8859_1))
                .anyMatch(line -> line.contains("org.httpkit.internal.connection.Http1Connection "))
                .noneMatch(line -> line.contains("org.httpkit") && line.contains("$$Lambda"));
    }
}
