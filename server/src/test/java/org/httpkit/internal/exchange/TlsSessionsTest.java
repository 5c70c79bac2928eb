package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.httpkit.internal.net.Security;
import org.httpkit.internal.tls.TestFiles;
import org.httpkit.server.TlsSession;
import org.httpkit.testing.FakeTlsSession;
import org.junit.jupiter.api.Test;

/** What the application learns of a handshake. */
final class TlsSessionsTest {
    private final FakeTlsSession session = new FakeTlsSession();

    @Test
    void tellsWhatWasAgreedAndAskedFor() {
        session.names = List.of(other(), new SNIHostName("A.Example"), new SNIHostName("b.example"));
        TlsSession told = TlsSessions.of(new Security(session, "h2", false, true));

        assertThat(told.protocol()).isEqualTo("TLSv1.3");
        assertThat(told.cipherSuite()).isEqualTo("TLS_SUITE");
        assertThat(told.serverName()).isEqualTo("a.example");
        assertThat(told.applicationProtocol()).isEqualTo("h2");
        assertThat(told.resumed()).isTrue();
    }

    private static SNIServerName other() {
        return new SNIServerName(7, "other".getBytes(StandardCharsets.US_ASCII)) {};
    }

    @Test
    void tellsThatNothingWasAgreedOrAskedFor() {
        session.names = List.of(other());
        TlsSession told = TlsSessions.of(new Security(session, "", false, false));

        assertThat(told.serverName()).isNull();
        assertThat(told.applicationProtocol()).isNull();
        assertThat(told.resumed()).isFalse();
    }

    @Test
    void tellsTheCertificatesOfAClientThatWasAskedForThem() throws Exception {
        X509Certificate shown = (X509Certificate) TestFiles.certificate("ec.pem");
        session.peer = new Certificate[] {shown};

        assertThat(TlsSessions.of(new Security(session, "", true, false)).clientCertificates())
                .containsExactly(shown);
        assertThat(TlsSessions.of(new Security(session, "", false, false)).clientCertificates())
                .isEmpty();
        session.peer = null;
        assertThat(TlsSessions.of(new Security(session, "", true, false)).clientCertificates())
                .isEmpty();
    }
}
