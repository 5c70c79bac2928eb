package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.httpkit.server.Cidr;
import org.httpkit.server.Handler;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Whose word is taken on who sent a request; every client here connects from 127.0.0.1. */
class TrustedProxiesTest extends ServerTest {
    private static final Cidr LOOPBACK = Cidr.of("127.0.0.0/8");
    private static final Cidr INNER = Cidr.of("10.0.0.0/8");

    private static final Handler MIRROR = request -> Response.text(
            ProxyProtocolTest.text(request.remoteAddress()) + " " + request.scheme() + " " + request.authority());

    @Test
    void takesNobodysWordUnlessTold() throws IOException {
        RawClient client = connect(serve(MIRROR));
        client.send(
                get("/", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1;host=a"));
        assertThat(client.read().text()).isEqualTo(ProxyProtocolTest.text(client.localAddress()) + " http test");
    }

    @Test
    void takesNoStrangersWord() throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.trustedProxies(INNER)));
        client.send(get("/", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"));
        assertThat(client.read().text()).isEqualTo(ProxyProtocolTest.text(client.localAddress()) + " http test");
    }

    @Test
    void takesTheRightMostAddressThatIsNotTrusted() throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.trustedProxies(LOOPBACK, INNER)));
        client.send(get(
                "/", "X-Forwarded-For: 6.6.6.6, 192.0.2.1", "X-Forwarded-For: 10.0.0.2", "X-Forwarded-Proto: https"));
        assertThat(client.read().text()).isEqualTo("192.0.2.1:0 https test");
        client.send(get("/", "Forwarded: for=\"192.0.2.2:99\";proto=https;host=shop.test, for=10.0.0.2"));
        assertThat(client.read().text()).isEqualTo("192.0.2.2:99 https shop.test");
    }

    @Test
    void refusesFieldsThatNameDifferentClients() throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.trustedProxies(LOOPBACK)));
        client.send(get("/", "Forwarded: for=127.0.0.1", "X-Forwarded-For: 192.0.2.1"));
        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.text()).contains("RFC 7239 section 8.1");
    }

    @Test
    void goesOnFromTheSourceOfAProxyProtocolHeader() throws IOException {
        RawClient client = connect(serve(
                request -> Response.text(ProxyProtocolTest.text(request.remoteAddress()) + " "
                        + request.headers().all("X-Forwarded-For")),
                options -> options.proxyProtocol(ProxyProtocol.ENABLED).trustedProxies(INNER)));
        client.send("PROXY TCP4 10.0.0.9 198.51.100.7 56324 443\r\n" + get("/", "X-Forwarded-For: 6.6.6.6, 192.0.2.1"));
        assertThat(client.read().text()).isEqualTo("192.0.2.1:0 [192.0.2.1]");
    }
}
