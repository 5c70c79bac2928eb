package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import org.httpkit.server.Response;
import org.httpkit.web.Routes;
import org.httpkit.web.StaticFiles;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the pages say in a real browser when their server is lost or fails. Skipped where there is none. */
@Tag("long")
@Tag("once")
class LossInBrowserTest {
    private static final String SENTENCE = "The server does not answer. Check that it still runs, then try again.";

    private static Browser browser;
    private Site site;

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
    void requireBrowser() {
        assumeTrue(browser != null, "chromium or chromedriver is not on the PATH");
    }

    @AfterEach
    void nothingWasLeftUncaught() {
        if (site != null) {
            assertThat(browser.complaints()).noneMatch(complaint -> complaint.contains("Uncaught"));
            browser.open("about:blank");
            browser.complaints(); // of the server that has gone
            site.close();
        }
    }

    private void open(String path) throws Exception {
        site = new Site(new Tour());
        browser.open("http://localhost:" + site.server.port() + path);
    }

    @Test
    void everyTrialSaysThatTheServerDoesNotAnswer() throws Exception {
        open("/");
        browser.await("the page's first answer", () -> browser.count("#hello .status") == 1);
        browser.click("#chat [name=way]");
        browser.await("the chat", () -> browser.count("#chat .presence[data-is=connected]") == 1);
        site.close();

        browser.click("#hello form button");
        awaitText("#hello .answer", SENTENCE);
        browser.click("#later [name=wait]");
        awaitText("#later .waiting", SENTENCE);
        browser.click("#counter [name=watch]");
        awaitText("#counter .waiting", SENTENCE);
        browser.click("#clock [name=cut]");
        awaitText("#clock .answer", SENTENCE);
        browser.click("#echo form button");
        awaitText("#echo .answer", "The WebSocket could not be opened. Check that the server still runs");
        awaitText("#chat .presence", "WebSocket: lost; tries again each second");
        browser.click("#chat form button");
        awaitText("#chat .answer", "The WebSocket is not open. The page opens it again");
    }

    @Test
    void sourceThatCouldNotBeReadIsReadWhenItIsOpenedAgain() throws Exception {
        open("/");
        browser.await("the page's first answer", () -> browser.count("#hello .status") == 1);
        int port = site.server.port();
        site.close();
        browser.click(".together summary");
        awaitText(".together .source", "The source could not be read. " + SENTENCE);

        site = new Site(new Tour(), port);
        browser.click(".together summary");
        browser.click(".together summary");

        awaitText(".together .source", "final class Tour");
    }

    @Test
    void loadSaysThatTheServerDoesNotAnswer() throws Exception {
        open("/operations");
        browser.await("live figures", () -> browser.text("#state").equals("Live"));
        site.close();

        browser.click("#load button");

        awaitText("#load .trouble", SENTENCE);
        browser.await("a button that works", () -> browser.count("#load button:enabled") == 1);
        assertThat(browser.text("#load button")).isEqualTo("Send requests for 10 seconds");
    }

    @Test
    void topicsSayThatTheTourDoesNotAnswerAndThatItsServersAreNotReached() throws Exception {
        open("/topics");
        browser.await("six clients", () -> browser.count(".clients [data-is=connected]") == 6);
        site.close();

        awaitText("#trouble", SENTENCE);
        awaitText("[data-server=a] .presence", "not reached");
        awaitText("[data-server=b] .presence", "not reached");
        browser.click("#publish button");
        awaitText("#state", "Cannot publish");
        browser.click("[data-server=a] button");
        assertThat(browser.text("#trouble")).isEqualTo(SENTENCE);
    }

    @Test
    void topicsSayThatNoServerIsLeftToPublishAt() throws Exception {
        open("/topics");
        browser.await("six clients", () -> browser.count(".clients [data-is=connected]") == 6);
        browser.click("[data-server=a] button");
        awaitText("[data-server=a] .presence", "killed");
        browser.click("[data-server=b] button");
        awaitText("[data-server=b] .presence", "killed");

        browser.click("#publish button");

        awaitText("#trouble", "Neither server runs. Start one of them.");
        browser.click("[data-server=b] button");
        browser.await("nothing to complain of", () -> browser.text("#trouble").isEmpty());
    }

    @Test
    void tourOpensAlthoughTheServerFailsToTellItsFacts() throws Exception {
        Path files = Path.of(URI.create(
                Objects.requireNonNull(Tour.class.getResource("/tour/")).toString()));
        site = new Site(Routes.of()
                .get("/json", request -> Response.of(500))
                .get("/hello", new Hello())
                .get("/page/{path...}", StaticFiles.of(files.resolve("page")))
                .get("/{path...}", StaticFiles.of(files)));
        browser.open("http://localhost:" + site.server.port() + "/");

        browser.await("the page's first answer", () -> browser.count("#hello .status") == 1);
        assertThat(browser.text("#facts"))
                .isEqualTo("The server answered with 500. Try again; if that repeats, look at the server's log.");
    }

    private static void awaitText(String selector, String text) {
        browser.await(text + " in " + selector, () -> browser.text(selector).contains(text));
    }
}
