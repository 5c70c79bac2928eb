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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word is taken on who sent a request; every client here connects from 127.0.0.1. */
@PlainText("What proxies tell of the scheme is compared with http")
class TrustedProxiesTest extends ServerTest {
    private static final Cidr LOOPBACK = Cidr.of("127.0.0.0/8");
    private static final Cidr INNER = Cidr.of("10.0.0.0/8");

    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final String ADDRESSES = "\u00c0\0\2\1\u00c63d\7\u00dc\4\0P";

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

    /** The proxy that forwards such a connection does not look into it: the fields are the unknown client's own. */
    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\r\n", SIGNATURE + "!\0\0\0", SIGNATURE + "!\22\0\14" + ADDRESSES})
    void takesNoWordOfAClientWhomTheProxyDoesNotName(String header) throws IOException {
        RawClient client = connect(serve(
                MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED).trustedProxies(LOOPBACK)));
        client.send(header + get("/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https"));
        assertThat(client.read().text()).isEqualTo(ProxyProtocolTest.text(client.localAddress()) + " http test");
    }

    @Test
    void takesTheWordOfATrustedProxyOnItsOwnConnection() throws IOException {
        RawClient client = connect(serve(
                MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED).trustedProxies(LOOPBACK)));
        client.send(SIGNATURE + " \0\0\0" + get("/", "X-Forwarded-For: 192.0.2.1"));
        assertThat(client.read().text()).isEqualTo("192.0.2.1:0 http test");
    }

    @Test
    void takesNoWordFromATrailer() throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.trustedProxies(LOOPBACK)));
        client.send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Trailer: X-Forwarded-For")
                + "0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(400);
    }
}
