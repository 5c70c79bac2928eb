package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What happens when the system gives no more threads, or the JVM no more memory for buffers. The server is a separate process. */
@EnabledOnOs(OS.LINUX)
class FewResourcesTest extends ServerTest {
    private static final List<String> SMALL_JVM = List.of(
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=32m",
            "-XX:CompressedClassSpaceSize=32m");

    /** The other process. */
    private static final class Program {
        private final Process process;
        private final BufferedReader output;
        private final Writer input;
        private final int port;

        Program(String limit, String... options) throws IOException {
            List<String> command = new ArrayList<>(List.of("sh", "-c", limit + " exec \"$@\"", "sh"));
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(SMALL_JVM);
            command.addAll(Arrays.asList(options));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), FewResources.class.getName()));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            output = process.inputReader(StandardCharsets.US_ASCII);
            input = process.outputWriter(StandardCharsets.US_ASCII);
            String line = null;
            do { // the JVM itself may have something to say first
                line = output.readLine();
            } while (line != null && !line.matches("[0-9]+"));
            assertThat(line).as("the port").isNotNull();
            port = Integer.parseInt(line);
        }

        String ask(String what) throws IOException {
            input.append(what).append('\n').flush();
            String line = output.readLine();
            while (line != null && line.startsWith("[")) { // a warning of the JVM's
                line = output.readLine();
            }
            return String.valueOf(line);
        }

        void end() throws IOException, InterruptedException {
            input.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void refusesWhatItHasNoThreadForAndGoesOnWhenThereAreThreadsAgain() throws Exception {
        Program program = new Program("ulimit -v 8000000;", "-Xss192m");
        closeLater(program::end);
        assertThat(program.ask("take threads")).isEqualTo("taken");
        RawClient client = closeLater(RawClient.connect(program.port));

        assertThat(client.send(get("/")).read().status())
                .as("no thread for the handler")
                .isEqualTo(503);
        assertThat(program.ask("start another")).isEqualTo("refused");
        assertThat(program.ask("stop")).isEqualTo("refused, RUNNING");
        assertThat(client.send(get("/")).read().status()).isEqualTo(503);

        assertThat(program.ask("give threads")).isEqualTo("given");
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
        assertThat(program.ask("start another")).isEqualTo("started");
        assertThat(program.ask("stop")).isEqualTo("STOPPED");
    }

    @Test
    void losesConnectionsAndNothingElseWhenThereIsNoMemoryForBuffers() throws Exception {
        Program program = new Program("", "-XX:MaxDirectMemorySize=2m");
        closeLater(program::end);
        assertThat(program.ask("take memory")).isEqualTo("taken");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) { // the JDK tries for half a second before it gives up, each time
            RawClient client = closeLater(RawClient.connect(program.port)).patience(Duration.ofSeconds(60));
            clients.add(client.send(get("/")));
        }
        for (RawClient client : clients) { // the server answers what it can, and closes the other connections
            String answer = new String(client.readBytes(15), StandardCharsets.US_ASCII);
            assertThat(answer).isIn("", "HTTP/1.1 200 OK");
            client.close();
        }
        assertThat(program.ask("give memory")).isEqualTo("given");
        eventually(() -> assertThat(answerOf(program)).isEqualTo("fine"));
        eventually(() -> assertThat(program.ask("open")).isEqualTo("0"));
        assertThat(program.ask("stop")).isEqualTo("STOPPED");
    }

    /** Empty if the server has closed the connection, since it has not noticed yet that there is memory again. */
    private static String answerOf(Program program) {
        try (RawClient client = RawClient.connect(program.port)) {
            return client.send(get("/")).read().text();
        } catch (IOException e) {
            return "";
        }
    }
}
