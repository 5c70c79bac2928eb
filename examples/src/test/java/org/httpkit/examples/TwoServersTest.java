package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour's two servers with the same topics, of which one may be killed. */
class TwoServersTest {
    private static final String TOPIC = "numbers.test";

    private static Site tour(String... arguments) throws Exception {
        return new Site(new Tour(), 0, arguments);
    }

    @Test
    void clientsGoOnAtTheOtherServerWhereTheyWereWhenOneIsKilled() throws Exception {
        try (Site tour = tour()) {
            List<String> ids;
            try (BufferedReader atA = listen(tour, "a", "all")) {
                publish(tour, 1, 3);
                List<String> events = events(atA, 3);
                assertThat(numbers(events)).containsExactly("1", "2", "3");
                ids = ids(events);
                try (BufferedReader atB = listen(tour, "b", "all")) {
                    events(atB, 3); // a server that has not read that far takes the client's id for a gap
                }
                assertThat(tour.post("/topics/a/kill", "").statusCode()).isEqualTo(204);
                assertThat(atA.lines().toList()).as("what comes behind it").doesNotContain("data: 4");
            }
            assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> listen(tour, "a", "all"));
            publish(tour, 4, 6);
            try (BufferedReader atB = listen(tour, "b", ids.get(2))) {
                publish(tour, 7, 7);
                assertThat(numbers(events(atB, 4))).containsExactly("4", "5", "6", "7");
            }
            assertThat(tour.post("/topics/a/start", "").statusCode()).isEqualTo(204);
            try (BufferedReader atA = listen(tour, "a", ids.get(1))) {
                assertThat(numbers(events(atA, 5))).containsExactly("3", "4", "5", "6", "7");
            }
        }
    }

    @Test
    void pageMaySpeakToBothServersAndToNoOther() throws Exception {
        try (Site tour = tour()) {
            String policy = tour.get("/topics")
                    .headers()
                    .firstValue("Content-Security-Policy")
                    .orElseThrow();
            int a = port(tour, "a");
            int b = port(tour, "b");
            assertThat(policy)
                    .isEqualTo("default-src 'self'; connect-src 'self' http://*:" + a + " ws://*:" + a + " http://*:"
                            + b + " ws://*:" + b);
            HttpResponse<InputStream> events = request(tour, "a", "all", "text/event-stream");
            events.body().close();
            assertThat(events.headers().firstValue("Access-Control-Allow-Origin"))
                    .contains("*");
        }
    }

    @Test
    void publishingSaysSoWhenNeitherServerRuns() throws Exception {
        try (Site tour = tour()) {
            publish(tour, 1, 1);
            for (String server : List.of("a", "b")) {
                tour.post("/topics/" + server + "/kill", "");
            }
            assertThat(tour.post("/topics/publish?topic=" + TOPIC, "2").statusCode())
                    .isEqualTo(503);
            assertThat(tour.get("/topics/servers").body()).doesNotContain("true");
            assertThat(tour.post("/topics/c/kill", "").statusCode()).isEqualTo(404);
            assertThat(tour.post("/topics/publish?topic=other", "2").statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void toursOnOneBrokerShareTheirTopics(@TempDir Path folder) throws Exception {
        Optional<Path> redis = Programs.onPath("redis-server");
        Assumptions.assumeTrue(redis.isPresent(), "redis-server is not installed");
        try (RedisServer broker = new RedisServer(redis.get(), folder);
                Site one = tour("--backplane", broker.url());
                Site other = tour("--backplane", broker.url())) {
            port(one, "a");
            try (BufferedReader atOther = listen(other, "b", "all")) {
                publish(one, 1, 3);
                assertThat(numbers(events(atOther, 3))).containsExactly("1", "2", "3");
            }
            assertThat(one.post("/chat", "Ada: over there").statusCode()).isEqualTo(204);
            assertThat(other.get("/chat?after=all").body()).contains("Ada: over there");
        }
    }

    private static void publish(Site tour, int first, int last) throws Exception {
        port(tour, "a");
        for (int number = first; number <= last; number++) {
            assertThat(tour.post("/topics/publish?topic=" + TOPIC, "" + number).statusCode())
                    .isEqualTo(200);
        }
    }

    /** Where the server is; the first question starts both. */
    private static int port(Site tour, String server) throws Exception {
        Matcher found = Pattern.compile("\"" + server + "\", \"port\": (\\d+)")
                .matcher(tour.get("/topics/servers").body());
        assertThat(found.find()).isTrue();
        return Integer.parseInt(found.group(1));
    }

    private static BufferedReader listen(Site tour, String server, String after) throws Exception {
        HttpResponse<InputStream> response = request(tour, server, after, "text/event-stream");
        assertThat(response.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
    }

    private static HttpResponse<InputStream> request(Site tour, String server, String after, String accept)
            throws Exception {
        URI address = URI.create("http://127.0.0.1:" + port(tour, server) + "/" + TOPIC + "?after=" + after);
        return tour.client()
                .send(
                        HttpRequest.newBuilder(address)
                                .timeout(Duration.ofSeconds(30))
                                .header("Accept", accept)
                                .build(),
                        BodyHandlers.ofInputStream());
    }

    /** The lines of the next events, without those that say where it is live. */
    private static List<String> events(BufferedReader stream, int count) throws Exception {
        List<String> lines = new ArrayList<>();
        while (lines.size() < 2 * count) {
            String line = stream.readLine();
            assertThat(line).as("the stream goes on").isNotNull();
            if (line.equals(": live")) {
                stream.readLine(); // its id
            } else if (!line.isEmpty()) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static List<String> numbers(List<String> events) {
        return values(events, "data: ");
    }

    private static List<String> ids(List<String> events) {
        return values(events, "id: ");
    }

    private static List<String> values(List<String> lines, String field) {
        return lines.stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()))
                .toList();
    }
}
