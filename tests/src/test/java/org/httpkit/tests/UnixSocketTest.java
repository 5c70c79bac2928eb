package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.httpkit.server.Cidr;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    void saysThatTheFolderIsMissing() {
        file = folder.resolve("none/server.sock");

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessage("Cannot listen on " + file + ": there is no folder " + folder.resolve("none"));
    }

    @Test
    void saysThatTheFolderIsNone() throws Exception {
        Path noFolder = Files.createFile(folder.resolve("file"));
        file = noFolder.resolve("server.sock");

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "Cannot listen on " + file + ": no file can be made in the folder " + noFolder + ": ");
    }

    @Test
    void servesLikeAnyOtherSocket() throws Exception {
        byte[] large = new byte[1_000_000];
        HttpServer server = serveHere(request -> request.path().equals("/large")
                ? Response.bytes(large)
                : Response.text(request.remoteAddress() + " at " + request.localAddress()));
        RawClient client = connect(server);

        assertThat(server.port()).isEqualTo(-1);
        assertThat(server.address()).isEqualTo(UnixDomainSocketAddress.of(file));
        assertThat(client.send(get("/")).read().text()).isEqualTo("null at " + file);
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
    void leavesAFileThatHasTakenTheNameWhenStopped() throws Exception {
        HttpServer server = serveHere(FINE);
        Files.delete(file);
        Files.writeString(file, "another one");

        server.stop(Duration.ofSeconds(1)).join();

        assertThat(file).hasContent("another one");
    }

    @Test
    void leavesTheNameToItsSuccessorWhileItDrains() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch successorRuns = new CountDownLatch(1);
        HttpServer server = serveHere(request -> {
            begun.countDown();
            await(successorRuns);
            return Response.text("old");
        });
        RawClient client = connect(server).send(get("/"));
        await(begun);

        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(10));
        eventually(() -> assertThat(file).doesNotExist());
        HttpServer successor = serveHere(FINE);
        successorRuns.countDown();

        assertThat(client.read().text()).isEqualTo("old");
        assertThat(stopped.join()).isEqualTo(new DrainReport(1, 0));
        assertThat(connect(successor).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void replacesAFileThatNobodyListensOn() throws Exception {
        leaveDeadSocket();

        HttpServer server = serveHere(FINE);

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
        assertThat(folder.toFile().list()).containsExactly("server.sock");
    }

    private void leaveDeadSocket() throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(file));
        }
        assertThat(file).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw----", "rw-rw-rw-"})
    void givesTheFileItsPermissions(String permissions) throws Exception {
        Set<PosixFilePermission> wanted = PosixFilePermissions.fromString(permissions);

        HttpServer server = serve(FINE, options -> options.unixSocket(file, wanted));

        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(wanted);
        assertThat(server.options().unixSocketPermissions()).isEqualTo(wanted);
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void neverShowsTheFileWithOtherPermissions() throws Exception {
        Set<PosixFilePermission> wanted = PosixFilePermissions.fromString("rw-rw----");
        Set<Set<PosixFilePermission>> seen = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> watching = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                try {
                    seen.add(Files.getPosixFilePermissions(file));
                } catch (IOException notThere) {
                    Thread.onSpinWait();
                }
            }
        });
        for (int i = 0; i < 20 || seen.isEmpty(); i++) {
            serve(FINE, options -> options.unixSocket(file, wanted)).stop().join();
        }
        over.set(true);
        watching.join();

        assertThat(seen).containsExactly(wanted);
    }

    @Test
    void leavesNothingElseInTheFolder() throws Exception {
        HttpServer server = serveHere(FINE);
        assertThat(folder.toFile().list()).containsExactly("server.sock");

        assertThatThrownBy(() -> serveHere(FINE)).isInstanceOf(IOException.class);
        assertThat(folder.toFile().list()).containsExactly("server.sock");

        server.stop().join();
        assertThat(folder.toFile().list()).isEmpty();
    }

    /** Each takes the file of a dead server, as after a crash; nobody may take that of one which has just begun to live. */
    @RepeatedTest(20)
    void letsOneOfManyThatStartAtOnceHaveTheName() throws Exception {
        leaveDeadSocket();
        CountDownLatch go = new CountDownLatch(1);
        List<CompletableFuture<HttpServer>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            HttpServer.Builder builder =
                    HttpServer.builder().eventLoops(1).unixSocket(file).handler(FINE);
            starts.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            await(go);
                            return builder.start();
                        } catch (IOException e) {
                            assertThat(e).hasMessageMatching(".*another server (listens|is just starting) there");
                            return null;
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        go.countDown();

        List<HttpServer> started = new ArrayList<>();
        for (CompletableFuture<HttpServer> start : starts) {
            HttpServer server = start.get(10, TimeUnit.SECONDS);
            if (server != null) {
                started.add(closeLater(server));
            }
        }
        assertThat(started).hasSize(1);
        assertThat(connect(started.get(0)).send(get("/")).read().text()).isEqualTo("fine");
        assertThat(folder.toFile().list()).containsExactly("server.sock");
    }

    @Test
    void refusesTheSocketOfAServerThatIsTooBusyToAccept() throws Exception {
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(file), 1);
            int waiting = 0;
            try {
                for (; waiting < 100; waiting++) {
                    SocketChannel client = closeLater(SocketChannel.open(StandardProtocolFamily.UNIX));
                    client.configureBlocking(false);
                    client.connect(UnixDomainSocketAddress.of(file));
                }
            } catch (IOException backlogIsFull) {
                assertThat(waiting).isPositive();
            }

            assertThatThrownBy(() -> serveHere(FINE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("another server");
        }
    }

    @Test
    void takesTheWordOfWhoConnectsIfTold() throws Exception {
        Handler mirror =
                request -> Response.text(ProxyProtocolTest.text(request.remoteAddress()) + " " + request.scheme());
        String[] forwarded = {"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto: https"};

        String ours = overTls ? "null https" : "null http";
        HttpServer trusting =
                serve(mirror, options -> options.unixSocket(file).trustedProxies(Cidr.UNIX, Cidr.of("10.0.0.0/8")));
        assertThat(connect(trusting).send(get("/", forwarded)).read().text()).isEqualTo("192.0.2.1:0 https");
        assertThat(connect(trusting).send(get("/")).read().text()).isEqualTo(ours);
        assertThat(connect(trusting)
                        .send(get("/", "Forwarded: for=unknown", "X-Forwarded-For: 192.0.2.1"))
                        .read()
                        .status())
                .isEqualTo(400);
        trusting.stop().join();

        HttpServer wary = serve(
                mirror, options -> options.unixSocket(file).trustedProxies(Cidr.of("0.0.0.0/0"), Cidr.of("::/0")));
        assertThat(connect(wary).send(get("/", forwarded)).read().text()).isEqualTo(ours);
    }

    @Test
    void needsANameOfTheFile() {
        for (String path : List.of("", "/")) {
            assertThatThrownBy(() -> HttpServer.builder().unixSocket(Path.of(path)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + path + "\"");
        }
    }

    @Test
    void refusesASocketThatIsInUseAndLeavesItAlone() throws Exception {
        HttpServer first = serveHere(FINE);

        assertThatThrownBy(() -> serveHere(request -> Response.text("second")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("another server listens there");

        assertThat(connect(first).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void refusesAFileThatIsNoSocketAndLeavesItAlone() throws Exception {
        Files.writeString(file, "precious");

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is not a socket");

        assertThat(file).hasContent("precious");
    }

    @Test
    void refusesALinkAndLeavesItAlone() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "precious");
        Files.createSymbolicLink(file, target);

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not a socket");

        assertThat(file).isSymbolicLink().hasContent("precious");
    }

    @Test
    void namesAFileThatCannotBe() {
        file = folder.resolve("missing/server.sock");

        assertThatThrownBy(() -> serveHere(FINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
