package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.server.FinishedExchange.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The lines of an access log. */
class AccessLogTest {
    private static final SocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4711);
    private static final LocalDateTime RECEIVED = LocalDateTime.of(2026, 11, 5, 3, 5, 6);
    private static final String ZONE =
            DateTimeFormatter.ofPattern("Z", Locale.ROOT).format(RECEIVED.atZone(ZoneId.systemDefault()));

    private final List<String> lines = new ArrayList<>();
    private final AccessLog common = AccessLog.common(lines::add);
    private final AccessLog combined = AccessLog.combined(lines::add);

    private static FinishedExchange exchange(
            @Nullable Request request, @Nullable SocketAddress client, int status, long bytes) {
        return new FinishedExchange(
                request,
                client,
                status,
                Outcome.ANSWERED,
                0,
                bytes,
                RECEIVED.atZone(ZoneId.systemDefault()).toInstant(),
                1,
                2,
                3,
                6);
    }

    private static Request request(String target, String... fields) {
        Map<String, Object> parts = Map.of(
                "method", Method.GET, "target", target, "version", HttpVersion.HTTP_1_1, "headers", Headers.of(fields));
        return (Request) Proxy.newProxyInstance(
                Request.class.getClassLoader(),
                new Class<?>[] {Request.class},
                (self, method, arguments) -> parts.get(method.getName()));
    }

    @Test
    void writesTheCommonFormat() {
        common.exchangeFinished(exchange(request("/index.html?lang=en"), CLIENT, 200, 2326));

        assertThat(lines)
                .containsExactly("192.0.2.7 - - [05/Nov/2026:03:05:06 " + ZONE
                        + "] \"GET /index.html?lang=en HTTP/1.1\" 200 2326");
    }

    @Test
    void writesTheCombinedFormat() {
        Request request = request("/", "Referer", "https://example.com/", "User-Agent", "curl/8.5.0");
        combined.exchangeFinished(exchange(request, CLIENT, 200, 5));

        assertThat(lines.get(0)).endsWith("\"GET / HTTP/1.1\" 200 5 \"https://example.com/\" \"curl/8.5.0\"");
    }

    @Test
    void writesAHyphenForWhatIsNotKnown() {
        assertThat(combined.line(exchange(null, null, 400, 0)))
                .startsWith("- - - [")
                .endsWith("] \"-\" 400 - \"-\" \"-\"");
        assertThat(combined.line(exchange(request("/"), CLIENT, 204, 0)))
                .endsWith("\"GET / HTTP/1.1\" 204 - \"-\" \"-\"");
    }

    @Test
    void writes499IfNoResponseHadBegun() {
        assertThat(common.line(exchange(request("/"), CLIENT, 0, 0))).endsWith("\"GET / HTTP/1.1\" 499 -");
    }

    @Test
    void writesAnAddressOfVersion6() {
        assertThat(common.line(exchange(request("/"), new InetSocketAddress("2001:db8::7", 1), 200, 1)))
                .startsWith("2001:db8:0:0:0:0:0:7 - - [");
    }

    @Test
    void clientsCannotForgeALine() {
        Request request = request(
                "/\"x\\\r\n1.2.3.4 - -\u0000\u001b[31m\u007f\u2028",
                "Referer",
                "a\" 200 1 \"b",
                "User-Agent",
                "\\\t\u00e9");
        String line = combined.line(exchange(request, CLIENT, 200, 1));

        assertThat(line)
                .contains("\"GET /\\\"x\\\\\\x0d\\x0a1.2.3.4 - -\\x00\\x1b[31m\\x7f\\u2028 HTTP/1.1\"")
                .endsWith("\"a\\\" 200 1 \\\"b\" \"\\\\\\x09\\xe9\"");
        assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 0x7F);
    }

    @Test
    void showsTheSecondOfEachRequest() {
        FinishedExchange first = exchange(request("/"), CLIENT, 200, 1);
        FinishedExchange later = new FinishedExchange(
                null, null, 200, Outcome.ANSWERED, 0, 1, first.received().plusSeconds(1), 0, 0, 0, 0);

        assertThat(common.line(first)).contains(":03:05:06 ");
        assertThat(common.line(later)).contains(":03:05:07 ");
        assertThat(common.line(first)).contains(":03:05:06 ");
    }

    @Test
    void wantsExchanges() {
        assertThat(common.wantsExchanges()).isTrue();
    }
}
