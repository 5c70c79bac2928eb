package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page is whole: what it links, loads and shows is there, and all of it comes from the tour itself. */
class TourPageTest {
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
    private static final Pattern IMPORT = Pattern.compile("from \"\\./([^\"]+)\"");
    private static final Pattern SOURCE = Pattern.compile("data-file=\"([^\"]+)\"");
    private static final Pattern EXAMPLE = Pattern.compile("data-example=\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]+)\"");

    private static Site tour;
    private static String page;
    private static String operations;
    private static String topics;

    @BeforeAll
    static void start() throws Exception {
        tour = new Site(new Tour());
        page = tour.get("/").body();
        operations = tour.get("/operations").body();
        topics = tour.get("/topics").body();
    }

    @AfterAll
    static void stop() {
        tour.close();
    }

    @Test
    void everyLinkLeadsSomewhereOnTheTour() throws Exception {
        everyLinkLeadsSomewhere(page);
        everyLinkLeadsSomewhere(operations);
        everyLinkLeadsSomewhere(topics);
    }

    private static void everyLinkLeadsSomewhere(String page) throws Exception {
        Set<String> ids = Set.copyOf(all(ID, page));
        for (String link : all(LINK, page)) {
            if (link.startsWith("#")) {
                assertThat(ids).contains(link.substring(1));
            } else {
                assertThat(link).startsWith("/");
                HttpResponse<InputStream> response =
                        tour.client().send(tour.request(link).build(), BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    if (!Site.contentType(response).equals("text/event-stream")) { // which has no end
                        body.transferTo(OutputStream.nullOutputStream());
                    }
                }
                assertThat(response.statusCode()).as(link).isEqualTo(200);
            }
        }
    }

    @Test
    void everyModuleThatAScriptImportsIsThere() throws Exception {
        Deque<String> open = new ArrayDeque<>(List.of("tour.js", "operations.js", "topics.js"));
        Set<String> seen = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            String module = open.pop();
            if (seen.add(module)) {
                HttpResponse<String> script = tour.get("/page/" + module);
                assertThat(script.statusCode()).as(module).isEqualTo(200);
                assertThat(Site.contentType(script)).startsWith("text/javascript");
                open.addAll(all(IMPORT, script.body()));
            }
        }
        assertThat(seen).hasSizeGreaterThan(1);
    }

    @Test
    void everyCardShowsTheSourceOfItsExample() throws Exception {
        List<String> sources = new ArrayList<>(all(SOURCE, page));
        sources.addAll(all(SOURCE, operations));
        sources.addAll(all(SOURCE, topics));
        assertThat(sources).hasSizeGreaterThanOrEqualTo(all(EXAMPLE, page).size());
        for (String source : sources) {
            assertThat(tour.get("/source/" + source).body())
                    .contains("package org.httpkit.examples;", source.replace(".java", ""));
        }
    }

    @Test
    void everyCardHasAnExampleInTheScript() throws Exception {
        String script = tour.get("/page/examples.js").body();
        Matcher listed = Pattern.compile("EXAMPLES = \\{([^}]*)}").matcher(script);
        assertThat(listed.find()).isTrue();
        assertThat(listed.group(1).trim().split(",\\s*")).containsExactlyElementsOf(all(EXAMPLE, page));
    }

    @Test
    void nothingComesFromAnotherSite() throws Exception {
        for (String path : List.of("/", "/operations")) {
            assertThat(tour.get(path).headers().firstValue("Content-Security-Policy"))
                    .contains("default-src 'self'");
        }
        for (String file : List.of("/", "/operations", "/page/tour.css", "/page/trial.css", "/page/operations.css")) {
            assertThat(tour.get(file).body()).doesNotContain("http://", "https://", "@import");
        }
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
