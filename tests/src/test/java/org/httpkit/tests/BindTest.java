package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.stream.Collectors;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;

/** Binding, and how many connections are taken. */
final class BindTest extends ServerTest {

    @Test
    void tellsTheFreePortItPicked() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));

        assertThat(server.port()).isBetween(1, 65535);
        assertThat(server.address()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void namesTheAddressThatCannotBeBoundAndLeavesNoThread() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Set<Thread> before = liveThreads();

            assertThatThrownBy(
                            () -> serve(request -> null, options -> options.address("127.0.0.1", taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));

            eventually(() -> assertThat(before).containsAll(liveThreads()));
        }
    }

    @Test
    void needsAHandler() {
        assertThatThrownBy(() -> HttpServer.builder().port(0).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("handler");
    }

    @Test
    void letsNewConnectionsWaitOnceAsManyAreOpenAsAllowed() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.maxConnections(2));
        RawClient first = connect(server);
        RawClient second = connect(server);
        first.send(get("/")).read();
        second.send(get("/")).read();

        RawClient third = connect(server).send(get("/"));
        assertThat(third.staysQuiet(A_MOMENT)).isTrue();
        assertThat(server.stats().connectionsOpen()).isEqualTo(2);
        assertThat(observer.exhaustions()).contains(2);
        first.close();

        assertThat(third.read().text()).isEqualTo("fine");
        assertThat(second.send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void servesAllInTheEndWhoeverHadToWait() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"), options -> options.maxConnections(3));
        RawClient[] clients = new RawClient[40];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect(server).send(get("/", "Connection: close"));
        }

        for (RawClient client : clients) {
            assertThat(client.read().text()).isEqualTo("fine");
            client.close();
        }
    }

    private static Set<Thread> liveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("http-kit"))
                .collect(Collectors.toSet());
    }
}
