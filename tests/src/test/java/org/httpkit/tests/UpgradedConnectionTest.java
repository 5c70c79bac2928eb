package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.UpgradedConnection;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that leave HTTP: the handler speaks another protocol on them. */
final class UpgradedConnectionTest extends ServerTest {
    private static final String UPGRADE = get("/", "Connection: Upgrade", "Upgrade: echo");
    private static final int MANY_BYTES = 20 << 20;

    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    private static final Handler ECHO = request -> {
        try (UpgradedConnection connection = request.switchProtocols("echo", Headers.empty(), Duration.ofSeconds(20))) {
            OutputStream out = connection.output();
            byte[] buffer = new byte[16 * 1024];
            for (int count = connection.input().read(buffer);
                    count >= 0;
                    count = connection.input().read(buffer)) {
                out.write(buffer, 0, count);
                out.flush();
            }
        }
        return null;
    };

    private RawClient upgraded(HttpServer server) throws IOException {
        RawClient client = connect(server).send(UPGRADE);
        assertThat(client.readHead().status()).isEqualTo(101);
        return client;
    }

    @ParameterizedTest
    @EnumSource(value = Dispatch.class, mode = EnumSource.Mode.EXCLUDE, names = "INLINE")
    void passesBytesBothWaysAtOnce(Dispatch dispatch) throws Exception {
        RawClient client = upgraded(serve(ECHO, options -> options.dispatch(dispatch)));
        byte[] sent = new byte[MANY_BYTES];
        new Random(101).nextBytes(sent);

        CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
            try {
                client.send(sent);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        byte[] echoed = client.readBytes(MANY_BYTES);
        sender.get(20, TimeUnit.SECONDS);

        assertThat(echoed).isEqualTo(sent);
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void anEventLoopCannotSwitch() throws Exception {
        HttpServer server = serve(ECHO, options -> options.dispatch(Dispatch.INLINE));

        assertThat(connect(server).send(UPGRADE).read().status()).isEqualTo(500);
    }

    @Test
    void silentClientsDoNotHoldThePlacesOfOthersInThePool() throws Exception {
        Worker.Builder two = Worker.builder().threads(2).allowVirtual(false);
        HttpServer server = serve(
                request -> request.header("Upgrade") == null ? Response.text("answered") : ECHO.handle(request),
                options -> options.dispatch(Dispatch.WORKER).worker(two));
        for (int i = 0; i < 10; i++) {
            upgraded(server);
        }

        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("answered");
    }

    @Test
    void outlivesTheCallOfItsHandler() throws Exception {
        BlockingQueue<UpgradedConnection> connections = new LinkedBlockingQueue<>();
        HttpServer server = serve(request -> {
            connections.add(request.switchProtocols("echo", Headers.empty(), Duration.ofSeconds(20)));
            return null;
        });
        RawClient client = upgraded(server);
        UpgradedConnection connection = connections.poll(10, TimeUnit.SECONDS);
        client.send("ping");
        assertThat(connection.input().readNBytes(4)).isEqualTo("ping".getBytes());
        connection.output().write('p');
        connection.output().close();

        assertThat(client.readBytes(1)).isEqualTo(new byte[] {'p'});
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void aReaderLearnsThatTheClientHasGone() throws Exception {
        HttpServer server = serve(request -> {
            try (UpgradedConnection connection =
                    request.switchProtocols("echo", Headers.empty(), Duration.ofSeconds(20))) {
                connection.input().read();
                seen.add("an end");
            } catch (IOException e) {
                seen.add(e);
            }
            return null;
        });
        upgraded(server).reset();

        assertThat(seen.poll(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    }

    @Test
    void aStopWaitsForTheApplicationsGoodbye() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            try (UpgradedConnection connection =
                    request.switchProtocols("echo", Headers.empty(), Duration.ofSeconds(20))) {
                seen.add(connection.input().read());
                hold(stopping);
                connection.output().write('b');
                connection.output().flush();
            }
            return null;
        });
        RawClient client = upgraded(server);

        CompletableFuture<DrainReport> stop = server.stop(Duration.ofSeconds(10));
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(-1);
        assertThat(stop).isNotDone();
        stopping.countDown();

        assertThat(client.readBytes(1)).isEqualTo(new byte[] {'b'});
        client.awaitEnd();
        client.close();
        stop.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aStopWithoutTimeInterruptsTheHandler() throws Exception {
        HttpServer server = serve(request -> {
            request.switchProtocols("echo", Headers.empty(), Duration.ofSeconds(20));
            try {
                await(new CountDownLatch(1));
            } catch (InterruptedException e) {
                seen.add(e);
            }
            return null;
        });
        RawClient client = upgraded(server);

        server.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);

        assertThat(seen.poll(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        client.awaitEnd();
    }
}
