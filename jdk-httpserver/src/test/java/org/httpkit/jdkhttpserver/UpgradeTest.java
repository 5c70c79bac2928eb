package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Test;

/** Handlers that answer with 101, and use the streams of the exchange for the protocol that follows. */
final class UpgradeTest extends JdkServerTest {
    private static final String UPGRADE = get("/", "Connection: Upgrade", "Upgrade: echo");

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private static void switchTo(String protocol, HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Upgrade", protocol);
        exchange.getResponseHeaders().set("Connection", "Upgrade");
        exchange.sendResponseHeaders(101, 0);
    }

    private static void echo(HttpExchange exchange) throws IOException {
        switchTo("echo", exchange);
        try (InputStream in = exchange.getRequestBody();
                OutputStream out = exchange.getResponseBody()) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                out.write(next);
                out.flush();
            }
        }
    }

    private static void assertSwitched(RawClient client) throws IOException {
        RawResponse head = client.readHead();
        assertThat(head.status()).isEqualTo(101);
        assertThat(head.fields("Upgrade")).containsExactly("echo");
        assertThat(head.fields("Connection")).containsExactly("Upgrade");
        assertThat(head.field("Content-Length")).isNull();
        assertThat(head.field("Transfer-Encoding")).isNull();
    }

    private static void assertEchoes(RawClient client) throws IOException {
        assertSwitched(client);
        assertThat(client.readBytes(5)).isEqualTo(bytes("early"));
        assertThat(client.send("late").readBytes(4)).isEqualTo(bytes("late"));
        client.endOutput().awaitEnd();
    }

    @Test
    void theStreamsCarryTheProtocolThatFollows() throws Exception {
        RawClient client = connect(serve(UpgradeTest::echo)).send(UPGRADE + "early");

        assertEchoes(client);
    }

    @Test
    void theStreamsCarryItOverTlsToo() throws Exception {
        TestCertificate certificate = TestCertificate.localhost();
        HttpsServer server = provider.createHttpsServer(anyPort(), 0);
        closeLater(() -> server.stop(0));
        server.createContext("/", UpgradeTest::echo);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.shownToThoseWith(certificate)));
        server.start();

        assertEchoes(
                connect(server).secure(TestCertificate.trusting(certificate)).send(UPGRADE + "early"));
    }

    @Test
    void anotherThreadMayGoOnWhenTheHandlerHasReturned() throws Exception {
        BlockingQueue<HttpExchange> exchanges = new LinkedBlockingQueue<>();
        HttpServer server = serve(exchange -> {
            switchTo("echo", exchange);
            exchanges.add(exchange);
        });
        RawClient client = connect(server).send(UPGRADE);
        assertSwitched(client);
        HttpExchange exchange = exchanges.poll(10, TimeUnit.SECONDS);

        client.send("a");
        assertThat(exchange.getRequestBody().read()).isEqualTo('a');
        exchange.getResponseBody().write('b');
        exchange.close();

        assertThat(client.readBytes(1)).isEqualTo(bytes("b"));
        client.awaitEnd();
        assertThat(exchange.getResponseCode()).isEqualTo(101);
    }

    @Test
    void aStreamThatWasTakenBeforeTheSwitchIsTheOneAfterIt() throws Exception {
        RawClient client = connect(serve(exchange -> {
                    InputStream in = exchange.getRequestBody();
                    OutputStream out = exchange.getResponseBody();
                    assertThat(in.read()).isEqualTo(-1);
                    in.close();
                    switchTo("echo", exchange);
                    out.write(in.read() + 1);
                    exchange.close();
                }))
                .send(UPGRADE + "x");

        assertSwitched(client);
        assertThat(client.readBytes(1)).isEqualTo(bytes("y"));
        client.awaitEnd();
    }

    @Test
    void aHandlerThatFailsEndsTheConnection() throws Exception {
        RawClient client = connect(serve(exchange -> {
                    switchTo("echo", exchange);
                    throw new IOException("on purpose");
                }))
                .send(UPGRADE);

        assertSwitched(client);
        client.awaitEnd();
    }

    /** A handler that tries to switch, notes why that fails, and answers otherwise. */
    private HttpHandler trying(String protocol) {
        return exchange -> {
            assertThatThrownBy(() -> {
                        if (protocol.isEmpty()) {
                            exchange.sendResponseHeaders(101, 0);
                        } else {
                            switchTo(protocol, exchange);
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .satisfies(e -> seen.add(e.getMessage()));
            exchange.sendResponseHeaders(204, -1);
        };
    }

    @Test
    void whatTheClientDoesNotOfferCannotBeSwitchedTo() throws Exception {
        assertThat(connect(serve(trying("other"))).send(UPGRADE).read().status())
                .isEqualTo(204);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).contains("other", "[echo]");
    }

    @Test
    void theProtocolMustBeNamed() throws Exception {
        assertThat(connect(serve(trying(""))).send(UPGRADE).read().status()).isEqualTo(204);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).contains("response header Upgrade");
    }

    @Test
    void http2HasNoSwitch() throws Exception {
        RawHttp2 client = RawHttp2.over(connect(serve(trying("echo"))));
        client.raw().send(RawHttp2.PREFACE);
        client.settings();
        client.get("/");

        assertThat(seen.poll(10, TimeUnit.SECONDS)).contains("HTTP/1.1");
    }
}
