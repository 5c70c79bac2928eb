package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.httpkit.testing.PlayedConnection;
import org.junit.jupiter.api.Test;

/** Where clients of the port without TLS are sent. */
final class HttpsTest {
    private static String locationFor(String requestLine) {
        String response =
                PlayedConnection.serving(Https.redirect(8443)).ask(requestLine + " HTTP/1.1\r\nHost: a:80\r\n\r\n");
        return response.lines()
                .filter(line -> line.startsWith("Location: "))
                .findFirst()
                .orElse("none");
    }

    @Test
    void redirectsToTheSameTarget() {
        assertThat(locationFor("GET /a/%2F?b=c")).isEqualTo("Location: https://a:8443/a/%2F?b=c");
        assertThat(locationFor("GET http://[::1]:80/")).isEqualTo("Location: https://[::1]:8443/");
    }

    @Test
    void redirectsARequestToTheWholeServerWithoutAPath() {
        assertThat(locationFor("OPTIONS *")).isEqualTo("Location: https://a:8443");
    }
}
