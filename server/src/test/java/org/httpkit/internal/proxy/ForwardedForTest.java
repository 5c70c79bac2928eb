package org.httpkit.internal.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.http.IpAddress;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom we believe: the addresses 10.x.x.x are the trusted proxies; 10.0.0.1 has connected. */
class ForwardedForTest {
    private static final InetSocketAddress PROXY = address("10.0.0.1", 4000);

    @Test
    void believesNobodyButTheSocketIfThePeerIsNotTrusted() throws ProxyViolationException {
        InetSocketAddress stranger = address("192.0.2.99", 4000);
        Headers headers = Headers.of(
                "Forwarded",
                "for=10.0.0.2;proto=https;host=a",
                "X-Forwarded-For",
                "8.8.8.8",
                "X-Forwarded-Proto",
                "https");
        assertThat(ForwardedFor.believed(stranger, ForwardedForTest::isTrusted, headers))
                .isEqualTo(new ForwardedFor(stranger, null, null));
    }

    @Test
    void believesThePeerIfNothingIsForwarded() throws ProxyViolationException {
        assertThat(ForwardedFor.believed(PROXY, ForwardedForTest::isTrusted, Headers.empty()))
                .isEqualTo(new ForwardedFor(PROXY, null, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // One proxy, and what a client forged before it.
                "192.0.2.1 | 192.0.2.1:0",
                "127.0.0.1, 192.0.2.1 | 192.0.2.1:0",
                "10.0.0.9, 192.0.2.1 | 192.0.2.1:0",
                "garbage\\\", 192.0.2.1 | 192.0.2.1:0",
                // Several proxies.
                "6.6.6.6, 192.0.2.1, 10.0.0.3, 10.0.0.2 | 192.0.2.1:0",
                "10.0.0.4, 10.0.0.3, 10.0.0.2 | 10.0.0.4:0",
                // Forms.
                "2001:db8::1 | 2001:db8:0:0:0:0:0:1:0",
                "[2001:db8::1] | 2001:db8:0:0:0:0:0:1:0",
                "[2001:db8::1]:77 | 2001:db8:0:0:0:0:0:1:77",
                "192.0.2.1:77 | 192.0.2.1:77",
                "192.0.2.1:9090 | 192.0.2.1:9090",
                "::ffff:192.0.2.1 | 192.0.2.1:0",
                "6.6.6.6, ::ffff:10.0.0.2 | 6.6.6.6:0",
                ",, 192.0.2.1 ,\t, | 192.0.2.1:0",
                ",10.0.0.3 | 10.0.0.3:0",
                "192.0.2.1:0 | 192.0.2.1:0",
                // Where the walk ends early.
                "192.0.2.1, unknown | 10.0.0.1:4000",
                "192.0.2.1, unknown, 10.0.0.2 | 10.0.0.2:0",
                "192.0.2.1, _hidden, 10.0.0.2 | 10.0.0.2:0",
                "192.0.2.1, localhost, 10.0.0.2 | 10.0.0.2:0",
                "192.0.2.1, 10.0.0.02, 10.0.0.2 | 10.0.0.2:0",
                "192.0.2.1:99999 | 10.0.0.1:4000",
                "\"192.0.2.1\" | 10.0.0.1:4000",
                "192.0.2.1 10.0.0.2 | 10.0.0.1:4000",
                ", | 10.0.0.1:4000"
            })
    void readsXForwardedForFromTheEnd(String field, String client) throws ProxyViolationException {
        assertThat(client(Headers.of("X-Forwarded-For", field))).isEqualTo(client);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "for=192.0.2.1 | 192.0.2.1:0",
                "For=\"192.0.2.1\" | 192.0.2.1:0",
                "for=\"192.0.2.1:77\" | 192.0.2.1:77",
                "for=\"192.0.2.1:_p\" | 192.0.2.1:0",
                "for=\"[2001:db8::1]\" | 2001:db8:0:0:0:0:0:1:0",
                "for=\"[2001:db8::1]:77\";by=10.0.0.1 | 2001:db8:0:0:0:0:0:1:77",
                "for=\"[::1]\" | 0:0:0:0:0:0:0:1:0",
                "for=\"192.0.2.1:0\" | 192.0.2.1:0",
                "x=\"a,b\";for=192.0.2.1 | 192.0.2.1:0",
                "for=\"192.0.2.\\1\" | 192.0.2.1:0",
                "by=_x;x=\"a,b;for=6.6.6.6\\\"\";for=192.0.2.1 | 192.0.2.1:0",
                ";;for=192.0.2.1;;proto=http; | 192.0.2.1:0",
                "for=6.6.6.6, for=192.0.2.1,for=10.0.0.3 ,\tfor=10.0.0.2 | 192.0.2.1:0",
                "for=10.0.0.3, for=10.0.0.2 | 10.0.0.3:0",
                // What a client put before the proxy's element: quotes above all.
                "for=127.0.0.1, for=192.0.2.1 | 192.0.2.1:0",
                "for=\"6.6.6.6, for=192.0.2.1 | 192.0.2.1:0",
                "for=6.6.6.6;x=\", for=\"[2001:db8::1]\" | 2001:db8:0:0:0:0:0:1:0",
                "for=6.6.6.6;x=\"\\, for=192.0.2.1;host=\"a\" | 192.0.2.1:0",
                // Where the walk ends early.
                "for=6.6.6.6, for=unknown, for=10.0.0.2 | 10.0.0.2:0",
                "for=6.6.6.6, for=Unknown | 10.0.0.1:4000",
                "for=6.6.6.6, for=_hidden, for=10.0.0.2 | 10.0.0.2:0",
                "for=6.6.6.6, for=\"_hidden:80\", for=10.0.0.2 | 10.0.0.2:0",
                "for=6.6.6.6, proto=http, for=10.0.0.2 | 10.0.0.2:0",
                "for=6.6.6.6, nonsense, for=10.0.0.2 | 10.0.0.2:0",
                "for=6.6.6.6, for=\"10.0.0.3, for=10.0.0.2 | 10.0.0.2:0"
            })
    void readsForwardedFromTheEnd(String field, String client) throws ProxyViolationException {
        assertThat(client(Headers.of("Forwarded", field))).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=",
                "for",
                "=192.0.2.1",
                "for =192.0.2.1",
                "for= 192.0.2.1",
                "for=192.0.2.1;for=192.0.2.1",
                "for=192.0.2.1:77",
                "for=[2001:db8::1]",
                "for=\"2001:db8::1\"",
                "for=\"[2001:db8::1\"",
                "for=\"2001:db8::1]\"",
                "for=\"[192.0.2.1]\"",
                "for=\"[2001:db8::1]77\"",
                "for=\"[2001:db8::1]:\"",
                "for=\"[a]:[2001:db8::1]\"",
                "for=\"192.0.2.1\"x",
                "for=\"192.0.2.1",
                "for=192.0.2.1\"",
                "for=\"192.0.2.1\\\"",
                "for=\"192.0.2.1:-7\"",
                "for=\"192.0.2.1:077\"",
                "for=_",
                "for=_a/b",
                "for=client.example",
                "for=192.0.2.1; proto=http",
                "for=192.0.2.1;proto=\"a b\"",
                "for=192.0.2.1;proto=1",
                "for=192.0.2.1;proto=http;proto=http",
                "for=192.0.2.1;host=\"a/b\"",
                "for=192.0.2.1;host=\"a@b\"",
                "for=192.0.2.1;host=\"\"",
                "for=192.0.2.1;host=a;host=b",
                "for=\u00e4",
                "for=192.0.2.1 by=10.0.0.1"
            })
    void endsAtAMalformedElement(String element) throws ProxyViolationException {
        assertThat(client(Headers.of("Forwarded", "for=6.6.6.6, " + element))).isEqualTo("10.0.0.1:4000");
    }

    @Test
    void endsAtAnEmptyPairAndAQuoteThatIsNotClosed() throws ProxyViolationException {
        assertThat(client(Headers.of("Forwarded", ";by=\"10.0.0.1"))).isEqualTo("10.0.0.1:4000");
    }

    @Test
    void readsAllLinesAsOneList() throws ProxyViolationException {
        assertThat(client(Headers.of(
                        "x-forwarded-for",
                        "6.6.6.6",
                        "Host",
                        "a",
                        "X-FORWARDED-FOR",
                        "192.0.2.1, 10.0.0.3",
                        "X-Forwarded-For",
                        "",
                        "X-Forwarded-For",
                        "10.0.0.2")))
                .isEqualTo("192.0.2.1:0");
        assertThat(client(Headers.of(
                        "Forwarded", "for=\"6.6.6.6", "Forwarded", "for=192.0.2.1", "Forwarded", "for=10.0.0.2")))
                .isEqualTo("192.0.2.1:0");
    }

    @Test
    void tellsSchemeAndHostOfTheElementBelieved() throws ProxyViolationException {
        ForwardedFor believed = believed(
                Headers.of(
                        "Forwarded",
                        "for=6.6.6.6;proto=http;host=evil, for=192.0.2.1;proto=HTTPS;host=\"a.test:8443\", for=10.0.0.2;proto=http;host=b"));
        assertThat(believed.scheme()).isEqualTo("https");
        assertThat(believed.host()).isEqualTo("a.test:8443");
    }

    @Test
    void tellsNeitherIfThatElementDoesNot() throws ProxyViolationException {
        ForwardedFor believed =
                believed(Headers.of("Forwarded", "for=192.0.2.1;proto=gopher, for=10.0.0.2;proto=https;host=b"));
        assertThat(believed).isEqualTo(new ForwardedFor(address("192.0.2.1", 0), null, null));
    }

    @Test
    void tellsThemAlsoIfTheProxyHidesTheClient() throws ProxyViolationException {
        ForwardedFor believed = believed(Headers.of("Forwarded", "for=_x;proto=https;host=a, for=10.0.0.2;proto=http"));
        assertThat(believed).isEqualTo(new ForwardedFor(address("10.0.0.2", 0), "https", "a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown",
                "UNKNOWN",
                "\"unknown:80\"",
                "\"unknown:_p\"",
                "_azAZ09",
                "_.-_",
                "\"_a:65535\"",
                "\"_a:0\""
            })
    void takesANameThatHidesTheClientForOne(String node) throws ProxyViolationException {
        assertThat(believed(Headers.of("Forwarded", "for=" + node + ";proto=https")))
                .isEqualTo(new ForwardedFor(PROXY, "https", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknowns",
                "\"unknown:\"",
                "\"unknown:a\"",
                "\":80\"",
                "_",
                "\"_a/b\"",
                "\"_a@b\"",
                "\"_a[b\"",
                "\"_a`b\"",
                "\"_a{b\"",
                "\"_a\u0080\"",
                "\"_a:_\""
            })
    void believesNothingOfAnElementWhoseNodeIsNoName(String node) throws ProxyViolationException {
        assertThat(believed(Headers.of("Forwarded", "for=" + node + ";proto=https")))
                .isEqualTo(new ForwardedFor(PROXY, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-z.A_Z", "09", "[::1]:80", "%C3%A4", "-._~!$&'()*+,;=:"})
    void tellsAnyHostThatAHostFieldMayHave(String host) throws ProxyViolationException {
        assertThat(believed(Headers.of("Forwarded", "for=192.0.2.1;host=\"" + host + "\""))
                        .host())
                .isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.1 | https | https",
                "192.0.2.1 | http | http",
                "192.0.2.1 | WSS | https",
                "192.0.2.1 | ftp | ",
                "192.0.2.1, 10.0.0.2 | https, http | https",
                "6.6.6.6, 192.0.2.1, 10.0.0.2 | http, https, http | https",
                // Not one for each: what our own peer wrote last.
                "6.6.6.6, 192.0.2.1 | https | https",
                "192.0.2.1 | https, http | http",
                "192.0.2.1, unknown | https, http | http"
            })
    void tellsTheSchemeOfXForwardedProto(String addresses, String schemes, String scheme)
            throws ProxyViolationException {
        ForwardedFor believed = believed(Headers.of("X-Forwarded-For", addresses, "X-Forwarded-Proto", schemes));
        assertThat(believed.scheme()).isEqualTo(scheme);
        assertThat(believed.host()).isNull();
    }

    @Test
    void believesTheSchemeOfAProxyThatForwardsNothingElse() throws ProxyViolationException {
        assertThat(believed(Headers.of("X-Forwarded-Proto", "https")))
                .isEqualTo(new ForwardedFor(PROXY, "https", null));
    }

    @Test
    void believesBothFieldsIfTheyAgree() throws ProxyViolationException {
        ForwardedFor believed = believed(Headers.of(
                "Forwarded",
                "for=\"192.0.2.1:7\";proto=https",
                "X-Forwarded-For",
                "192.0.2.1:7",
                "X-Forwarded-Proto",
                "https"));
        assertThat(believed).isEqualTo(new ForwardedFor(address("192.0.2.1", 7), "https", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "for=192.0.2.1 | http | -",
                "for=192.0.2.1;proto=https | - | -",
                "for=192.0.2.1;proto=https;host=forged.test | - | -",
                "for=192.0.2.1;proto=https;host=forged.test | https | https",
                "for=192.0.2.1;proto=http | http | http",
                "for=\"192.0.2.1:7\";proto=http | http | http",
            })
    void believesOnlyWhatBothFieldsTell(String forwarded, String proto, String scheme) throws ProxyViolationException {
        Headers headers = Headers.of("Forwarded", forwarded, "X-Forwarded-For", "192.0.2.1");

        assertThat(believed(proto == null ? headers : headers.plus("X-Forwarded-Proto", proto)))
                .isEqualTo(new ForwardedFor(address("192.0.2.1", 0), scheme, null));
    }

    @Test
    void refusesFieldsThatTellDifferentSchemes() {
        assertThatThrownBy(() -> believed(Headers.of(
                        "Forwarded",
                        "for=192.0.2.1;proto=https",
                        "X-Forwarded-For",
                        "192.0.2.1",
                        "X-Forwarded-Proto",
                        "http")))
                .hasMessageContaining("disagree");
    }

    @ParameterizedTest
    @ValueSource(strings = {"for=127.0.0.1", "for=10.0.0.2", "for=8.8.8.8", "nonsense", "for=unknown"})
    void refusesAFieldThatTheProxyLetAClientWriteBesideItsOwn(String forged) {
        assertThatThrownBy(() -> believed(Headers.of("Forwarded", forged, "X-Forwarded-For", "192.0.2.1")))
                .hasMessageContaining("Forwarded and X-Forwarded-For disagree");
    }

    @Test
    void looksNothingUpForAPeerWithoutAddress() throws ProxyViolationException {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("localhost", 1);
        assertThat(ForwardedFor.believed(unresolved, address -> true, Headers.of("X-Forwarded-For", "192.0.2.1")))
                .isEqualTo(new ForwardedFor(unresolved, null, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.2,",
                ",",
                "\"",
                "\\\"",
                "\\",
                "for=10.0.0.2,",
                "for=\"10.0.0.2\",",
                "for=10.0.0.2;x=\"\\\\\\\\\","
            })
    void takesTimeInProportionToLength(String repeated) {
        Headers headers = Headers.of("Forwarded", repeated.repeat(1_000_000 / repeated.length()));
        Headers plain = Headers.of("X-Forwarded-For", repeated.repeat(1_000_000 / repeated.length()));
        // Quadratic work on a million characters would take minutes.
        Assertions.assertTimeout(Duration.ofSeconds(10), () -> {
            believed(headers);
            believed(plain);
        });
    }

    @Test
    void walksTenThousandTrustedElementsOverManyLines() throws ProxyViolationException {
        String[] fields = new String[2_000];
        for (int i = 0; i < fields.length; i += 2) {
            fields[i] = "X-Forwarded-For";
            fields[i + 1] = "10.0.0.2, ".repeat(9) + "10.0.0.3";
        }
        fields[1] = "192.0.2.1, " + fields[1];
        assertThat(client(Headers.of(fields))).isEqualTo("192.0.2.1:0");
    }

    private static boolean isTrusted(InetAddress address) {
        return address.getAddress()[0] == 10;
    }

    private static ForwardedFor believed(Headers headers) throws ProxyViolationException {
        return ForwardedFor.believed(PROXY, ForwardedForTest::isTrusted, headers);
    }

    private static String client(Headers headers) throws ProxyViolationException {
        InetSocketAddress client = believed(headers).client();
        return client.getAddress().getHostAddress() + ":" + client.getPort();
    }

    private static InetSocketAddress address(String text, int port) {
        return new InetSocketAddress(Objects.requireNonNull(IpAddress.parse(text)), port);
    }
}
