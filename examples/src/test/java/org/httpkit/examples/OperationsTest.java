package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.httpkit.server.CloseReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server's own figures, as the stream tells them. */
class OperationsTest {
    private static final Pattern STATUSES = Pattern.compile("\"responses\":\\[([^]]*)]");
    private static final Pattern CLOSE = Pattern.compile("\"([A-Z_]+)\":(\\d+)");

    private Site tour;
    private BufferedReader stream;

    @BeforeEach
    void open() throws Exception {
        tour = new Site(new Tour());
        HttpResponse<InputStream> response =
                tour.client().send(tour.request("/operations/figures").build(), BodyHandlers.ofInputStream());
        assertThat(Site.contentType(response)).isEqualTo("text/event-stream");
        stream = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
    }

    @AfterEach
    void close() throws IOException {
        stream.close();
        tour.close();
    }

    private String next(String type) throws IOException {
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.equals("event: " + type)) {
                return stream.readLine().substring("data: ".length());
            }
        }
        throw new AssertionError("The stream has ended before an event of type " + type);
    }

    @Test
    void beginsWithThoseOfTheLastMinutes() throws Exception {
        assertThat(next("history")).matches("\\[(\\{.*})?]");
        String seen = next("figures");

        HttpResponse<InputStream> later =
                tour.client().send(tour.request("/operations/figures").build(), BodyHandlers.ofInputStream());
        try (BufferedReader second = new BufferedReader(new InputStreamReader(later.body(), UTF_8))) {
            assertThat(second.lines().filter(line -> line.startsWith("data: [")).findFirst())
                    .hasValueSatisfying(history -> assertThat(history).contains(seen));
        }
    }

    @Test
    void countsAnswersByStatusAndTellsHowLongTheyTook() throws Exception {
        for (int i = 0; i < 20; i++) {
            tour.get("/hello");
            tour.get("/nothing");
        }

        boolean fine = false;
        boolean refused = false;
        boolean timed = false;
        while (!fine || !refused || !timed) {
            String figures = next("figures");
            MatchResult statuses =
                    STATUSES.matcher(figures).results().findFirst().orElseThrow();
            String[] rates = statuses.group(1).split(",");
            fine |= Double.parseDouble(rates[0]) > 0;
            refused |= Double.parseDouble(rates[2]) > 0;
            timed |= figures.matches(".*\"latency\":\\[\\d+\\.\\d+,.*");
            assertThat(rates[3]).isEqualTo("0.0");
        }
    }

    @Test
    void leavesOutOfTheLatenciesWhatWaitsByDesign() throws Exception {
        next("figures");
        assertThat(next("figures")).endsWith("\"latency\":null,\"parts\":null}"); // although this stream runs
    }

    @Test
    void tellsEveryCloseCause() throws Exception {
        List<String> causes = CLOSE.matcher(next("closes"))
                .results()
                .map(close -> close.group(1))
                .toList();

        assertThat(causes)
                .containsExactly(Stream.of(CloseReason.Cause.values())
                        .map(CloseReason.Cause::name)
                        .toArray(String[]::new));
    }

    @Test
    void servesTheLibraryThatDrawsAndNothingElseOfItsJar() throws Exception {
        HttpResponse<String> script = tour.get("/webjars/uplot/uPlot.iife.min.js");

        assertThat(Site.contentType(script)).isEqualTo("text/javascript");
        assertThat(script.body()).contains("uPlot");
        assertThat(Site.contentType(tour.get("/webjars/uplot/uPlot.min.css"))).isEqualTo("text/css");
        for (String other : List.of("", "nothing.js", "../package.json", "%2e%2e/package.json", "uPlot.d.ts")) {
            assertThat(tour.get("/webjars/uplot/" + other).statusCode())
                    .as(other)
                    .isEqualTo(404);
        }
    }
}
