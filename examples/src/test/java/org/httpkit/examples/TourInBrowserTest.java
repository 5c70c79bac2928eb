package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page at work, in a real browser. Skipped where there is none. */
@Tag("long")
class TourInBrowserTest {
    private static Site tour;
    private static Browser browser;
    private static String page;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start().orElse(null);
        tour = new Site(new Tour());
        page = "http://localhost:" + tour.server.port() + "/";
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (tour != null) {
            tour.close();
        }
    }

    @BeforeEach
    void open() {
        assumeTrue(
                browser != null, "chromium or chromedriver is not on the PATH"); // here, so that each counts as skipped
        browser.open(page);
        browser.await("the page's first answer", () -> browser.count("#hello .status") == 1);
    }

    @AfterEach
    void nothingWasComplainedOf() {
        if (browser != null) {
            browser.closeOthers();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void pageShowsTheSourceOfEveryExample() {
        int cards = browser.count(".card");

        assertThat(cards).isGreaterThan(10);
        browser.await("the sources", () -> browser.count(".card .source:has(.keyword)") == cards);
    }

    @Test
    void sourceBeginsWithItsClassAndOpensItsImports() {
        String imports = "#hello .source .fold";
        browser.await("the source", () -> browser.count(imports) == 1);
        assertThat(browser.text("#hello .source pre:not([hidden])"))
                .startsWith("/** ")
                .contains("final class Hello");
        assertThat(browser.text(imports)).isEqualTo("Imports (3)");
        assertThat(browser.attributes(imports, "aria-expanded")).containsExactly("false");

        browser.click(imports);
        assertThat(browser.attributes(imports, "aria-expanded")).containsExactly("true");
        assertThat(browser.text("#hello .source .fold + pre:not([hidden])"))
                .contains("import org.httpkit.server.Response;");

        browser.click(imports);
        assertThat(browser.attributes(imports, "aria-expanded")).containsExactly("false");
        assertThat(browser.count("#hello .source pre:not([hidden])")).isEqualTo(1);
    }

    @Test
    void longSourceIsCutBehindAMember() {
        String first = "#clock .source pre:not([hidden])";
        String others = "#clock .source .fold:last-of-type";
        browser.await("the source", () -> browser.count(others) == 1);
        assertThat(browser.text(first))
                .contains("Response handle(Request request)")
                .endsWith("\n    }");
        assertThat(browser.text(others)).matches("The other \\d+ lines");

        browser.click(others);

        assertThat(browser.text("#clock .source .fold:last-of-type + pre:not([hidden])"))
                .startsWith("@Override")
                .endsWith("\n}");
    }

    @Test
    void trialStaysInViewBesideALongSource() {
        browser.click("#clock .source .fold:last-of-type");

        browser.script("scrollBy(0, document.querySelector('#clock .source').getBoundingClientRect().top + 300)");

        browser.await("the trial below the navigation", () -> browser.script(
                        "return document.querySelector('#clock .source').getBoundingClientRect().top < -200"
                                + " && Math.round(document.querySelector('#clock .about').getBoundingClientRect().top)"
                                + " === Math.round(3.5 * 16)")
                .equals(true));
    }

    @Test
    void navigationFollowsOnAPhone() {
        browser.resize(500, 900); // no browser window is narrower
        try {
            for (String example : List.of("counter", "hello", "broadcast")) {
                browser.script("document.getElementById('" + example + "').scrollIntoView()");

                browser.await("the link to " + example, () -> browser.attributes(".contents [aria-current]", "href")
                        .equals(List.of("#" + example)));
                browser.await("that link in view", () -> browser.script("""
                                const link = document.querySelector(".contents [aria-current]").getBoundingClientRect();
                                return link.left >= 0 && link.right <= document.documentElement.clientWidth && link.top >= 0""").equals(true));
            }
            assertThat(browser.script(
                            "return scrollX + document.body.scrollWidth - document.documentElement.clientWidth"))
                    .isEqualTo(0L);
        } finally {
            browser.resize(1280, 900);
        }
    }

    @Test
    void everyButtonShowsAStatus() {
        List<String> examples = browser.attributes("[data-example]", "id");
        browser.choose("#large [name=mb]", "64");
        for (String example : examples) {
            browser.click("#" + example + " form button:not([type])");
        }

        for (String example : examples) {
            String status = "#" + example + " .answer .status b";
            browser.await("a status of " + example, () -> browser.count(status) == 1);
            assertThat(browser.count(status + ".refused")).as(example).isZero();
        }
        browser.await("the end of each", () -> browser.count("form button:not([type]):disabled") == 0);
        assertThat(browser.count(".answer .refused, .verdict.wrong")).isZero();
    }

    @Test
    void webSocketEchoesTextAndBytes() {
        browser.type("#echo [name=text]", "grüezi");
        browser.click("#echo form button");
        browser.await("the text", () -> browser.count("#echo .answer pre") == 1);
        assertThat(browser.text("#echo .answer pre")).isEqualTo("grüezi");

        browser.choose("#echo [name=as]", "binary");
        browser.click("#echo form button");
        browser.await("the bytes", () -> browser.text("#echo .answer").contains("7 bytes: 67 72 c3 bc 65 7a 69"));
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, websocket",
        "polling, polling",
        "streaming, streaming",
        "websocket, polling",
        "polling, streaming"
    })
    void twoWindowsChat(String way, String otherWay) {
        String one = browser.window();
        enterChat(way, "Ada");
        String other = browser.openWindow(page);
        enterChat(otherWay, "Bob");

        browser.goTo(one);
        say("Is anybody here by " + otherWay + "?");
        browser.goTo(other);
        awaitLast("Ada Is anybody here by " + otherWay + "?");
        say("I am, and you by " + way + ".");
        browser.goTo(one);
        awaitLast("Bob I am, and you by " + way + ".");
    }

    private static void enterChat(String way, String name) {
        browser.click("#chat [name=way][value=" + way + "]");
        browser.type("#chat [name=name]", name);
        browser.await("the chat by " + way, () -> browser.count("#chat .presence[data-is=connected]") == 1);
    }

    private static void say(String text) {
        browser.type("#chat [name=text]", text);
        browser.click("#chat form button");
        browser.await("a status", () -> browser.text("#chat .answer").contains("heard after"));
    }

    private static void awaitLast(String line) {
        String last = "#chat .talk li:last-child";
        browser.await(line, () -> browser.count(last) == 1 && browser.text(last).equals(line));
    }

    @Test
    void clockTicksAndMakesUpForWhatWasMissed() {
        browser.click("#clock form button");
        browser.await("ticks", () -> browser.count("#clock .ticks li") >= 2);
        assertThat(browser.count("#clock .missed")).isZero();

        browser.click("#clock [name=cut]");
        browser.await("ticks that were missed", () -> browser.count("#clock .missed") >= 2);
    }

    @Test
    void counterIsTheSameInTwoWindows() {
        String one = browser.window();
        browser.click("#counter [name=watch]");
        String other = browser.openWindow(page);
        browser.click("#counter [name=watch]");
        browser.await("a count", () -> browser.text("#counter .dial").matches("\\d+"));
        int before = Integer.parseInt(browser.text("#counter .dial"));

        browser.goTo(one);
        browser.click("#counter form button:not([type])");
        browser.await("one more here", () -> browser.text("#counter .dial").equals("" + (before + 1)));
        browser.goTo(other);
        browser.await("one more there", () -> browser.text("#counter .dial").equals("" + (before + 1)));
    }

    @Test
    void fiftySocketsHearEachMessage() {
        browser.click("#broadcast form button");

        browser.await("the end", () -> browser.text("#broadcast .answer").contains("slowest"));
        assertThat(browser.text("#broadcast .status b")).isEqualTo("50 sockets");
        assertThat(browser.text("#broadcast .status")).contains("20 messages heard 1000 times");
        assertThat(browser.count("#broadcast .heard")).isEqualTo(1000);
    }
}
