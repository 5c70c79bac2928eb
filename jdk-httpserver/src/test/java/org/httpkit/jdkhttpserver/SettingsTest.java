package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.httpkit.server.Response;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.Test;

/** What the documented system properties come to. */
final class SettingsTest {
    private static final ServerOptions USUAL = org.httpkit.server.HttpServer.builder()
            .handler(request -> Response.of(200))
            .options();

    private static ServerOptions with(String... namesAndValues) {
        Map<String, String> properties = new java.util.HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Settings(properties::get).builder().options();
    }

    @Test
    void withoutPropertiesTheJdksDefaultsHold() {
        ServerOptions options = with();

        assertThat(options.idleTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(options.maxHeaderBytes()).isEqualTo(393_216);
        assertThat(options.maxLineBytes()).isEqualTo(393_216);
        assertThat(options.maxHeaderCount()).isEqualTo(200);
        assertThat(options.serverHeader()).isNull();
        assertThat(options.headerTimeout()).isEqualTo(USUAL.headerTimeout());
        assertThat(options.bodyTimeout()).isEqualTo(USUAL.bodyTimeout());
        assertThat(options.writeTimeout()).isEqualTo(USUAL.writeTimeout());
        assertThat(options.maxConnections()).isEqualTo(USUAL.maxConnections());
    }

    @Test
    void propertiesAreHonoured() {
        ServerOptions options = with(
                "sun.net.httpserver.idleInterval", "4",
                "sun.net.httpserver.maxReqHeaderSize", "1000",
                "sun.net.httpserver.maxReqHeaders", "7",
                "sun.net.httpserver.maxReqTime", "2",
                "sun.net.httpserver.maxRspTime", "3",
                "jdk.httpserver.maxConnections", "5");

        assertThat(options.idleTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(options.maxHeaderBytes()).isEqualTo(1000);
        assertThat(options.maxHeaderCount()).isEqualTo(7);
        assertThat(options.headerTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.bodyTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.handshakeTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.writeTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.maxConnections()).isEqualTo(5);
    }

    @Test
    void whatIsNoNumberStandsForTheDefault() {
        assertThat(with("sun.net.httpserver.idleInterval", "soon").idleTimeout())
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(with("sun.net.httpserver.maxReqTime", "").headerTimeout()).isEqualTo(USUAL.headerTimeout());
    }

    @Test
    void zeroAndLessMeanWhatTheyMeanInTheJdk() {
        assertThat(with("sun.net.httpserver.idleInterval", "0").idleTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(with("sun.net.httpserver.maxReqHeaders", "-1").maxHeaderCount())
                .isEqualTo(200);
        assertThat(with("sun.net.httpserver.maxReqHeaderSize", "0").maxHeaderBytes())
                .isEqualTo(16 << 20);
        assertThat(with("jdk.httpserver.maxConnections", "-1").maxConnections()).isEqualTo(USUAL.maxConnections());
    }

    @Test
    void whatIsOutOfRangeIsBroughtIntoIt() {
        assertThat(with("sun.net.httpserver.maxReqHeaderSize", "9999999999").maxHeaderBytes())
                .isEqualTo(16 << 20);
        assertThat(with("sun.net.httpserver.maxReqHeaderSize", "1").maxHeaderBytes())
                .isEqualTo(64);
        assertThat(with("sun.net.httpserver.idleInterval", "9999999999999").idleTimeout())
                .isEqualTo(Duration.ofDays(365));
    }
}
