package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.httpkit.topics.Topics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each example of the tour answers through a real server. */
class TourTest {
    private static Site tour;

    @BeforeAll
    static void start() throws Exception {
        tour = new Site(new Tour());
    }

    @AfterAll
    static void stop() {
        tour.close();
    }

    @Test
    void helloGreetsTheNameInTheQuery() throws Exception {
        assertThat(tour.get("/hello").body()).isEqualTo("Hello, HTTP!");
        assertThat(tour.get("/hello?name=Ada%20L.").body()).isEqualTo("Hello, Ada L.!");
    }

    @Test
    void jsonNamesTheJavaVersion() throws Exception {
        HttpResponse<String> response = tour.get("/json");

        assertThat(Site.contentType(response)).isEqualTo("application/json");
        assertThat(response.body())
                .startsWith("{\"java\": " + Runtime.version().feature() + ",")
                .endsWith("}\n");
    }

    @Test
    void protocolTellsByWhichTheRequestCame() throws Exception {
        assertThat(tour.get("/protocol").body()).isEqualTo("version = HTTP/1.1\nencryption = none\n");
    }

    @Test
    void formIsEchoedFieldByField() throws Exception {
        assertThat(tour.post("/form", "dish=Cr%C3%A8me+br%C3%BBl%C3%A9e&with=coffee&with=tea+%26+milk")
                        .body())
                .isEqualTo("dish = Crème brûlée\nwith = coffee, tea & milk\n");
    }

