package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.httpkit.server.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page over TLS in a real browser, by HTTP/2 with its WebSockets, and without. Skipped where there is none. */
@Tag("long")
@Tag("once")
class TourOverTlsInBrowserTest {
    private final Tour tour = new Tour();
    private HttpServer server;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        CommandLine options = tour.options();
        options.parse("--port", "0", "--tls", "--tls-port", "0");
        tour.server(options); // makes the handler
        server = tour.secureServer(options).address("127.0.0.1", 0).start();
        tour.started(server);
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        server.close();
        tour.close();
    }

    @ParameterizedTest
    @CsvSource({"h2, HTTP/2, --no-pings", "http/1.1, HTTP/1.1, --disable-http2"})
    void everythingWorks(String protocol, String version, String argument) throws Exception {
        browser = Browser.start(argument).orElse(null);
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
        browser.open("https://localhost:" + server.port() + "/");
        browser.await("the page's first answer", () -> browser.count("#hello .status") == 1);

        assertThat(browser.script("return performance.getEntriesByType('navigation')[0].nextHopProtocol"))
                .isEqualTo(protocol);
        assertThat(browser.text("#facts")).endsWith("This page came by " + version + " over TLS.");
        browser.choose("#large [name=mb]", "64");
        for (String example : browser.attributes("[data-example]", "id")) {
            browser.click("#" + example + " form button:not([type])");
            String status = "#" + example + " .answer .status b";
            browser.await("a status of " + example, () -> browser.count(status) == 1);
            assertThat(browser.count(status + ".refused")).as(example).isZero();
        }
        assertThat(browser.text("#protocol .answer")).contains("version = " + version, "encryption = TLSv1.3");
        browser.type("#echo [name=text]", "grüezi");
        browser.click("#echo form button");
        browser.await("the echo", () -> browser.text("#echo .answer").contains("grüezi"));
        browser.click("#broadcast form button");
        browser.await("the end", () -> browser.text("#broadcast .answer").contains("slowest"));
        assertThat(browser.count("#broadcast .heard")).isEqualTo(1000);
        browser.click("#clock form button");
        browser.await("ticks", () -> browser.count("#clock .ticks li") >= 2);
        assertThat(browser.complaints()).isEqualTo(List.of());
        assertThat(server.stats().streamsOpened() > 100).isEqualTo(protocol.equals("h2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no-pings", "--disable-http2"})
    void loadIsSentOverTls(String argument) throws Exception {
        browser = Browser.start(argument).orElse(null);
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
        browser.open("https://localhost:" + server.port() + "/operations");
        browser.await("live figures", () -> browser.text("#state").equals("Live"));

        browser.click("#load button");

        browser.await("the WebSockets", () -> server.stats().webSocketsOpen() == 40);
        browser.await("requests", () -> browser.text("[data-figure=requests]").matches("[1-9][0-9,]*/s"));
        browser.await("the end", () -> browser.count("#load button:disabled") == 0);
        assertThat(browser.text("#load .trouble")).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    /** By a name that is not localhost's, to which a browser would speak without TLS as well. */
    @ParameterizedTest
    @ValueSource(strings = {"--no-pings", "--disable-http2"})
    void topicsAreReachedOverTls(String argument) throws Exception {
        browser = Browser.start(argument, "--host-resolver-rules=MAP tour.test 127.0.0.1")
                .orElse(null);
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
        browser.open("https://tour.test:" + server.port() + "/topics");
        browser.await("six clients", () -> browser.count(".clients [data-is=connected]") == 6);

        browser.click("#publish button");
        awaitNumbersAtAllClients(3);
        assertThat(browser.text("#trouble")).isEmpty();
        assertThat(browser.complaints()).isEmpty();

        browser.click("[data-server=a] button");
        browser.await("all clients at B", () -> browser.count("[data-server=b] .clients li") == 6);
        awaitNumbersAtAllClients(Integer.parseInt(browser.text("#published")) + 3);
        assertThat(browser.text("#gaps")).isEqualTo("0");
    }

    private void awaitNumbersAtAllClients(int least) {
        browser.await("number " + least + " at all clients", () -> browser.script(
                        "return [...document.querySelectorAll('.clients .last')].filter(last => "
                                + "Number(last.textContent) >= " + least + ").length")
                .equals(6L));
    }
}
