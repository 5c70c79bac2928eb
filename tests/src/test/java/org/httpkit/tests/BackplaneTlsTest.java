package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.httpkit.testkit.TestCertificate;
import org.httpkit.topics.Backplane;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which brokers topics speak to by TLS. */
@Tag("foreign")
@Tag("once")
class BackplaneTlsTest extends ServerTest {
    private final SSLContext usual;

    @TempDir
    Path folder;

    BackplaneTlsTest() throws Exception {
        usual = SSLContext.getDefault();
    }

    @AfterEach
    void trustAsUsual() {
        SSLContext.setDefault(usual);
    }

    private Backplane broker(Broker.Kind kind, TestCertificate shown) throws Exception {
        SSLContext.setDefault(TestCertificate.trusting(shown));
        return closeLater(Broker.startSecure(kind, folder, shown)).backplane();
    }

    @ParameterizedTest
    @EnumSource
    void takesACertificateOfTheHost(Broker.Kind kind) throws Exception {
        Backplane broker = broker(kind, TestCertificate.localhost());
        try (Backplane.Session session = broker.open()) {
            assertThat(session.epoch()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesACertificateOfAnotherHostThoughItIsTrusted(Broker.Kind kind) throws Exception {
        Backplane broker = broker(kind, TestCertificate.make(folder, "somebody-else.example"));
        assertThatThrownBy(broker::open).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void refusesACertificateThatIsNotTrusted(Broker.Kind kind) throws Exception {
        Backplane broker = broker(kind, TestCertificate.localhost());
        SSLContext.setDefault(usual);
        assertThatThrownBy(broker::open).isInstanceOf(IOException.class);
    }
}
