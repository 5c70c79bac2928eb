package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Cidr;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections one client may have. */
@PlainText("Connections are counted and refused before TLS begins")
class ConnectionLimitTest extends ServerTest {
    private static final Handler FINE = request -> Response.text("fine");

    private RawClient served(HttpServer server, String before) throws IOException {
        RawClient client = connect(server).send(before + get("/"));
        assertThat(client.read().text()).isEqualTo("fine");
        return client;
    }

    private void assertRefused(HttpServer server, String before) throws IOException {
        try (RawClient client = RawClient.connect(server)) {
            trySend(client, before);
            client.awaitEnd();
        }
    }

    private static void trySend(RawClient client, String text) {
        try {
            client.send(text);
        } catch (IOException e) {
            // Closed so soon that nothing could be written to it.
        }
    }

    private static long refused(HttpServer server) {
        return server.stats().closes().get(Cause.ADDRESS_LIMIT);
    }

    private static String proxied(String client) {
        boolean ipv6 = client.indexOf(':') >= 0;
        return "PROXY " + (ipv6 ? "TCP6 " : "TCP4 ") + client + (ipv6 ? " ::1" : " 198.51.100.7") + " 56324 443\r\n";
    }

    @Test
    void closesAConnectionTooManyOfOneAddressAtOnceAndTells() throws Exception {
        HttpServer server = serve(FINE, options -> options.maxConnectionsPerAddress(2));
        RawClient first = served(server, "");
        served(server, "");

        assertRefused(server, "");

        eventually(() -> assertThat(refused(server)).isOne());
        eventually(() -> assertThat(observer.refusedClients()).containsExactly(InetAddress.getByName("127.0.0.1")));
        assertThat(first.send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void letsAnAddressInAgainWhenOneOfItsConnectionsHasClosed() throws Exception {
        HttpServer server = serve(FINE, options -> options.maxConnectionsPerAddress(1));

        for (int i = 0; i < 20; i++) {
            served(server, "").close();
            eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        }

        assertThat(refused(server)).isZero();
    }

    @Test
    void countsEveryConnectionOnceOpenOrByTheCauseOfItsEnd() throws Exception {
        HttpServer server = serve(FINE, options -> options.maxConnectionsPerAddress(3));
        served(server, "").close();
        served(server, "").reset();
        connect(server).send("NONSENSE\r\n\r\n").endOutput().skipToEnd();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        for (int i = 0; i < 3; i++) {
            served(server, "");
        }
        for (int i = 0; i < 5; i++) {
            assertRefused(server, "");
        }

        eventually(() -> {
            ServerStats stats = server.stats();
            long closed =
                    stats.closes().values().stream().mapToLong(Long::longValue).sum();
            assertThat(closed + stats.connectionsOpen()).isEqualTo(stats.connectionsAccepted());
            assertThat(closed).isPositive();
        });
    }

    @Test
    void neverServesMoreOfOneAddressThanAllowedHoweverFastTheyComeAndGo() throws Exception {
        int most = 4;
        AtomicInteger running = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        Handler counting = request -> {
            highest.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            running.decrementAndGet();
            return Response.text("fine");
        };
        HttpServer server = serve(counting, options -> options.maxConnectionsPerAddress(most));
        CountDownLatch done = new CountDownLatch(3);
        for (int thread = 0; thread < 3; thread++) {
            new Thread(() -> {
                        for (int i = 0; i < 200; i++) {
                            knock(server);
                        }
                        done.countDown();
                    })
                    .start();
        }
        await(done);

        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(highest).hasValueBetween(1, most);
        for (int i = 0; i < most; i++) {
            served(server, "");
        }
        long before = refused(server);
        assertRefused(server, "");
        eventually(() -> assertThat(refused(server)).isEqualTo(before + 1));
    }

    /**
     * Opens three connections, asks on each, and resets each once it has its answer or was refused. A client that left earlier would
     * make room for another connection while its handler still runs: the limit is one of connections, not of handlers.
     */
    private static void knock(HttpServer server) {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try {
                clients.add(RawClient.connect(server).send(get("/")));
            } catch (IOException e) {
                // Refused: that is what the limit is for.
            }
        }
        for (RawClient client : clients) {
            try (client) {
                client.read();
                client.reset();
            } catch (IOException e) {
                // Refused.
            }
        }
    }

    @Test
    void doesNotCountConnectionsOfTrustedProxies() throws Exception {
        HttpServer server =
                serve(FINE, options -> options.maxConnectionsPerAddress(1).trustedProxies(Cidr.of("127.0.0.0/8")));

        served(server, "");
        served(server, "");

        assertThat(refused(server)).isZero();
    }

    @Test
    void doesNotCountConnectionsOfAUnixDomainSocket(@TempDir Path folder) throws Exception {
        HttpServer server = closeLater(HttpServer.builder()
                .unixSocket(folder.resolve("s"))
                .handler(FINE)
                .observer(observer)
                .maxConnectionsPerAddress(1)
                .start());

        served(server, "");
        served(server, "");

        assertThat(refused(server)).isZero();
    }

    @Test
    void countsAConnectionForTheClientThatAProxyHeaderNames() throws Exception {
        HttpServer server = serve(
                FINE, options -> options.proxyProtocol(ProxyProtocol.ENABLED).maxConnectionsPerAddress(1));
        RawClient first = served(server, proxied("192.0.2.1"));
        served(server, proxied("192.0.2.2"));

        assertRefused(server, proxied("192.0.2.1") + get("/"));
        eventually(() -> assertThat(refused(server)).isOne());
        eventually(() -> assertThat(observer.refusedClients()).containsExactly(InetAddress.getByName("192.0.2.1")));

        first.close();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());
        served(server, proxied("192.0.2.1"));
    }

    @Test
    void takesAnIpv6NetworkBehindAProxyForOneClient() throws Exception {
        HttpServer server = serve(
                FINE, options -> options.proxyProtocol(ProxyProtocol.OPTIONAL).maxConnectionsPerAddress(1));
        served(server, proxied("2001:db8::1"));

        assertRefused(server, proxied("2001:db8::2") + get("/"));

        eventually(() -> assertThat(refused(server)).isOne());
        served(server, proxied("2001:db8:0:1::1"));
    }

    @Test
    void countsAConnectionForItsPeerUntilAProxyHeaderNamesAnother() throws Exception {
        HttpServer server = serve(
                FINE, options -> options.proxyProtocol(ProxyProtocol.ENABLED).maxConnectionsPerAddress(1));
        RawClient silent = connect(server);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());

        assertRefused(server, "");
        eventually(() -> assertThat(refused(server)).isOne());

        assertThat(silent.send(proxied("192.0.2.1") + get("/")).read().text()).isEqualTo("fine");
        served(server, "PROXY UNKNOWN\r\n");
        assertRefused(server, "PROXY UNKNOWN\r\n" + get("/"));
        eventually(() -> assertThat(refused(server)).isEqualTo(2));
    }

    @Test
    void hasNoLimitOfOneAddressIfItIsSwitchedOff() throws Exception {
        HttpServer server = serve(FINE, options -> options.maxConnectionsPerAddress(0));

        for (int i = 0; i < 50; i++) {
            served(server, "");
        }

        assertThat(refused(server)).isZero();
    }
}
