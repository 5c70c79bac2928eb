package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page of topics on two servers, in a real browser. Skipped where there is none. */
@Tag("long")
@Tag("once")
class TopicsInBrowserTest {
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
        browser.open("http://localhost:" + tour.server.port() + "/topics");
        browser.await("three clients at each server", () -> clientsOf("a") == 3 && clientsOf("b") == 3);
        browser.click("#publish button");
        awaitAll(3);
    }

    @AfterEach
    void close() {
        if (tour != null) {
            browser.open("about:blank");
            browser.complaints(); // of the servers that were killed
            tour.close();
        }
    }

    @Test
    void clientsOfAKilledServerMoveToTheOtherWithoutAGap() {
        browser.click("[data-server=a] button");
        browser.await("all clients at B", () -> clientsOf("b") == 6);
        awaitAll(number("#published") + 3);
        assertThat(browser.text("[data-server=a] .presence")).isEqualTo("killed");

        browser.click("[data-server=a] button");
        browser.await("A runs", () -> browser.text("[data-server=a] .presence").startsWith("runs"));
        browser.click("[data-server=b] button");
        browser.await("all clients at A", () -> clientsOf("a") == 6);
        awaitAll(number("#published") + 3);

        assertThat(browser.count(".clients .moved")).isEqualTo(6);
        assertThat(number("#gaps")).isZero();
        assertThat(number("#doubles")).isZero();
    }

    private static int clientsOf(String server) {
        return browser.count("[data-server=" + server + "] .clients li");
    }

    private static int number(String selector) {
        return Integer.parseInt(browser.text(selector));
    }

    /** Waits until all clients have seen that number or a later one. */
    private static void awaitAll(int number) {
        browser.await("number " + number + " at all clients", () -> browser.script(
                        "return [...document.querySelectorAll('.clients .last')].filter(last => "
                                + "Number(last.textContent) >= " + number + ").length")
                .equals(6L));
    }
}
