package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.ChannelOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The WebSocket client that most of Node.js uses has nothing to complain of. Skipped where it is not installed. */
@Tag("foreign")
class WsClientTest {
    private static final Path CLIENT = Path.of("..", "conformance", "ws-client").toAbsolutePath();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCheckOfTheClientPasses(boolean deflate) throws Exception {
        assumeTrue(Programs.onPath("node").isPresent(), "node is not on the PATH");
        assumeTrue(
                Files.exists(CLIENT.resolve("node_modules/ws/package.json")),
                "conformance/ws-client/run --install was not run");

        Path output = folder.resolve("output");
        try (Site site =
                new Site(new ProbeHandler(ChannelOptions.DEFAULT.anyOrigin().deflate(deflate)))) {
            Process client = new ProcessBuilder("node", "client.mjs", "" + site.server.port())
                    .directory(CLIENT.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(client.waitFor(50, TimeUnit.SECONDS))
                        .as("ends in time")
                        .isTrue();
                assertThat(client.exitValue()).as(() -> read(output)).isZero();
            } finally {
                client.destroyForcibly();
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
