package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Problem;
import org.httpkit.server.Response;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Options: their defaults, and what is said about bad ones. */
final class OptionsTest extends ServerTest {

    static Stream<Arguments> badOptions() {
        return Stream.of(
                bad("port", "-1", "0 to 65535", options -> options.port(-1)),
                bad("port", "65536", "0 to 65535", options -> options.port(65536)),
                bad("port", "65536", "0 to 65535", options -> options.address("127.0.0.1", 65536)),
                bad("eventLoops", "0", "1 to 1024", options -> options.eventLoops(0)),
                bad("eventLoops", "1025", "1 to 1024", options -> options.eventLoops(1025)),
                bad("maxBodyBytes", "-1", "0 to 2147483639", options -> options.maxBodyBytes(-1)),
                bad(
                        "maxBodyBytes",
                        "2147483640",
                        "0 to 2147483639",
                        options -> options.maxBodyBytes(Integer.MAX_VALUE - 7L)),
                bad("maxLineBytes", "63", "64 to 16777216", options -> options.maxLineBytes(63)),
                bad("maxLineBytes", "16777217", "64 to 16777216", options -> options.maxLineBytes((16 << 20) + 1)),
                bad("maxHeaderBytes", "0", "64 to 16777216", options -> options.maxHeaderBytes(0)),
                bad("maxHeaderCount", "0", "1 to 65536", options -> options.maxHeaderCount(0)),
                bad("maxConnections", "0", "1 to 2147483646", options -> options.maxConnections(0)),
                bad(
                        "maxConnectionsPerAddress",
                        "-1",
                        "0 to 2147483646",
                        options -> options.maxConnectionsPerAddress(-1)),
                bad("minResponseRate", "-5", "0 to 2147483647", options -> options.minResponseRate(-5)),
                bad("maxReceivedBytesTotal", "0", "1 to ", options -> options.maxReceivedBytesTotal(0)),
                bad("maxReceivedBytesPerAddress", "-1", "0 to ", options -> options.maxReceivedBytesPerAddress(-1)),
                bad("minBodyRate", "-5", "0 to 2147483647", options -> options.minBodyRate(-5)),
                badTimeout("headerTimeout", options -> options.headerTimeout(Duration.ofSeconds(-1))),
                badTimeout("bodyTimeout", options -> options.bodyTimeout(Duration.ofSeconds(-1))),
                badTimeout("idleTimeout", options -> options.idleTimeout(Duration.ofSeconds(-1))),
                badTimeout("writeTimeout", options -> options.writeTimeout(Duration.ofSeconds(-1))),
                badTimeout("closeTimeout", options -> options.closeTimeout(Duration.ofSeconds(-1))),
                bad("drainRate", "-1", "0 to 1000000", options -> options.drainRate(-1)),
                badTimeout("pingInterval", options -> options.pingInterval(Duration.ofSeconds(-1))),
                badTimeout("drainRetry", options -> options.drainRetry(Duration.ofSeconds(-1))),
                badTimeout("stopOnShutdown", options -> options.stopOnShutdown(Duration.ofSeconds(-1))));
    }

    private static Arguments bad(String option, String value, String range, Consumer<HttpServer.Builder> set) {
        return Arguments.of(option, value, range, set);
    }

    private static Arguments badTimeout(String option, Consumer<HttpServer.Builder> set) {
        return bad(option, "PT-1S", "0 to 3650 days", set);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("badOptions")
    void namesABadOptionItsValueAndTheLegalRange(
            String option, String value, String range, Consumer<HttpServer.Builder> set) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> set.accept(HttpServer.builder()))
                .withMessageContaining(option)
                .withMessageContaining(value)
                .withMessageContaining(range);
    }

    @Test
    void refusesAServerFieldThatWouldSplitTheResponse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpServer.builder().serverHeader("a\r\nX: b"))
                .withMessageContaining("Server");
    }

    @Test
    void refusesStatusesThatAreNotFinal() {
        assertThatIllegalArgumentException().isThrownBy(() -> Response.of(199)).withMessageContaining("199");
        assertThatIllegalArgumentException().isThrownBy(() -> Response.of(600)).withMessageContaining("600");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Response.of(200).status(101))
                .withMessageContaining("101");
    }

    @Test
    void hasTheDocumentedDefaults() throws Exception {
        ServerOptions defaults =
                serve(request -> null, options -> options.eventLoops(1)).options();

        assertThat(defaults.dispatch()).isEqualTo(Dispatch.ADAPTIVE);
        assertThat(defaults.serverHeader()).isEqualTo("httpkit");
        assertThat(defaults.worker()).isNull();
        assertThat(defaults.maxBodyBytes()).isEqualTo(8 << 20);
        assertThat(defaults.maxLineBytes()).isEqualTo(8192);
        assertThat(defaults.maxHeaderBytes()).isEqualTo(65536);
        assertThat(defaults.maxHeaderCount()).isEqualTo(100);
        assertThat(defaults.maxConnections()).isEqualTo(100_000);
        assertThat(defaults.maxConnectionsPerAddress())
                .isEqualTo((int) Math.min(25_000, Runtime.getRuntime().maxMemory() / 8 / 1792));
        assertThat(defaults.headerTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaults.bodyTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaults.idleTimeout()).isEqualTo(Duration.ofSeconds(75));
        assertThat(defaults.writeTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(defaults.closeTimeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void keepsTheOptionsOfARunningServerWhateverBecomesOfTheBuilder() throws Exception {
        HttpServer.Builder builder = HttpServer.builder()
                .address("127.0.0.1", 0)
                .handler(request -> null)
                .maxLineBytes(1000);
        HttpServer server = closeLater(builder.start());

        builder.maxLineBytes(2000);

        assertThat(server.options().maxLineBytes()).isEqualTo(1000);
    }

    @Test
    void saysEachOptionInItsText() throws Exception {
        String text = HttpServer.builder()
                .handler(request -> Response.text("secret"))
                .worker(Runnable::run)
                .errorPages(Problem::json)
                .unixSocket(Path.of("/run/app.sock"), Set.of(PosixFilePermission.OWNER_READ))
                .listener(address -> null)
                .stopOnShutdown(Duration.ofMillis(1500))
                .options()
                .toString();

        assertThat(text)
                .contains("maxBodyBytes=8388608", "idleTimeout=75s", "stopOnShutdown=1500ms", "dispatch=WORKER");
        for (Method accessor : ServerOptions.class.getMethods()) {
            if (accessor.getDeclaringClass() == ServerOptions.class
                    && !Set.of("toString", "ownWorker", "tls").contains(accessor.getName())) {
                assertThat(text).contains(accessor.getName() + "=");
            }
        }
    }
}
