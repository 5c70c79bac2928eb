package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that was away for half a minute, with a hundred messages a second, gets all of them for one request. */
class ResumeTest {
    private static final int MISSED = 3000;

    private final Topics topics =
            Topics.builder().keep(10_000, Duration.ofMinutes(5)).build();
    private HttpServer server;
    private MessageId seen;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.start(0, request -> topics.subscribe(request, "a"));
        seen = publish("seen");
        for (int i = 1; i <= MISSED; i++) {
            publish(text(i));
        }
    }

    @AfterEach
    void stop() {
        server.close();
        topics.close();
    }

    private static String text(int number) {
        return "x".repeat(100) + number;
    }

    private MessageId publish(String text) {
        return topics.publish("a", Message.text(text)).toCompletableFuture().join();
    }

    private static List<String> all() {
        return IntStream.rangeClosed(1, MISSED).mapToObj(ResumeTest::text).toList();
    }

    @Test
    void byServerSentEvents() throws Exception {
        try (RawClient client = RawClient.connect(server)) {
            client.send(
                    "GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: " + seen + "\r\n\r\n");
            client.readHead();
            StringBuilder received = new StringBuilder();
            while (received.indexOf(": live\n") < 0) {
                received.append(new String(client.readChunk(), UTF_8));
            }
            assertThat(received.toString()
                            .lines()
                            .filter(line -> line.startsWith("data: "))
                            .map(line -> line.substring(6)))
                    .isEqualTo(all());
        }
    }

    @Test
    void byWebSocket() throws Exception {
        try (RawWebSocket client =
                RawWebSocket.open(server, "/?after=" + seen, "Sec-WebSocket-Protocol: httpkit.topics")) {
            List<String> received = new ArrayList<>();
            String message = client.readMessage().text();
            while (!message.startsWith("live ")) {
                received.add(message.substring(message.indexOf('\n') + 1));
                message = client.readMessage().text();
            }
            assertThat(received).isEqualTo(all());
        }
    }

    @Test
    void byOnePoll() throws Exception {
        try (RawClient client = RawClient.connect(server)) {
            RawResponse answer = client.send("GET /?after=" + seen + " HTTP/1.1\r\nHost: a\r\n\r\n")
                    .read();
            assertThat(answer.isComplete()).isTrue();
            assertThat(answer.field("Last-Event-ID")).isEqualTo(new MessageId(seen.epoch(), MISSED + 1).toString());
            assertThat(answer.text().lines().map(line -> line.replaceAll(".*\"data\":\"(.*)\"}", "$1")))
                    .isEqualTo(all());
        }
    }

    @Test
    void byPollsThatMissNothingAndRepeatNothingWhileMoreIsPublished() throws Exception {
        int more = 2000;
        Thread publisher = new Thread(() -> {
            for (int i = MISSED + 1; i <= MISSED + more; i++) {
                publish(text(i));
            }
        });
        List<String> received = new ArrayList<>();
        try (RawClient client = RawClient.connect(server)) {
            String after = seen.toString();
            publisher.start();
            while (received.size() < MISSED + more) {
                RawResponse answer = client.send("GET /?after=" + after + " HTTP/1.1\r\nHost: a\r\n\r\n")
                        .read();
                answer.text()
                        .lines()
                        .map(line -> line.replaceAll(".*\"data\":\"(.*)\"}", "$1"))
                        .forEach(received::add);
                after = answer.field("Last-Event-ID");
            }
        } finally {
            publisher.join();
        }
        assertThat(received)
                .isEqualTo(IntStream.rangeClosed(1, MISSED + more)
                        .mapToObj(ResumeTest::text)
                        .toList());
    }
}
