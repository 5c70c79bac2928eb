package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<HttpServer> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(HttpServer::close);
    }

    @Test
    void tourSaysWhereItIs() {
        assertThat(launch(new Tour(), "--port", "0")).isZero();

        assertThat(out.toString(UTF_8))
                .isEqualTo("http://localhost:" + started.get(0).port() + "/" + System.lineSeparator());
    }

    @Test
    void probeSaysWhereItIsAndHowItRuns() {
        assertThat(launch(new Probe(), "--port", "0", "--dispatch", "inline")).isZero();

        assertThat(out.toString(UTF_8))
                .isEqualTo("probe on http://127.0.0.1:" + started.get(0).port() + "/ (dispatch inline, JDK "
                        + Runtime.version().feature() + ")" + System.lineSeparator());
    }

    @Test
    void probeHasTheServersOwnDefaultsButForMoreThreadsThatBlock() throws Exception {
        assertThat(launch(new Probe(), "--port", "0")).isZero();

        try (HttpServer plain =
                HttpServer.builder().port(0).handler(request -> null).start()) {
            assertThat(started.get(0).options())
                    .usingRecursiveComparison()
                    .ignoringFields("address", "handler", "observer", "ownWorker")
                    .isEqualTo(plain.options());
        }
    }

    @Test
    void probeServesAFolderOfFiles(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("a.txt"), "plain");
        Files.writeString(folder.resolve("a.txt.gz"), "compressed");
        assertThat(launch(new Probe(), "--port", "0", "--files", folder.toString()))
                .isZero();
        HttpClient client = HttpClient.newHttpClient();
        URI file = URI.create("http://127.0.0.1:" + started.get(0).port() + "/files/a.txt");
        HttpRequest.Builder request = HttpRequest.newBuilder(file).timeout(Duration.ofSeconds(20));

        assertThat(client.send(request.build(), BodyHandlers.ofString()).body()).isEqualTo("plain");
        request.header("Accept-Encoding", "gzip");
        assertThat(client.send(request.build(), BodyHandlers.ofString()).body()).isEqualTo("compressed");
    }

    @Test
    void probePassesItsOptionsToTheServer() {
        assertThat(launch(
                        new Probe(),
                        "--port=0",
                        "--event-loops=1",
                        "--max-body-bytes=1000",
                        "--header-timeout-ms=100",
                        "--body-timeout-ms=200",
                        "--idle-timeout-ms=300",
                        "--write-timeout-ms=0",
                        "--max-message-bytes=500",
                        "--deflate"))
                .isZero();

        ServerOptions options = started.get(0).options();
        assertThat(options.dispatch()).isEqualTo(Dispatch.ADAPTIVE);
        assertThat(options.eventLoops()).isEqualTo(1);
        assertThat(options.maxBodyBytes()).isEqualTo(1000);
        assertThat(options.maxMessageBytes()).isEqualTo(500);
        assertThat(options.headerTimeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(options.bodyTimeout()).isEqualTo(Duration.ofMillis(200));
        assertThat(options.idleTimeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(options.writeTimeout()).isZero();
    }

    @Test
    void helpIsPrintedAndNothingStarted() {
        assertThat(launch(new Probe(), "--help")).isZero();

        assertThat(out.toString(UTF_8)).startsWith("Usage: ./run probe [options]");
        assertThat(started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--prot=1",
                "--port=x",
                "--port=70000",
                "--event-loops=0",
                "--dispatch=both",
                "--files=no/such/folder",
                "--idle-timeout-ms=-1"
            })
    void misuseIsOneLineAndStatusTwo(String argument) {
        assertThat(launch(new Probe(), argument)).isEqualTo(2);

        assertThat(err.toString(UTF_8).lines()).singleElement().asString().startsWith("probe: ");
        assertThat(started).isEmpty();
    }

    @Test
    void aBackplaneThatNoBrokerSpeaksIsMisuse() {
        assertThat(launch(new Tour(), "--port=0", "--backplane=amqp://localhost"))
                .isEqualTo(2);

        assertThat(err.toString(UTF_8))
                .startsWith("tour: --backplane is 'amqp://localhost'; it must begin with redis://");
        assertThat(started).isEmpty();
    }

    @Test
    void takenPortIsOneLineThatSaysWhatToDoAndStatusOne() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(launch(new Tour(), "--port", Integer.toString(other.getLocalPort())))
                    .isEqualTo(1);

            assertThat(err.toString(UTF_8))
                    .isEqualTo("tour: port " + other.getLocalPort()
                            + " is taken; use --port with another one, or --port 0 for any free port"
                            + System.lineSeparator());
        }
    }

    private int launch(Command command, String... arguments) {
        return Launcher.launch(
                command, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), started::add, arguments);
    }
}
