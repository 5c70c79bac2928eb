package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.httpkit.server.ChannelOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes that outside suites rely on. */
class ProbeTest {
    private static Site probe;

    @BeforeAll
    static void start() throws Exception {
        probe = new Site(new ProbeHandler(ChannelOptions.DEFAULT.anyOrigin()));
    }

    @AfterAll
    static void stop() {
        probe.close();
    }

    @Test
    void plaintextAndJsonAreTheUsualOnes() throws Exception {
        HttpResponse<String> plaintext = probe.get("/plaintext");
        HttpResponse<String> json = probe.get("/json");

        assertThat(plaintext.body()).isEqualTo("Hello, World!");
        assertThat(Site.contentType(plaintext)).isEqualTo("text/plain");
        assertThat(json.body()).isEqualTo("{\"message\":\"Hello, World!\"}");
        assertThat(Site.contentType(json)).isEqualTo("application/json");
    }

    @Test
    void echoSendsTheBodyBack() throws Exception {
        assertThat(probe.post("/echo", "grüezi").body()).isEqualTo("grüezi");
        assertThat(probe.post("/echo", "").body()).isEmpty();
    }

    @Test
    void bytesAreAsManyAsAskedFor() throws Exception {
        for (int length : new int[] {0, 1, 1000, 3 << 20, 10}) {
            assertThat(probe.get("/bytes/" + length).body()).hasSize(length);
        }
    }

    @Test
    void bigIsStreamed() throws Exception {
        HttpResponse<String> response = probe.get("/big?mb=3");

        assertThat(response.body()).hasSize(3 << 20);
        assertThat(response.headers().firstValue("Content-Length")).isEmpty();
    }

    @Test
    void slowAndSleepBlockAsLongAsAsked() throws Exception {
        for (String path : new String[] {"/slow?ms=200", "/sleep/200"}) {
            long began = System.nanoTime();
            assertThat(probe.get(path).statusCode()).isEqualTo(200);
            assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        }
        assertThat(probe.get("/slow?ms=soon").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 299, 304, 404, 503, 599})
    void statusIsTheOneAskedFor(int code) throws Exception {
        HttpResponse<String> response = probe.get("/status?code=" + code);

        assertThat(response.statusCode()).isEqualTo(code);
        assertThat(response.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bytes/67108865",
                "/bytes/x",
                "/bytes/9999999999",
                "/big?mb=1025",
                "/big?mb=-1",
                "/big",
                "/status",
                "/status?code=199",
                "/status?code=600"
            })
    void numberOutOfBoundsIsABadRequest(String path) throws Exception {
        assertThat(probe.get(path).statusCode()).isEqualTo(400);
    }

    @Test
    void anythingElseIsNotFound() throws Exception {
        assertThat(probe.get("/nothing").statusCode()).isEqualTo(404);
        assertThat(probe.post("/nothing", "").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /", "PUT /json", "get /", "GET /echo", "DELETE /echo", "FOOBAR /bytes/1"})
    void anotherMethodIsRefusedWithTheAllowedOnes(String methodAndPath) throws Exception {
        String[] words = methodAndPath.split(" ", 2);

        HttpResponse<String> response = probe.send(words[0], words[1], BodyPublishers.noBody());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow"))
                .contains(words[1].equals("/echo") ? "POST, OPTIONS" : "GET, HEAD, OPTIONS");
    }

    @Test
    void optionsTellsWhatIsAllowed() throws Exception {
        HttpResponse<String> response = probe.send("OPTIONS", "/json", BodyPublishers.noBody());

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
    }

    @Test
    void webSocketSaysBackWhatItIsTold() throws Exception {
        try (Talk talk = new Talk(probe, "/ws")) {
            talk.say("grüezi");
            talk.say(new byte[] {1, 2, 3});

            assertThat(talk.hear()).isEqualTo("grüezi");
            assertThat(talk.hear()).isEqualTo(new byte[] {1, 2, 3});
        }
    }

    @Test
    void whatOneSaysOnTheBroadcastIsHeardByAll() throws Exception {
        try (Talk one = new Talk(probe, "/bcast");
                Talk other = new Talk(probe, "/bcast")) {
            one.say("one"); // a client has its handshake before it is in the room, but is there once it is heard
            assertThat(one.hear()).isEqualTo("one");
            other.say("hello all");
            assertThat(one.hear()).isEqualTo("hello all");
            Object first = other.hear();
            assertThat(first.equals("one") ? other.hear() : first).isEqualTo("hello all");

            other.say(new byte[] {7});
            assertThat(one.hear()).isEqualTo(new byte[] {7});
            assertThat(other.hear()).isEqualTo(new byte[] {7});
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/bcast"})
    void whoAsksForNoWebSocketIsToldToUpgrade(String path) throws Exception {
        HttpResponse<String> response = probe.get(path);

        assertThat(response.statusCode()).isEqualTo(426);
        assertThat(response.headers().firstValue("Upgrade")).contains("websocket");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void webSocketIsCompressedIfTheProbeAgreesTo(boolean deflate) throws Exception {
        try (Site site = new Site(
                        new ProbeHandler(ChannelOptions.DEFAULT.anyOrigin().deflate(deflate)));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), site.server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("""
                    GET /ws HTTP/1.1\r
                    Host: localhost\r
                    Origin: https://elsewhere.example\r
                    Connection: Upgrade\r
                    Upgrade: websocket\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r
                    Sec-WebSocket-Extensions: permessage-deflate\r
                    \r
                    """.getBytes(US_ASCII));

            BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            List<String> head = Stream.generate(() -> line(reader))
                    .takeWhile(line -> !line.isEmpty())
                    .toList();
            assertThat(head.get(0)).startsWith("HTTP/1.1 101 ");
            assertThat(head.stream().anyMatch(line -> line.startsWith("Sec-WebSocket-Extensions: permessage-deflate")))
                    .isEqualTo(deflate);
        }
    }

    private static String line(BufferedReader reader) {
        try {
            return String.valueOf(reader.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void headHasTheLengthOfGet() throws Exception {
        HttpResponse<String> response = probe.send("HEAD", "/plaintext", BodyPublishers.noBody());

        assertThat(response.headers().firstValue("Content-Length")).contains("13");
        assertThat(response.body()).isEmpty();
    }
}
