package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two servers with the same topics behind a real HAProxy, joined by a real Redis; each is a process, and one is killed. */
@PlainText("the servers are programs that speak it")
@Tag("foreign")
@Tag("once")
class TopicsBehindHaproxyTest extends ServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path shared;

    private static Certificate certificate;

    @TempDir
    Path folder;

    private final Map<String, Daemon> servers = new HashMap<>();
    private BehindHaproxy haproxy;

    /** The ways to listen. */
    enum Way {
        EVENTS,
        WEBSOCKET,
        POLL
    }

    @BeforeEach
    void start() throws Exception {
        Daemon.installed("haproxy");
        Broker broker = closeLater(Broker.start(Broker.Kind.REDIS, folder, 10_000));
        if (certificate == null) {
            certificate = Certificate.make(shared);
        }
        int portA = server("a", broker);
        int portB = server("b", broker);
        haproxy = closeLater(BehindHaproxy.start(
                folder,
                certificate,
                portA,
                portB,
                // Polls, too, go to one server and the other in turn.
                sample -> sample.with("balance leastconn", "balance roundrobin")));
        Awaitility.await().atMost(PATIENCE).until(() -> haproxy.isUp("a") && haproxy.isUp("b"));
    }

    private int server(String name, Broker broker) throws Exception {
        int port = Daemon.freePort();
        Daemon daemon = closeLater(Daemon.start(
                folder,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TopicsProgram.class.getName(),
                name,
                "" + port,
                broker.address()));
        servers.put(name, daemon);
        daemon.awaitPort(port);
        return port;
    }

    /** Publishes at one server and the other in turn, as HAProxy decides; returns the servers' names. */
    private Set<String> publish(int first, int last) throws IOException {
        Set<String> by = new TreeSet<>();
        RawClient client = closeLater(RawClient.connect(haproxy.port)).patience(PATIENCE);
        for (int number = first; number <= last; number++) {
            RawResponse response = client.send(post("/", "" + number)).read();
            assertThat(response.status()).isEqualTo(200);
            by.add(response.text());
        }
        return by;
    }

    private static List<Integer> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    @ParameterizedTest
    @EnumSource
    void clientsHearBothServersAndGoOnAtTheOtherWithoutAGapWhenOneIsKilled(Way way) throws Exception {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(client(way));
        }
        assertThat(publish(1, 20)).as("who published").containsExactly("a", "b");
        Set<String> at = new TreeSet<>();
        for (Client client : clients) {
            client.hearUpTo(20);
            at.add(client.server);
        }
        assertThat(at).as("who served").containsExactly("a", "b");

        for (Client client : clients) {
            client.listen();
        }
        awaitListeners(clients.size());
        servers.get("a").kill();
        assertThat(publish(21, 40)).containsExactly("b");
        for (Client client : clients) {
            client.hearUpTo(40);
            assertThat(client.heard).as("once, in order, without a gap").isEqualTo(numbers(1, 40));
            assertThat(client.server).isEqualTo("b");
        }
    }

    /** Waits until the servers know of so many listeners. */
    private void awaitListeners(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> closeLater(RawClient.connect(haproxy.port))
                .send(get("/listeners"))
                .read()
                .text()
                .equals("" + count));
    }

    private Client client(Way way) throws IOException {
        Client client =
                switch (way) {
                    case EVENTS -> new EventClient();
                    case WEBSOCKET -> new WebSocketClient();
                    case POLL -> new PollClient();
                };
        client.connect();
        return client;
    }

    /** Listens through HAProxy; when the connection ends, it comes back with the id of the last message. */
    private abstract class Client {
        final List<Integer> heard = new ArrayList<>();
        String last = "all";
        String server = "";

        abstract void connect() throws IOException;

        /** Begins to wait at a server; only polls have to. */
        void listen() throws IOException {}

        /** Reads on, for some messages or none. */
        abstract void read() throws IOException;

        void hearUpTo(int number) throws IOException {
            long untilNanos = System.nanoTime() + PATIENCE.toNanos();
            while (heard.isEmpty() || heard.get(heard.size() - 1) < number) {
                assertThat(System.nanoTime()).as("in time: " + heard).isLessThan(untilNanos);
                try {
                    read();
                } catch (IOException e) {
                    connect();
                }
            }
        }

        void message(String id, String text) {
            last = id;
            heard.add(Integer.parseInt(text));
        }

        RawClient open() throws IOException {
            return closeLater(RawClient.connect(haproxy.port)).patience(PATIENCE);
        }
    }

    private final class EventClient extends Client {
        private static final Pattern EVENT = Pattern.compile("(?:: live\n)?id: (\\S+)\n(?:data: (\\d+)\n)?\n");
        private final StringBuilder received = new StringBuilder();
        private RawClient client;

        @Override
        void connect() throws IOException {
            received.setLength(0);
            client = open();
            client.send(get("/?after=all", "Accept: text/event-stream", "Last-Event-ID: " + last));
            RawResponse head = client.readHead();
            assertThat(head.status()).isEqualTo(200);
            server = head.field("X-Served-By");
        }

        @Override
        void read() throws IOException {
            byte[] chunk = client.readChunk();
            if (chunk == null) {
                throw new IOException("The stream has ended");
            }
            received.append(new String(chunk, StandardCharsets.UTF_8));
            Matcher event = EVENT.matcher(received);
            int end = 0;
            while (event.find()) {
                assertThat(event.start()).as("nothing else in " + received).isEqualTo(end);
                end = event.end();
                if (event.group(2) != null) {
                    message(event.group(1), event.group(2));
                }
            }
            received.delete(0, end);
        }
    }

    private final class WebSocketClient extends Client {
        private RawWebSocket socket;

        @Override
        void connect() throws IOException {
            socket = RawWebSocket.open(open(), "/?after=" + last, "Sec-WebSocket-Protocol: httpkit.topics");
            server = socket.handshake().field("X-Served-By");
        }

        @Override
        void read() throws IOException {
            RawWebSocket.Frame frame = socket.read();
            if (frame.opcode() == RawWebSocket.PING) {
                socket.pong(frame.text());
                return;
            }
            assertThat(frame.opcode()).as(frame.text()).isEqualTo(RawWebSocket.TEXT);
            String[] parts = frame.text().split("[ \n]");
            if (parts[0].equals("message")) {
                message(parts[2], parts[3]);
            } else {
                assertThat(parts[0]).isEqualTo("live");
            }
        }
    }

    private final class PollClient extends Client {
        private static final Pattern LINE =
                Pattern.compile("\\{\"topic\":\"a\",\"id\":\"(\\S+?)\",\"data\":\"(\\d+)\"}\n");
        private RawClient client;
        private boolean listening;

        @Override
        void connect() throws IOException {
            client = open();
        }

        @Override
        void listen() throws IOException {
            client.send(get("/?after=" + last));
            listening = true;
        }

        @Override
        void read() throws IOException {
            if (!listening) {
                listen();
            }
            listening = false;
            RawResponse answer = client.read();
            assertThat(answer.status()).as(answer.text()).isIn(200, 204);
            server = answer.field("X-Served-By");
            Matcher line = LINE.matcher(answer.text());
            int end = 0;
            while (line.find()) {
                end = line.end();
                message(line.group(1), line.group(2));
            }
            assertThat(end)
                    .as("nothing else in " + answer.text())
                    .isEqualTo(answer.text().length());
            last = answer.field("Last-Event-ID");
        }
    }
}
