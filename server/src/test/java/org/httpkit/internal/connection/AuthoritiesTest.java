package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Security;
import org.httpkit.internal.tls.TestFiles;
import org.httpkit.testing.FakeTlsSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** For which authorities a client may use its connection. */
final class AuthoritiesTest {
    private final FakeTlsSession session = new FakeTlsSession();

    /** Those of a client that has asked for these names, and received a certificate with names of each kind. */
    private Authorities askedFor(String... names) throws Exception {
        List<SNIServerName> asked = new ArrayList<>();
        for (String name : names) {
            asked.add(new SNIHostName(name));
        }
        session.names = asked;
        session.local = new Certificate[] {TestFiles.certificate("names.pem")};
        return of();
    }

    private Authorities of() {
        return Authorities.of(new Security(session, "h2", false, false));
    }

    private static boolean include(Authorities authorities, String host) {
        return authorities.include(
                RequestHead.of(("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "asked.example",
                "ASKED.example:8443",
                "asked.example.",
                "a.example",
                "a.example:443",
                "x.b.example",
                "c.example",
                "192.0.2.7",
                "192.0.2.7:443",
                "[2001:db8::7]",
                "[2001:DB8:0::7]:443"
            })
    void includesTheNameOfTheHandshakeAndThoseOfTheCertificate(String host) throws Exception {
        assertThat(include(askedFor("asked.example"), host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d.example",
                "b.example",
                "x.y.b.example",
                ".b.example",
                "x.a.example",
                "192.0.2.8",
                "[2001:db8::8]"
            })
    void includesNoOther(String host) throws Exception {
        assertThat(include(askedFor("asked.example"), host)).isFalse();
    }

    @Test
    void includesAnAuthorityAgainAndOthersBesideIt() throws Exception {
        Authorities authorities = askedFor("asked.example");

        for (String host : List.of("a.example", "a.example", "asked.example", "a.example")) {
            assertThat(include(authorities, host)).isTrue();
        }
        assertThat(include(authorities, "d.example")).isFalse();
        assertThat(include(authorities, "d.example")).isFalse();
    }

    @Test
    void includesAnyWithoutEncryptionOrAnAskedName() throws Exception {
        assertThat(include(Authorities.of(null), "d.example")).isTrue();
        assertThat(include(askedFor(), "d.example")).isTrue();
    }

    @Test
    void includesAnyIfTheCertificateIsUnknown() throws Exception {
        askedFor("asked.example");
        session.local = null;
        assertThat(include(of(), "d.example")).isTrue();
        session.local = new Certificate[0];
        assertThat(include(of(), "d.example")).isTrue();
        session.local = new Certificate[] {
            new Certificate("odd") {
                @Override
                public byte[] getEncoded() {
                    return new byte[0];
                }

                @Override
                public void verify(java.security.PublicKey key) {}

                @Override
                public void verify(java.security.PublicKey key, String provider) {}

                @Override
                public String toString() {
                    return "odd";
                }

                @Override
                public java.security.PublicKey getPublicKey() {
                    throw new UnsupportedOperationException();
                }
            }
        };
        assertThat(include(of(), "d.example")).isTrue();
    }

    @Test
    void includesTheAskedNameAloneIfTheCertificateNamesNobody() throws Exception {
        askedFor("asked.example");
        session.local = new Certificate[] {TestFiles.certificate("rsa.pem")};

        assertThat(include(of(), "asked.example")).isTrue();
        assertThat(include(of(), "localhost")).isFalse();
        assertThat(include(of(), "192.0.2.7")).isFalse();
    }
}
