package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the process has no file descriptor left for another connection. The server is a separate process. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class DescriptorsTest extends ServerTest {
    private static final int DESCRIPTORS = 150;
    private static final int CONNECTIONS = 200;

    /** The other process, and what it tells when it is asked. */
    private static final class Server {
        private final Process process;
        private final BufferedReader output;
        private final Writer input;
        private final int port;
        private final Path errors;

        Server(Path errors) throws IOException {
            this.errors = errors;
            process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "ulimit -n " + DESCRIPTORS + " && exec \"$@\"",
                            "sh",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:-MaxFDLimit",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            FewDescriptors.class.getName())
                    .redirectError(errors.toFile())
                    .start();
            output = process.inputReader(StandardCharsets.US_ASCII);
            input = process.outputWriter(StandardCharsets.US_ASCII);
            port = Integer.parseInt(output.readLine().split(" ")[0]);
        }

        RawClient connect() throws IOException {
            return RawClient.connect(port);
        }

        /** Connections open, and attempts to accept that failed. */
        int[] stats() throws IOException {
            input.append('\n').flush();
            String line = output.readLine();
            if (line == null) {
                throw new EOFException("The server has died: " + Files.readString(errors));
            }
            String[] figures = line.split(" ");
            return new int[] {Integer.parseInt(figures[0]), Integer.parseInt(figures[1])};
        }

        void end() throws IOException, InterruptedException {
            input.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void tellsBacksOffAndGoesOnWhenThereAreDescriptorsAgain(@TempDir Path folder) throws Exception {
        Path errors = folder.resolve("errors");
        Server server = new Server(errors);
        closeLater(server::end);
        RawClient early = closeLater(server.connect());
        assertThat(early.send(get("/")).read().text()).isEqualTo("fine");
        long startNanos = System.nanoTime();
        List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            crowd.add(closeLater(server.connect()));
        }
        eventually(() -> assertThat(server.stats()[1]).isGreaterThanOrEqualTo(3));

        assertThat(early.send(get("/")).read().text()).as("who is in is served").isEqualTo("fine");
        assertThat(server.stats()[0]).isLessThan(DESCRIPTORS);
        eventually(() -> assertThat(Files.readString(errors)).contains("Accepting failed"));
        // Pauses of 50, 100, 200 ms and so on: a loop that spins would fail many thousand times.
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
        assertThat(server.stats()[1]).isLessThan(20 + 2 * (int) seconds);

        for (RawClient client : crowd) {
            client.close();
        }
        for (int i = 0; i < 10; i++) {
            assertThat(closeLater(server.connect()).send(get("/")).read().text())
                    .isEqualTo("fine");
        }
        eventually(() -> assertThat(server.stats()[0]).isEqualTo(11));
        int failures = server.stats()[1];
        assertThat(closeLater(server.connect()).send(get("/")).read().text()).isEqualTo("fine");
        assertThat(server.stats()[1]).isEqualTo(failures);
    }
}
