package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Serving on a Unix domain socket. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "The kinds of files differ there")
final class UnixSocketTest extends ServerTest {
    private static final Handler FINE = request -> Response.text("fine");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void chooseFile() {
        file = folder.resolve("server.sock");
    }

    private HttpServer serveHere(Handler handler) throws IOException {
        return serve(handler, options -> options.unixSocket(file));
    }

    @Test
    void servesLikeAnyOtherSocket() throws Exception {
        byte[] large = new byte[1_000_000];
        HttpServer server = serveHere(request -> request.path().equals("/large")
                ? Response.bytes(large)
                : Response.text(String.valueOf(request.remoteAddress())));
        RawClient client = connect(server);

        assertThat(server.port()).isEqualTo(-1);
        assertThat(server.address()).isEqualTo(UnixDomainSocketAddress.of(file));
        assertThat(client.send(get("/")).read().text()).isEqualTo("null");
        assertThat(client.send(get("/large")).read().body()).hasSize(large.length);
    }

    @Test
    void removesItsFileWhenStopped() throws Exception {
        HttpServer server = serveHere(FINE);
        assertThat(file).exists();

        server.stop(Duration.ofSeconds(1)).join();

        assertThat(file).doesNotExist();
    }

    @Test
    void replacesAFileThatNobodyListensOn() throws Exception {
        try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stale.bind(UnixDomainSocketAddress.of(file));
        }
        assertThat(file).exists();

        HttpServer server = serveHere(FINE);

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void refusesASocketThatIsInUseAndLeavesItAlone() throws Exception {
        HttpServer first = serveHere(FINE);

        assertThatThrownBy(() -> serveHere(request -> Response.text("second")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());

        assertThat(connect(first).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void refusesAFileThatIsNoSocketAndLeavesItAlone() throws Exception {
        Files.writeString(file, "precious");

        assertThatThrownBy(() -> serveHere(FINE)).isInstanceOf(IOException.class);

        assertThat(file).hasContent("precious");
    }

    @Test
    void namesAFileThatCannotBe() {
        file = folder.resolve("missing/server.sock");

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
