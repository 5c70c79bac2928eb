package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be clicked is large enough (WCAG 2.5.8), in a real browser. Skipped where there is none. */
@Tag("long")
@Tag("once")
class TargetsInBrowserTest {

    /** The targets in view that are narrower or lower than 24 pixels. A label is part of its box; links in a sentence are exempt. */
    private static final String SMALL = """
            const isText = node => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "";
            const inSentence = each => each.matches("a") && [...each.parentNode.childNodes].some(isText);
            return [...document.querySelectorAll("a, button, input, select, summary, .u-legend th")]
                .filter(each => each.getClientRects().length > 0 && !inSentence(each))
                .map(each => each.matches("[type=checkbox], [type=radio]") ? each.closest("label") : each)
                .map(each => ({ each, box: each.getBoundingClientRect() }))
                .filter(({ box }) => Math.min(box.width, box.height) < 23.99)
                .map(({ each, box }) => `${each.outerHTML}: ${box.width} by ${box.height}`)""";

    private static Site tour;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start().orElse(null);
        tour = new Site(new Tour());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        tour.close();
    }

    @BeforeEach
    void requireBrowser() {
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
    }

    @ParameterizedTest
    @CsvSource({
        "1280, /, #hello .status",
        "500, /, #hello .status",
        "1280, /operations, .u-legend th",
        "500, /operations, .u-legend th",
        "1280, /topics, .clients [data-is=connected]",
        "500, /topics, .clients [data-is=connected]"
    })
    void everyTargetHasTwentyFourPixels(int width, String path, String sign) {
        browser.resize(width, 900);
        browser.open("http://localhost:" + tour.server.port() + path);
        browser.await("a page that is there", () -> browser.count(sign) > 0);
        browser.script("document.querySelectorAll('details').forEach(details => details.open = true)");
        browser.await("the sources", () -> browser.count(".source") == browser.count(".source:has(.keyword)"));

        assertThat((List<?>) browser.script(SMALL)).isEmpty();
    }
}