    @Test
    void uploadMayBeLargerThanACollectedBody() throws Exception {
        byte[] file = new byte[10_000_000];
        new Random(1).nextBytes(file);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));

        assertThat(tour.send("POST", "/upload", BodyPublishers.ofByteArray(file))
                        .body())
                .isEqualTo("size = 10000000\nsha-256 = " + digest + "\n");
    }

    @Test
    void downloadIsSavedUnderTheFilesName() throws Exception {
        HttpResponse<String> response = tour.get("/download");

        assertThat(response.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename=\"postcard.svg\"");
        assertThat(Site.contentType(response)).isEqualTo("image/svg+xml");
        assertThat(response.body()).endsWith("</svg>\n");
    }

    @Test
    void largeSendsAsManyMegabytesAsAsked() throws Exception {
        HttpResponse<InputStream> response =
                tour.client().send(tour.request("/large?mb=40").build(), BodyHandlers.ofInputStream());

        try (InputStream body = response.body()) {
            assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(40L << 20);
        }
    }

    @Test
    void largeRefusesASizeThatIsNone() throws Exception {
        assertThat(tour.get("/large").statusCode()).isEqualTo(400);
        assertThat(tour.get("/large?mb=0").statusCode()).isEqualTo(400);
        assertThat(tour.get("/large?mb=1000").statusCode()).isEqualTo(400);
    }

    @Test
    void tickerSendsItsFirstLineLongBeforeItsLast() throws Exception {
        HttpResponse<InputStream> response =
                tour.client().send(tour.request("/ticker").build(), BodyHandlers.ofInputStream());

        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("10");
            long first = System.nanoTime();
            assertThat(lines.lines()).hasSize(10).endsWith("1", "Lift-off!");
            assertThat(System.nanoTime() - first).isGreaterThan(TimeUnit.SECONDS.toNanos(2));
        }
    }

    @Test
    void blockingHandlersDoNotWaitForEachOther() {
        long began = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> answers = Stream.generate(
                        () -> tour.client().sendAsync(tour.request("/blocking").build(), BodyHandlers.ofString()))
                .limit(20)
                .toList();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().body()).startsWith("Slept 250 ms on "));
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.MILLISECONDS.toNanos(20 * 250));
    }

    @Test
    void laterAnswersAllWhoWaitWhenNewsCome() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> waiting = Stream.generate(
                        () -> tour.client().sendAsync(tour.request("/later").build(), BodyHandlers.ofString()))
                .limit(3)
                .toList();

        // Those who wait may reach the server after the first news.
        int told = 0;
        while (told < 3) {
            String answer = tour.post("/later", "news").body();
            told += Integer.parseInt(answer.replaceAll("\\D", ""));
        }

        assertThat(waiting)
                .allSatisfy(answer -> assertThat(answer.join().body()).isEqualTo("news"));
    }

    @Test
    void echoSaysBackTextAndBytes() throws Exception {
        try (Talk talk = new Talk(tour, "/echo")) {
            talk.say("grüezi");
            talk.say(new byte[] {0, 1});

            assertThat(talk.hear()).isEqualTo("grüezi");
            assertThat(talk.hear()).isEqualTo(new byte[] {0, 1});
        }
    }

    @Test
    void chatReachesWebSocketsStreamsAndPollsWhicheverWayItIsSaid() throws Exception {
        try (Topics topics = room();
                Site room = new Site(new Chat(topics));
                Talk talk = new Talk(room, "/?after=all");
                BufferedReader stream = stream(room, "/?after=all")) {
            room.post("/", "Ada: by post");
            assertThat(talk.hear()).isEqualTo("Ada: by post");
            assertThat(line(stream)).isEqualTo("Ada: by post");
            String id = room.get("/?after=all")
                    .headers()
                    .firstValue("Last-Event-ID")
                    .orElseThrow();
            CompletableFuture<HttpResponse<String>> poll =
                    room.client().sendAsync(room.request("/?after=" + id).build(), BodyHandlers.ofString());
            talk.say("Bob: by socket");

            assertThat(talk.hear()).isEqualTo("Bob: by socket");
            assertThat(line(stream)).isEqualTo("Bob: by socket");
            assertThat(poll.get(30, TimeUnit.SECONDS).body()).endsWith("\"data\":\"Bob: by socket\"}\n");
        }
    }

    @Test
    void chatTellsTheLinesThatWereMissedMeanwhile() throws Exception {
        try (Topics topics = room();
                Site room = new Site(new Chat(topics))) {
            room.post("/", "Ada: hello");
            String id = room.get("/?after=all")
                    .headers()
                    .firstValue("Last-Event-ID")
                    .orElseThrow();
            room.post("/", "Bob: hello");

            assertThat(room.get("/?after=" + id).body()).contains("Bob: hello").doesNotContain("Ada");
            try (Talk talk = new Talk(room, "/?after=" + id);
                    BufferedReader stream = stream(room, "/?after=all", "Last-Event-ID", id)) {
                assertThat(talk.hear()).isEqualTo("Bob: hello");
                assertThat(line(stream)).isEqualTo("Bob: hello");
            }
        }
    }

    @Test
    void chatTakesOneLineOfThreeHundredCharactersAtMost() throws Exception {
        try (Topics topics = room();
                Site room = new Site(new Chat(topics))) {
            assertThat(room.post("/", "x".repeat(300)).statusCode()).isEqualTo(204);
            for (String text : List.of("", " ", "two\nlines", "x".repeat(301))) {
                assertThat(room.post("/", text).statusCode()).as(text).isEqualTo(400);
            }
            try (Talk talk = new Talk(room, "/?after=all")) {
                assertThat(talk.hear()).isEqualTo("x".repeat(300));
                talk.say("two\nlines");
                talk.say("one line");
                assertThat(talk.hear()).isEqualTo("one line");
            }
        }
    }

    /** The data of the next event that has any. */
    private static String line(BufferedReader stream) {
        return stream.lines()
                .filter(line -> line.startsWith("data: "))
                .findFirst()
                .orElseThrow()
                .substring("data: ".length());
    }

    private static Topics room() {
        return Topics.builder().keep(50, Duration.ofMinutes(5)).build();
    }

    @Test
    void clockGivesEachSecondAnIdAndMakesUpForThoseMissed() throws Exception {
        long lost = Instant.now().getEpochSecond() - 3;
        try (BufferedReader stream = stream(tour, "/clock", "Last-Event-ID", "" + lost)) {
            List<String> expected = new ArrayList<>();
            for (long second = lost + 1; second <= lost + 5; second++) {
                expected.add("id: " + second);
                expected.add("data: " + Instant.ofEpochSecond(second));
            }
            assertThat(events(stream, 5)).isEqualTo(expected);
        }
    }

    @Test
    void clockHangsUpWhenTold() throws Exception {
        try (Site site = new Site(new Clock());
                BufferedReader stream = stream(site, "/")) {
            events(stream, 1);

            assertThat(site.post("/", "").body()).isEqualTo("Hung up on 1\n");
            assertThat(stream.lines()).noneMatch(line -> line.startsWith("event"));
        }
    }

    @Test
    void longPollIsAnsweredOnceWhatIsKnownIsOutOfDate() throws Exception {
        try (Site site = new Site(new LongPoll())) {
            assertThat(site.get("/").body()).isEqualTo("0");
            CompletableFuture<HttpResponse<String>> poll =
                    site.client().sendAsync(site.request("/?known=0").build(), BodyHandlers.ofString());

            assertThat(site.post("/", "").body()).isEqualTo("1");
            assertThat(poll.get(30, TimeUnit.SECONDS).body()).isEqualTo("1");
        }
    }

    @Test
    void broadcastReachesAll() throws Exception {
        try (Talk one = new Talk(tour, "/broadcast");
                Talk other = new Talk(tour, "/broadcast")) {
            other.say("other"); // a client has its handshake before it is in the room, but is there once it is heard
            assertThat(other.hear()).isEqualTo("other");
            one.say("hello all");

            assertThat(other.hear()).isEqualTo("hello all");
            Object first = one.hear();
            assertThat(first.equals("other") ? one.hear() : first).isEqualTo("hello all");
        }
    }

    private static BufferedReader stream(Site site, String path, String... headers) throws Exception {
        HttpRequest.Builder request = site.request(path).header("Accept", "text/event-stream");
        HttpResponse<InputStream> response = site.client()
                .send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofInputStream());
        assertThat(Site.contentType(response)).isEqualTo("text/event-stream");
        return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
    }

    /** The ids and data of the next events. */
    private static List<String> events(BufferedReader stream, int count) {
        return stream.lines()
                .filter(line -> line.startsWith("id: ") || line.startsWith("data: "))
                .limit(2L * count)
                .toList();
    }

    @Test
    void anotherMethodIsRefusedWithTheAllowedOnes() throws Exception {
        HttpResponse<String> response = tour.send("DELETE", "/later", BodyPublishers.noBody());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, POST, OPTIONS");
    }

    @Test
    void unknownPathIsNotFound() throws Exception {
        assertThat(tour.get("/nothing").statusCode()).isEqualTo(404);
        assertThat(tour.get("/page/nothing.css").statusCode()).isEqualTo(404);
        assertThat(tour.get("/page/").statusCode()).isEqualTo(404);
    }

    @Test
    void noPathLeadsOutOfTheFolderOfFiles() throws Exception {
        for (String path : List.of("/page/../index.html", "/page/%2e%2e/index.html", "/page//etc/passwd")) {
            assertThat(tour.get(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void suitesFindTheRoutesOfTheProbe() throws Exception {
        assertThat(tour.post("/echo", "there and back").body()).isEqualTo("there and back");
        assertThat(tour.get("/ws").statusCode()).isEqualTo(426);
        assertThat(tour.get("/status?code=204").statusCode()).isEqualTo(204);
        assertThat(tour.get("/nothing").statusCode()).isEqualTo(404);
    }
}
