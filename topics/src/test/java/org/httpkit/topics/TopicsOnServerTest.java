package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Topics over real connections, in each way in which a client can listen. */
class TopicsOnServerTest {
    private static final String PROTOCOL = "Sec-WebSocket-Protocol: httpkit.topics";

    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Topics topics = Topics.builder()
            .keep(10, Duration.ofMinutes(1))
            .presenceInterval(Duration.ofMillis(10))
            .permission((request, topic) -> !topic.startsWith("secret"))
            .build();
    private Subscription wish = Subscription.to("a");

    @AfterEach
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        topics.close();
    }

    // ---- WebSocket

    @Test
    void sendsMessagesAloneToWebSocketsWithoutTheProtocol() throws Exception {
        HttpServer server = start();
        RawWebSocket one = webSocket(server);
        RawWebSocket two = webSocket(server);
        awaitListeners("a", 2);
        topics.publish("a", Message.text("grüß Gott"));
        topics.publish("a", Message.binary(new byte[] {1, 2}));
        for (RawWebSocket client : List.of(one, two)) {
            assertThat(client.readMessage().text()).isEqualTo("grüß Gott");
            RawWebSocket.Frame binary = client.readMessage();
            assertThat(binary.opcode()).isEqualTo(RawWebSocket.BINARY);
            assertThat(binary.payload()).containsExactly(1, 2);
        }
        one.close(1000, "");
        assertThat(one.readClose().closeCode()).isEqualTo(1000);
        awaitListeners("a", 1);
    }

    @Test
    void speaksTheProtocolWithWebSocketsThatOfferIt() throws Exception {
        wish = Subscription.to("a").onMessage((channel, message) -> received.add(message));
        RawWebSocket client = webSocket(start(), PROTOCOL);
        assertThat(client.handshake().field("Sec-WebSocket-Protocol")).isEqualTo("httpkit.topics");
        String epoch = epochOf(client.readMessage().text(), "live ", 0);
        topics.publish("a", Message.text("one"));
        assertThat(client.readMessage().text()).isEqualTo("message a " + epoch + "-1\none");
        client.text("subscribe b secret.c");
        assertThat(client.readMessage().text()).isEqualTo("live " + epoch + "-1");
        assertThat(client.readMessage().text()).isEqualTo("refused secret.c");
        topics.publish("b", Message.binary(new byte[] {'x'}));
        assertThat(client.readMessage())
                .matches(frame -> frame.opcode() == RawWebSocket.BINARY)
                .extracting(RawWebSocket.Frame::text)
                .isEqualTo("message b " + epoch + "-2\nx");
        client.text("unsubscribe b");
        awaitListeners("b", 0);
        topics.publish("b", Message.text("not for it"));
        topics.publish("a", Message.text("four"));
        assertThat(client.readMessage().text()).isEqualTo("message a " + epoch + "-4\nfour");
        client.text("send for you  all\n");
        assertThat(received.take()).isEqualTo("for you  all\n");
        client.text("hello");
        assertThat(client.readClose().closeCode()).isEqualTo(1008);
    }

    @Test
    void resumesAWebSocketWhereItWas() throws Exception {
        wish = Subscription.to();
        HttpServer server = start();
        MessageId first = publish("a", "one");
        publish("b", "two");
        publish("c", "three");
        publish("a", "four");
        RawWebSocket client = webSocket(server, PROTOCOL);
        client.text("resume " + first + " a b");
        assertThat(client.readMessage().text()).isEqualTo("message b " + first.epoch() + "-2\ntwo");
        assertThat(client.readMessage().text()).isEqualTo("message a " + first.epoch() + "-4\nfour");
        assertThat(client.readMessage().text()).isEqualTo("live " + first.epoch() + "-4");
        client.text("resume 12345-1 c");
        assertThat(client.readMessage().text()).isEqualTo("stale c");
        assertThat(client.readMessage().text()).isEqualTo("live " + first.epoch() + "-4");
    }

    @Test
    void takesMessagesOfWebSocketsWithoutTheProtocolToTheApplication() throws Exception {
        wish = Subscription.to("a").onMessage((channel, message) -> received.add(message));
        RawWebSocket client = webSocket(start());
        client.text("subscribe b");
        assertThat(received.take()).isEqualTo("subscribe b");
        client.binary(new byte[] {7});
        assertThat((byte[]) received.take()).containsExactly(7);
        assertThat(topics.presence("b").here()).isZero();
    }

    // ---- server-sent events

    @Test
    void sendsEventsWithIdsAndGoesOnBehindTheLastOne() throws Exception {
        HttpServer server = start();
        RawClient client = events(server);
        String epoch = epochOf(chunk(client), ": live\nid: ", 0);
        MessageId one = publish("a", "one\ntwo");
        assertThat(chunk(client)).isEqualTo("id: " + epoch + "-1\ndata: one\ndata: two\n\n");
        client.close();
        awaitListeners("a", 0);
        publish("a", "missed");
        RawClient back = events(server, "Last-Event-ID: " + one);
        assertThat(chunk(back)).isEqualTo("id: " + epoch + "-2\ndata: missed\n\n");
        assertThat(chunk(back)).isEqualTo(": live\nid: " + epoch + "-2\n\n");
        publish("a", "three");
        assertThat(chunk(back)).isEqualTo("id: " + epoch + "-3\ndata: three\n\n");
    }

    @Test
    void namesTheTopicInEventsOfSeveral() throws Exception {
        wish = Subscription.to("a", "b");
        RawClient client = events(start());
        String epoch = epochOf(chunk(client), ": live\nid: ", 0);
        topics.publish("b", Message.text("one"));
        assertThat(chunk(client)).isEqualTo("id: " + epoch + "-1\nevent: b\ndata: one\n\n");
    }

    @Test
    void saysStaleInAnEventOfItsOwn() throws Exception {
        HttpServer server = start();
        MessageId first = publish("a", "m");
        for (int i = 0; i < 15; i++) {
            publish("a", "m");
        }
        RawClient client = events(server, "Last-Event-ID: " + first);
        assertThat(chunk(client)).isEqualTo("event: stale\ndata: a\n\n");
        assertThat(chunk(client)).isEqualTo(": live\nid: " + first.epoch() + "-16\n\n");
    }

    @Test
    void sendsEventsOverHttp2() throws Exception {
        topics.publish("a", Message.text("one"));
        wish = wish.withHistory(true);
        try (RawHttp2 client = RawHttp2.connect(start())) {
            int id = client.get("/", "accept", "text/event-stream");
            RawHttp2.Answer answer = client.awaitHead(id);
            assertThat(answer.field("content-type")).isEqualTo("text/event-stream");
            while (!answer.text().contains(": live\nid: ")) {
                client.read();
            }
            assertThat(answer.text()).startsWith("id: ").contains("data: one\n\n");
            topics.publish("a", Message.text("two"));
            while (!answer.text().endsWith("data: two\n\n")) {
                client.read();
            }
        }
    }

    @Test
    void tellsHowManyListenToThoseWhoWantToKnow() throws Exception {
        wish = Subscription.to("a").presence(true);
        HttpServer server = start();
        RawClient client = events(server);
        assertThat(chunk(client)).startsWith(": live\n");
        assertThat(chunk(client)).isEqualTo("event: presence\ndata: a 1 1\n\n");
        RawWebSocket other = webSocket(server);
        assertThat(chunk(client)).isEqualTo("event: presence\ndata: a 2 2\n\n");
        other.close();
        assertThat(chunk(client)).isEqualTo("event: presence\ndata: a 1 1\n\n");
        assertThat(topics.presence("a")).isEqualTo(new Presence(1, 1));
    }

    // ---- silence

    @Test
    void sendsLiveAgainOnAStreamThatIsSilent() throws Exception {
        topics = Topics.builder()
                .keep(10, Duration.ofMinutes(1))
                .keepAliveInterval(Duration.ofMillis(100))
                .build();
        HttpServer server = start();
        RawClient client = events(server);
        String epoch = epochOf(chunk(client), ": live\nid: ", 0);
        assertThat(chunk(client)).isEqualTo(": live\nid: " + epoch + "-0\n\n");
        publish("b", "of another topic");
        String next = chunk(client);
        while (next.equals(": live\nid: " + epoch + "-0\n\n")) {
            next = chunk(client);
        }
        assertThat(next).isEqualTo(": live\nid: " + epoch + "-1\n\n");
        RawClient lines = open(RawClient.connect(server));
        lines.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        lines.readHead();
        for (int i = 0; i < 3; i++) {
            assertThat(chunk(lines)).isEqualTo("{\"live\":\"" + epoch + "-1\"}\n");
        }
    }

    @Test
    void isNotSilentOnAStreamThatWaitsForTheLog() throws Exception {
        topics = Topics.builder()
                .backplane(() -> {
                    throw new IOException("nobody listens at port 1");
                })
                .keepAliveInterval(Duration.ofMillis(100))
                .build();
        HttpServer server = start();
        RawClient client = events(server);
        RawClient lines = open(RawClient.connect(server));
        lines.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        lines.readHead();
        for (int i = 0; i < 3; i++) {
            assertThat(chunk(client)).isEqualTo(":\n\n");
            assertThat(chunk(lines)).isEqualTo(" ");
        }
    }

    @Test
    void acceptsNoSillyInterval() {
        assertThatThrownBy(() -> Topics.builder().keepAliveInterval(Duration.ofMillis(99)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("99");
        assertThatThrownBy(() -> Topics.builder().keepAliveInterval(Duration.ofDays(2)))
                .isInstanceOf(IllegalArgumentException.class);
        Topics.builder().keepAliveInterval(Duration.ZERO).build().close();
    }

    // ---- polls and streams

    @Test
    void countsNoPollThatHasItsAnswer() throws Exception {
        RawClient client = open(RawClient.connect(start()));
        publish("a", "kept");
        for (int i = 0; i < 100; i++) {
            assertThat(poll(client, "all").status()).isEqualTo(200);
            assertThat(topics.presence("a").here()).isZero();
        }
    }

    @Test
    void answersAPollWithWhatWasMissedAndElseWithTheNextMessage() throws Exception {
        HttpServer server = start();
        publish("a", "one \"quoted\"");
        topics.publish("a", Message.binary(new byte[] {1, 2, 3}));
        RawClient client = open(RawClient.connect(server));
        RawResponse missed = poll(client, "all");
        String id = missed.field("Last-Event-ID");
        assertThat(id).endsWith("-2");
        String epoch = String.valueOf(id).substring(0, String.valueOf(id).length() - 2);
        assertThat(missed.text())
                .isEqualTo("{\"topic\":\"a\",\"id\":\"" + epoch + "-1\",\"data\":\"one \\\"quoted\\\"\"}\n"
                        + "{\"topic\":\"a\",\"id\":\"" + epoch + "-2\",\"base64\":\"AQID\"}\n");
        client.send("GET /?after=" + id + " HTTP/1.1\r\nHost: a\r\n\r\n");
        awaitListeners("a", 1);
        publish("a", "three");
        RawResponse next = client.read();
        assertThat(next.text()).isEqualTo("{\"topic\":\"a\",\"id\":\"" + epoch + "-3\",\"data\":\"three\"}\n");
        assertThat(next.field("Last-Event-ID")).isEqualTo(epoch + "-3");
        awaitListeners("a", 0);
    }

    @Test
    void answersAPollInVainWith204AndWhereToGoOn() throws Exception {
        wish = Subscription.to("a").pollTimeout(Duration.ofMillis(50));
        publish("b", "one");
        RawClient client = open(RawClient.connect(start()));
        RawResponse answer = poll(client, "");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.field("Last-Event-ID")).endsWith("-1");
        wish = Subscription.to("a");
        publish("a", "two");
        assertThat(poll(client, String.valueOf(answer.field("Last-Event-ID"))).text())
                .contains("\"two\"");
        assertThat(poll(client, "0-7").text()).isEqualTo("{\"stale\":\"a\"}\n");
    }

    @Test
    void answersAPollInPiecesIfVeryMuchWasMissed() throws Exception {
        HttpServer server = start();
        for (int i = 0; i < 4; i++) {
            publish("a", "x".repeat(400_000));
        }
        RawClient client = open(RawClient.connect(server));
        RawResponse first = poll(client, "all");
        assertThat(first.text().lines()).hasSize(3);
        assertThat(first.field("Last-Event-ID")).endsWith("-3");
        assertThat(poll(client, String.valueOf(first.field("Last-Event-ID")))
                        .text()
                        .lines())
                .hasSize(1);
    }

    @Test
    void streamsLinesToOtherClients() throws Exception {
        RawClient client = open(RawClient.connect(start()));
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.readHead().field("Content-Type")).isEqualTo("application/x-ndjson");
        String epoch = epochOf(chunk(client).replace("\"}", ""), "{\"live\":\"", 0);
        publish("a", "one");
        assertThat(chunk(client)).isEqualTo("{\"topic\":\"a\",\"id\":\"" + epoch + "-1\",\"data\":\"one\"}\n");
    }

    @Test
    void sendsTheFieldsOfTheOptionsInEachWayOfListening() throws Exception {
        Headers fields = Headers.of("Access-Control-Allow-Origin", "*");
        wish = Subscription.to("a")
                .channel(ChannelOptions.DEFAULT.headers(fields))
                .pollTimeout(Duration.ofMillis(50));
        HttpServer server = start();
        assertThat(webSocket(server).handshake().field("Access-Control-Allow-Origin"))
                .isEqualTo("*");
        for (String accept : List.of("text/event-stream", "*/*")) {
            RawClient client = open(RawClient.connect(server));
            client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: " + accept + "\r\n\r\n");
            assertThat(client.readHead().field("Access-Control-Allow-Origin")).isEqualTo("*");
        }
        RawClient poller = open(RawClient.connect(server));
        RawResponse inVain = poll(poller, "");
        assertThat(inVain.status()).isEqualTo(204);
        assertThat(inVain.field("Access-Control-Allow-Origin")).isEqualTo("*");
        publish("a", "one");
        RawResponse answer = poll(poller, "all");
        assertThat(answer.text()).contains("one");
        assertThat(answer.field("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    // ---- refusals

    @Test
    void refusesWhatThePermissionRefusesAndWhatIsNoName() throws Exception {
        wish = Subscription.to("a", "secret");
        assertThat(status(start())).isEqualTo(403);
        wish = Subscription.to("a b");
        assertThat(status(start())).isEqualTo(400);
        wish = Subscription.to("stale");
        assertThat(status(start())).isEqualTo(400);
        wish = Subscription.to();
        assertThat(status(start())).isEqualTo(400);
    }

    @Test
    void replaysNothingToThoseWhoMayNotListen() throws Exception {
        publish("secret", "hidden");
        RawWebSocket client = webSocket(start(), PROTOCOL);
        client.readMessage();
        client.text("resume all secret");
        assertThat(client.readMessage().text()).isEqualTo("refused secret");
    }

    @Test
    void refusesWhatASubscriptionDoesNotAllow() throws Exception {
        wish = Subscription.to("a").allowing(topic -> topic.equals("a"));
        RawWebSocket client = webSocket(start(), PROTOCOL);
        client.readMessage();
        client.text("subscribe b");
        assertThat(client.readMessage().text()).isEqualTo("refused b");
        wish = Subscription.to("b").allowing(topic -> topic.equals("a"));
        assertThat(status(start())).isEqualTo(403);
    }

    @Test
    void refusesMoreTopicsThanAChannelMayHave() throws Exception {
        topics = Topics.builder().maxSubscriptions(2).build();
        RawWebSocket client = webSocket(start(), PROTOCOL);
        client.readMessage();
        client.text("subscribe b c");
        assertThat(client.readMessage().text()).isEqualTo("refused b");
        assertThat(client.readMessage().text()).isEqualTo("refused c");
        client.text("subscribe b c d");
        assertThat(client.readClose().closeCode()).isEqualTo(1008);
    }

    @Test
    void answersARequestForMoreTopicsThanThereMayBe() throws Exception {
        topics = Topics.builder().maxTopics(1).build();
        HttpServer server = start();
        webSocket(server, PROTOCOL).readMessage();
        wish = Subscription.to("b");
        for (String request :
                List.of("GET / HTTP/1.1\r\nAccept: text/event-stream", "GET / HTTP/1.1", "GET /?after= HTTP/1.1")) {
            RawClient client = open(RawClient.connect(server));
            RawResponse refusal = client.send(request + "\r\nHost: a\r\n\r\n").read();
            assertThat(refusal.status()).as(request).isEqualTo(503);
            assertThat(refusal.field("Retry-After")).isEqualTo("1");
        }
        assertThat(webSocket(server).readClose().closeCode()).isEqualTo(1013);
    }

    @Test
    void endsAWebSocketThatNamesATopicTooLong() throws Exception {
        RawWebSocket client = webSocket(start(), PROTOCOL);
        client.readMessage();
        client.text("subscribe " + "b".repeat(200));
        assertThat(client.readMessage().text()).startsWith("live ");
        client.text("subscribe b " + "c".repeat(201));
        assertThat(client.readClose().closeCode()).isEqualTo(1008);
    }

    @Test
    void refusesMessagesThatAreTooLongOrTooMany() throws Exception {
        topics = Topics.builder().maxMessageBytes(3).build();
        assertThatThrownBy(() -> topics.publish("a", Message.text("four")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3");
        assertThatThrownBy(() -> topics.publish("a b", Message.text("x"))).isInstanceOf(IllegalArgumentException.class);
        topics.close();
        assertThatThrownBy(() -> publish("a", "x"))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(status(start())).isEqualTo(503);
    }

    @Test
    void closesItsChannelsAtTheEnd() throws Exception {
        HttpServer server = start();
        RawWebSocket client = webSocket(server);
        RawClient poll = open(RawClient.connect(server));
        poll.send("GET /?after= HTTP/1.1\r\nHost: a\r\n\r\n");
        awaitListeners("a", 2);
        wish = Subscription.to();
        RawWebSocket idle = webSocket(server, PROTOCOL);
        publish("a", "last");
        topics.close();
        assertThat(idle.readClose().closeCode()).isEqualTo(1001);
        assertThat(client.readMessage().text()).isEqualTo("last");
        assertThat(client.readClose().closeCode()).isEqualTo(1001);
        assertThat(poll.read().status()).isEqualTo(200);
    }

    // ---- slow clients

    @Test
    void closesASlowClientAndServesTheOthers() throws Exception {
        HttpServer server = open(HttpServer.builder()
                .maxQueuedBytes(300_000)
                .port(0)
                .handler(request -> topics.subscribe(request, wish))
                .start());
        RawWebSocket slow = open(RawWebSocket.open(RawClient.connect(server.port(), 4096), "/"));
        RawWebSocket quick = webSocket(server);
        awaitListeners("a", 2);
        String text = "x".repeat(100_000);
        for (int i = 0; topics.presence("a").here() == 2; i++) {
            publish("a", text);
            assertThat(quick.readMessage().payload()).hasSize(100_000);
            assertThat(i).isLessThan(1000);
        }
        publish("a", "still here");
        assertThat(quick.readMessage().text()).isEqualTo("still here");
        slow.close();
    }

    @Test
    void sendsASlowClientTheLatestWhenItHasCaughtUp() throws Exception {
        wish = Subscription.to("a").whenSlow(WhenSlow.LATEST);
        HttpServer server = start();
        RawWebSocket slow = open(RawWebSocket.open(RawClient.connect(server.port(), 4096), "/", PROTOCOL));
        slow.readMessage();
        MessageId last = publishMuch();
        List<String> seen = new ArrayList<>();
        while (seen.isEmpty() || !seen.get(seen.size() - 1).endsWith("-" + last.offset())) {
            String head = slow.readMessage().text().split("\n")[0];
            assertThat(head).startsWith("message a ");
            seen.add(head);
        }
        assertThat(seen.size()).isBetween(2, (int) last.offset() - 1);
        publish("a", "next");
        assertThat(slow.readMessage().text()).endsWith("\nnext");
    }

    @Test
    void tellsASlowClientHowMuchItHasSkipped() throws Exception {
        wish = Subscription.to("a").whenSlow(WhenSlow.SKIP);
        HttpServer server = start();
        RawWebSocket slow = open(RawWebSocket.open(RawClient.connect(server.port(), 4096), "/", PROTOCOL));
        slow.readMessage();
        long published = publishMuch().offset();
        long got = 0;
        long skipped = 0; // once or more often: what the system takes meanwhile may make room for a few in between
        while (got + skipped < published) {
            String head = slow.readMessage().text().split("\n")[0];
            if (head.startsWith("skipped")) {
                skipped += Long.parseLong(head.substring("skipped a ".length()));
            } else {
                got++;
            }
        }
        assertThat(got + skipped).isEqualTo(published);
        assertThat(skipped).isPositive();
        publish("a", "next");
        assertThat(slow.readMessage().text()).endsWith("\nnext");
        assertThat(topics.stats().skipped()).isEqualTo(skipped);
    }

    @Test
    void replaysMoreThanASlowClientMayHaveWaiting() throws Exception {
        topics = Topics.builder().keep(1000, Duration.ofMinutes(1)).build();
        HttpServer server = open(HttpServer.builder()
                .maxQueuedBytes(300_000)
                .port(0)
                .handler(request -> topics.subscribe(request, wish))
                .start());
        for (int i = 0; i < 300; i++) {
            publish("a", "x".repeat(30_000));
        }
        RawClient client = open(RawClient.connect(server.port(), 4096));
        client.send("GET /?after=all HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
        client.readHead();
        StringBuilder all = new StringBuilder();
        while (!all.toString().endsWith("-300\n\n") || !all.toString().contains(": live")) {
            all.append(chunk(client));
        }
        assertThat(all.toString().split("data: ")).hasSize(301);
    }

    /** Publishes until a client that reads nothing is surely behind. */
    private MessageId publishMuch() {
        MessageId last = publish("a", "first");
        for (int i = 0; i < 200; i++) {
            last = publish("a", "x".repeat(50_000));
        }
        return last;
    }

    // ---- threads

    @Test
    void showsAllClientsOneOrderOfWhatManyPublish() throws Exception {
        topics = Topics.builder().keep(10, Duration.ofMinutes(1)).build();
        HttpServer server = start();
        List<RawWebSocket> clients = List.of(webSocket(server), webSocket(server), webSocket(server));
        awaitListeners("a", 3);
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String name = "p" + i + ".";
            Thread publisher = new Thread(() -> {
                for (int n = 0; n < 250; n++) {
                    publish("a", name + n);
                }
            });
            publisher.start();
            publishers.add(publisher);
        }
        List<String> first = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            first.add(clients.get(0).readMessage().text());
        }
        assertThat(first).doesNotHaveDuplicates();
        assertThat(first.stream().filter(text -> text.startsWith("p1.")).toList())
                .isSortedAccordingTo(java.util.Comparator.comparingInt(text -> Integer.parseInt(text.substring(3))));
        for (RawWebSocket client : clients.subList(1, 3)) {
            for (String text : first) {
                assertThat(client.readMessage().text()).isEqualTo(text);
            }
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }
        assertThat(topics.stats().published()).isEqualTo(1000);
        await().untilAsserted(() -> assertThat(topics.stats().delivered()).isEqualTo(3000));
    }

    // ---- what the tests share

    private HttpServer start() throws IOException {
        return open(HttpServer.start(0, request -> topics.subscribe(request, wish)));
    }

    private <T extends AutoCloseable> T open(T what) {
        opened.add(what);
        return what;
    }

    private RawWebSocket webSocket(HttpServer server, String... fieldLines) throws IOException {
        return open(RawWebSocket.open(server, "/", fieldLines));
    }

    private RawClient events(HttpServer server, String... fieldLines) throws IOException {
        RawClient client = open(RawClient.connect(server));
        StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n");
        for (String line : fieldLines) {
            head.append(line).append("\r\n");
        }
        client.send(head.append("\r\n").toString());
        assertThat(client.readHead().field("Content-Type")).isEqualTo("text/event-stream");
        return client;
    }

    private static RawResponse poll(RawClient client, String after) throws IOException {
        client.send("GET /?after=" + after + " HTTP/1.1\r\nHost: a\r\n\r\n");
        return client.read();
    }

    private int status(HttpServer server) throws IOException {
        RawClient client = open(RawClient.connect(server));
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return client.read().status();
    }

    private static String chunk(RawClient client) throws IOException {
        byte[] chunk = client.readChunk();
        assertThat(chunk).isNotNull();
        return new String(chunk, UTF_8);
    }

    private MessageId publish(String topic, String text) {
        return topics.publish(topic, Message.text(text)).toCompletableFuture().join();
    }

    private void awaitListeners(String topic, int count) {
        await().untilAsserted(() -> assertThat(topics.presence(topic).here()).isEqualTo(count));
    }

    private static String epochOf(String text, String before, long offset) {
        assertThat(text).startsWith(before);
        String id = text.substring(before.length()).strip();
        assertThat(id).endsWith("-" + offset);
        return id.substring(0, id.indexOf('-'));
    }
}
