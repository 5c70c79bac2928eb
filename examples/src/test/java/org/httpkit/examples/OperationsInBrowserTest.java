package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.httpkit.server.CloseReason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page of the server's own figures, in a real browser. Skipped where there is none. */
@Tag("long")
@Tag("once")
class OperationsInBrowserTest {
    private static final String DRAWN = """
            return [...document.querySelectorAll(".plot canvas")].filter(canvas => canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value !== 0)).length""";

    private static Browser browser;
    private Site tour;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start().orElse(null);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
        tour = new Site(new Tour());
        browser.open("http://localhost:" + tour.server.port() + "/operations");
        browser.await("live figures", () -> browser.text("#state").equals("Live"));
    }

    @AfterEach
    void close() {
        if (tour != null) {
            browser.open("about:blank");
            browser.complaints(); // of the server that has gone
            tour.close();
        }
    }

    @Test
    void drawsTheFiguresAndShowsThemAsTables() {
        browser.await("a first figure", () -> !figure("connections").equals("–"));
        assertThat(browser.count(".plot canvas")).isEqualTo(6);
        browser.await("charts that are drawn", () -> browser.script(DRAWN).equals(6L));

        for (int i = 1; i <= 6; i++) {
            String table = ".plots .panel:nth-child(" + i + ") .as-table";
            browser.await("an open table", () -> {
                if (browser.count(table + "[open]") == 0) { // the charts may have moved it from under the pointer
                    browser.click(table + " summary");
                }
                return browser.count(table + "[open]") == 1;
            });
            browser.await("rows", () -> browser.count(table + " tbody tr") >= 2);
            assertThat(browser.text(table + " tbody tr:first-child th")).matches("\\d\\d:\\d\\d:\\d\\d.*");
        }
        assertThat(browser.count("#closes tbody tr")).isEqualTo(CloseReason.Cause.values().length);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void showsTheLoadThatItSends() {
        browser.click("#load button");

        browser.await("requests", () -> figure("requests").matches("[1-9][0-9,]*/s"));
        browser.await("WebSockets", () -> number(figure("connections")) > 40);
        browser.await("a latency", () -> figure("p99").endsWith("s"));
        browser.await("the end", () -> browser.count("#load button:disabled") == 0);
        browser.await("connections that were closed", () -> browser.count("#closes tbody tr:not(.none)") > 0);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void legendTakesTheColourOfAnAlarmWithItsLine() throws Exception {
        assertThat(markerOfFailures()).isEqualTo(colour("--waiting"));

        assertThat(tour.post("/topics/publish?topic=numbers.test", "1").statusCode())
                .isEqualTo(503); // neither server runs yet

        browser.await("a marker of alarm", () -> markerOfFailures().equals(colour("--bad")));
        assertThat(browser.complaints()).isEmpty();
    }

    private static String markerOfFailures() {
        return (String) browser.script("""
                const row = [...document.querySelectorAll(".u-legend tr")].find(row => row.textContent.startsWith("5xx"));
                return getComputedStyle(row.querySelector(".u-marker")).borderTopColor""");
    }

    /** One of the page's colours, as the browser writes it. */
    private static String colour(String name) {
        return (String) browser.script("document.body.style.outlineColor = 'var(" + name + ")';"
                + " return getComputedStyle(document.body).outlineColor");
    }

    @Test
    void fitsANarrowScreen() {
        browser.resize(500, 900); // no browser window is narrower; the page is, with its margins
        browser.script("document.documentElement.style.width = '340px'");

        browser.await("charts and a page that have shrunk", () -> browser.script(
                        "return [...document.querySelectorAll('.plot canvas')].every(c => c.clientWidth < 340)"
                                + " && document.body.scrollWidth <= 340")
                .equals(true));
    }

    @Test
    void goesOnWhenTheServerComesBack() throws Exception {
        int port = tour.server.port();
        tour.close();
        browser.await("the loss", () -> browser.text("#state").startsWith("Lost"));
        assertThat(opacity(".tiles")).isLessThan(0.6);
        assertThat(opacity(".plots")).isLessThan(0.6);

        tour = new Site(new Tour(), port);

        browser.await("live figures again", () -> browser.text("#state").equals("Live"));
        assertThat(opacity(".tiles")).isEqualTo(1);
    }

    private static double opacity(String selector) {
        return Double.parseDouble(
                (String) browser.script("return getComputedStyle(document.querySelector('" + selector + "')).opacity"));
    }

    private String figure(String name) {
        return browser.text("[data-figure=" + name + "]");
    }

    private static int number(String text) {
        return text.matches("[0-9,]+") ? Integer.parseInt(text.replace(",", "")) : 0;
    }
}
