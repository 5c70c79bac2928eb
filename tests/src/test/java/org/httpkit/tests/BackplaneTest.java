package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.BackplaneStats;
import org.httpkit.topics.MessageId;
import org.httpkit.topics.Topics;
import org.httpkit.topics.redis.RedisBackplane;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What topics of several servers promise, with each real broker that is installed, while it fails in each way. */
@Tag("foreign")
@Tag("once")
class BackplaneTest extends ServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How often the broker is killed, and how many messages are published in between. More makes a soak of it. */
    private static final int KILLS = Integer.getInteger("httpkit.topics.kills", 3);

    private static final int BETWEEN = Integer.getInteger("httpkit.topics.between", 50);

    @TempDir
    Path folder;

    private Broker broker;

    /** A server with its topics. */
    private record Site(Topics topics, HttpServer server) {}

    private Site site() throws IOException {
        return site(Topics.builder().keep(2000, Duration.ofMinutes(5)));
    }

    private Site site(Topics.Builder builder) throws IOException {
        Topics topics = closeLater(builder.backplane(broker.backplane()).build());
        return new Site(topics, serve(request -> topics.subscribe(request, "a")));
    }

    private void start(Broker.Kind kind) throws Exception {
        start(kind, 100_000);
    }

    private void start(Broker.Kind kind, int keep) throws Exception {
        broker = closeLater(Broker.start(kind, folder, keep));
    }

    /** A client that records what it receives, on a separate thread. */
    private final class Listener implements AutoCloseable {
        final Deque<String> heads =
                new ConcurrentLinkedDeque<>(); // takes as much as comes, unlike a list that is copied
        final Deque<Long> offsets = new ConcurrentLinkedDeque<>();
        final Map<Long, String> texts = new ConcurrentHashMap<>();
        private final RawWebSocket socket;
        private final Thread reader;

        Listener(Site site, String query) throws IOException {
            socket = RawWebSocket.open(site.server(), "/" + query, "Sec-WebSocket-Protocol: httpkit.topics");
            socket.client().patience(PATIENCE.multipliedBy(4));
            reader = new Thread(this::read);
            reader.start();
        }

        private void read() {
            try {
                while (true) {
                    RawWebSocket.Frame frame = socket.read();
                    if (frame.opcode() == RawWebSocket.PING) {
                        socket.pong(frame.text());
                        continue;
                    }
                    String[] parts = frame.text().split("\n", 2);
                    if (parts.length == 2) {
                        long offset = Long.parseLong(parts[0].substring(parts[0].lastIndexOf('-') + 1));
                        offsets.add(offset);
                        texts.put(offset, parts[1]); // what is waited for comes last
                    }
                    heads.add(parts[0]);
                }
            } catch (IOException | ClosedSelectorException e) {
                // It is over.
            }
        }

        void await(String head) {
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(heads)
                    .contains(head));
        }

        void awaitLive() {
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(heads)
                    .anyMatch(head -> head.startsWith("live ")));
        }

        String lastId() {
            String last = heads.getLast();
            return last.substring(last.lastIndexOf(' ') + 1);
        }

        long stale() {
            return heads.stream().filter(head -> head.startsWith("stale")).count();
        }

        @Override
        public void close() throws IOException {
            socket.close();
            boolean interrupted = false;
            while (reader.isAlive()) {
                try {
                    reader.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Listener listen(Site site, String query) throws IOException {
        Listener listener = closeLater(new Listener(site, query));
        listener.awaitLive();
        return listener;
    }

    private static MessageId publish(Site site, String text) {
        return site.topics()
                .publish("a", Message.text(text))
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    /** Publishes as soon as the broker takes it: the first attempts may find out that the connection is gone. */
    private static MessageId publishAtLast(Site site, String text) {
        AtomicReference<MessageId> id = new AtomicReference<>();
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            id.set(publish(site, text));
            return true;
        });
        return id.get();
    }

    @ParameterizedTest
    @EnumSource
    void bringsAllMessagesToAllServersInOneOrder(Broker.Kind kind) throws Exception {
        start(kind);
        List<Site> sites = List.of(site(), site(), site());
        List<Listener> listeners = new ArrayList<>();
        for (Site site : sites) {
            listeners.add(listen(site, ""));
        }
        Load load = new Load(sites);
        load.run(() -> load.acknowledged.size() < 600);
        load.expectAllAt(listeners);
        assertThat(listeners.get(0).offsets)
                .containsExactlyElementsOf(listeners.get(1).offsets)
                .containsExactlyElementsOf(listeners.get(2).offsets);
        assertThat(load.failed.get()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void goesOnAtAnotherServerWhereAClientWas(Broker.Kind kind) throws Exception {
        start(kind);
        Site one = site();
        Site two = site();
        Listener first = listen(one, "");
        MessageId seen = publish(two, "seen");
        first.await("message a " + seen);
        first.close();
        Listener witness = listen(two, "");
        MessageId missed = publish(one, "missed");
        witness.await("message a " + missed); // a server that has not read that far takes the client's id for a gap
        Site three = site(); // it was not there when that was published
        for (Site site : List.of(two, three)) {
            Listener back = listen(site, "?after=" + seen);
            assertThat(back.heads).hasSize(2).startsWith("message a " + missed);
            assertThat(back.texts.values()).containsExactly("missed");
        }
        assertThat(missed.epoch()).isEqualTo(seen.epoch());
        assertThat(missed.offset()).isGreaterThan(seen.offset());
    }

    @ParameterizedTest
    @EnumSource
    void serversThatStartOrRenewTogetherAgreeOnOneEpoch(Broker.Kind kind) throws Exception {
        start(kind);
        for (int round = 0; round < 20; round++) {
            Backplane log = broker.another("together-" + round);
            Set<String> first = epochs(log, session -> {});
            assertThat(first).hasSize(1);
            Set<String> second = epochs(log, Backplane.Session::renew);
            assertThat(second).isEqualTo(first);
            assertThat(epochs(log, session -> {})).hasSize(1).doesNotContainAnyElementsOf(first);
        }
    }

    private interface Act {
        void on(Backplane.Session session) throws IOException;
    }

    /** The epochs that servers find when they all open the log at a time, upon which they all do that. */
    private static Set<String> epochs(Backplane log, Act act) throws Exception {
        int servers = 6;
        CyclicBarrier together = new CyclicBarrier(servers);
        Set<String> epochs = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        ExecutorService threads = Executors.newFixedThreadPool(servers);
        try {
            for (int i = 0; i < servers; i++) {
                all.add(CompletableFuture.runAsync(
                        () -> {
                            try (Backplane.Session session = openWithOthers(log, together)) {
                                epochs.add(session.epoch());
                                together.await(30, TimeUnit.SECONDS);
                                act.on(session);
                            } catch (Exception e) {
                                failure.compareAndSet(null, e); // the others fail for want of this one
                                together.reset();
                                throw new CompletionException(e);
                            }
                        },
                        threads));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .handle((done, failed) -> done)
                    .get(60, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(failure.get()).isNull();
        return epochs;
    }

    private static Backplane.Session openWithOthers(Backplane log, CyclicBarrier together) throws Exception {
        together.await(30, TimeUnit.SECONDS);
        return log.open();
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhenTheBrokerIsKilled(Broker.Kind kind) throws Exception {
        start(kind);
        List<Site> sites = List.of(site(), site(), site());
        List<Listener> listeners =
                List.of(listen(sites.get(0), ""), listen(sites.get(1), ""), listen(sites.get(2), ""));
        Load load = new Load(sites);
        load.whileItRuns(() -> {
            for (int i = 0; i < KILLS; i++) {
                load.awaitMore(BETWEEN);
                broker.kill();
                broker.restart();
            }
            load.awaitMore(BETWEEN);
        });
        load.expectAllAt(listeners);
        for (Listener listener : listeners) {
            assertThat(listener.stale()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhenTheBrokerHangs(Broker.Kind kind) throws Exception {
        start(kind);
        List<Site> sites = List.of(site(), site());
        List<Listener> listeners = List.of(listen(sites.get(0), ""), listen(sites.get(1), ""));
        Load load = new Load(sites);
        load.whileItRuns(() -> {
            load.awaitMore(50);
            long before = sites.get(0).topics().backplaneStats().failures();
            broker.pause();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> sites.get(0).topics().backplaneStats().failures() > before);
            broker.resume();
            load.awaitMore(50);
        });
        load.expectAllAt(listeners);
        for (Listener listener : listeners) {
            assertThat(listener.stale()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesUpInTheMiddleOfRecordsIfTheBrokerHangs(Broker.Kind kind) throws Exception {
        start(kind);
        int more = 64 << 20; // than sockets hold
        List<byte[]> records = Collections.nCopies(more / 1_000_000, new byte[1_000_000]);
        try (Backplane.Session session = broker.backplane().open()) {
            broker.pause();
            assertThat(CompletableFuture.supplyAsync(() -> append(session, records)))
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(UncheckedIOException.class);
        }
    }

    private static List<Long> append(Backplane.Session session, List<byte[]> records) {
        try {
            return session.append(records);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesManyLongRecordsAtATime(Broker.Kind kind) throws Exception {
        start(kind);
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            records.add(new byte[i * 10_000]);
        }
        try (Backplane.Session session = broker.backplane().open()) {
            long last = session.last();
            List<Long> offsets = session.append(records);
            List<Backplane.Entry> there = new ArrayList<>();
            while (there.size() < records.size()) {
                there.addAll(session.read(last + there.size(), 100, Duration.ofSeconds(5)));
            }
            assertThat(offsets).hasSize(25);
            for (int i = 0; i < 25; i++) {
                assertThat(offsets.get(i))
                        .isEqualTo(last + 1 + i)
                        .isEqualTo(there.get(i).offset());
                assertThat(there.get(i).bytes()).hasSize(i * 10_000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysStaleOnceWhenTheBrokerHasLostEverything(Broker.Kind kind) throws Exception {
        start(kind);
        List<Site> sites = List.of(site(), site());
        List<Listener> listeners = List.of(listen(sites.get(0), ""), listen(sites.get(1), ""));
        MessageId before = publish(sites.get(0), "before");
        for (Listener listener : listeners) {
            listener.await("message a " + before);
        }
        broker.killAndWipe();
        broker.restart();
        for (Listener listener : listeners) {
            listener.await("stale a");
        }
        MessageId behind = publishAtLast(sites.get(1), "behind");
        assertThat(behind.epoch()).isNotEqualTo(before.epoch());
        for (Listener listener : listeners) {
            listener.await("message a " + behind);
            assertThat(listener.stale()).isEqualTo(1);
        }
        Listener late = listen(sites.get(0), "?after=" + before);
        assertThat(late.stale()).isEqualTo(1);
        assertThat(late.texts).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = "NATS") // Redis takes 512 MB
    void failsOnlyTheMessageThatIsTooLongForTheBroker(Broker.Kind kind) throws Exception {
        start(kind);
        Site site = site();
        MessageId first = publish(site, "first");
        List<CompletableFuture<MessageId>> all = new ArrayList<>();
        for (String text : List.of("before", "x".repeat(1 << 20), "behind")) {
            all.add(site.topics().publish("a", Message.text(text)).toCompletableFuture());
        }
        assertThat(all.get(1))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withCauseInstanceOf(IllegalArgumentException.class);
        assertThat(all.get(0).orTimeout(20, TimeUnit.SECONDS).join().offset()).isGreaterThan(first.offset());
        assertThat(all.get(2).orTimeout(20, TimeUnit.SECONDS).join().offset()).isGreaterThan(first.offset());
    }

    @ParameterizedTest
    @EnumSource
    void keepsLocalReceiversAndReportsWhileTheBrokerIsDown(Broker.Kind kind) throws Exception {
        start(kind);
        Site site = site(Topics.builder().keep(10, Duration.ofMinutes(5)).publishTimeout(Duration.ofMillis(500)));
        Listener listener = listen(site, "");
        MessageId before = publish(site, "before");
        listener.await("message a " + before);
        broker.kill();
        assertThatThrownBy(() -> publish(site, "lost"))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
        Awaitility.await().until(() -> site.topics().backplaneStats().state() == BackplaneStats.State.DOWN);
        assertThat(site.topics().presence("a").here()).isEqualTo(1);
        Listener late = listen(site, "?after=all"); // what is known here can still be had
        assertThat(late.texts.values()).containsExactly("before");
        broker.restart();
        Awaitility.await().until(() -> site.topics().backplaneStats().state() == BackplaneStats.State.CONNECTED);
        MessageId behind = publishAtLast(site, "behind");
        listener.await("message a " + behind);
        late.await("message a " + behind);
        assertThat(listener.stale()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void saysStaleIfTheBrokerDoesNotKeepWhatAClientHasMissed(Broker.Kind kind) throws Exception {
        start(kind, 1000);
        Site one = site();
        Listener witness = listen(one, "");
        MessageId first = publish(one, "first");
        Load load = new Load(List.of(one));
        load.run(() -> load.acknowledged.size() < 1500); // more than the broker keeps
        load.expectAllAt(List.of(witness));
        Site two = site(Topics.builder().keep(2000, Duration.ofMinutes(5)));
        Listener back = listen(two, "?after=" + first);
        assertThat(back.stale()).isEqualTo(1);
        Listener here = listen(one, "?after=" + first);
        assertThat(here.stale()).isZero();
        assertThat(here.texts).containsAllEntriesOf(load.acknowledged).hasSize(load.acknowledged.size());
    }

    @ParameterizedTest
    @EnumSource
    void countsListenersOfAllServers(Broker.Kind kind) throws Exception {
        start(kind);
        Site one = site(Topics.builder().presenceInterval(Duration.ofMillis(50)));
        Site two = site(Topics.builder().presenceInterval(Duration.ofMillis(50)));
        listen(one, "");
        Listener leaving = listen(two, "");
        listen(two, "");
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        one.topics().presence("a").everywhere())
                .isEqualTo(3));
        leaving.close();
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        one.topics().presence("a").everywhere())
                .isEqualTo(2));
        Site three = site();
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        three.topics().presence("a").everywhere())
                .isEqualTo(2));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "Topics of the shop")
    void takesAStreamOfJetStreamThatSomebodyElseHasMade(String description) throws Exception {
        start(Broker.Kind.NATS);
        Connection operator = closeLater(Nats.connect(broker.address()));
        operator.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("theirs")
                        .subjects("theirs")
                        .description(description)
                        .maxMessages(777)
                        .build());
        Backplane log = broker.another("theirs");
        Set<String> epochs = epochs(log, session -> session.append(List.of(new byte[1])));
        assertThat(epochs).hasSize(1).allSatisfy(epoch -> assertThat(epoch).matches("[a-z0-9]{1,32}"));
        StreamConfiguration now =
                operator.jetStreamManagement().getStreamInfo("theirs").getConfiguration();
        assertThat(now.getMaxMsgs()).isEqualTo(777);
    }

    @Test
    void looksForRedisAtItsUsualPortIfTheUriNamesNone() {
        assertThatThrownBy(() -> RedisBackplane.connect("redis://127.0.0.2").open()) // where nobody listens
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining("127.0.0.2:6379");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis:localhost:6379", "redis:///0", "http://localhost:6379"})
    void refusesAUriThatNamesNoRedis(String uri) {
        assertThatThrownBy(() -> RedisBackplane.connect(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(uri);
    }

    /** Publishers of all servers, some of whose messages may fail. */
    private static final class Load {
        final Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        final AtomicInteger failed = new AtomicInteger();
        private final List<Site> sites;
        private final AtomicInteger count = new AtomicInteger();
        private final Semaphore underWay = new Semaphore(64);

        Load(List<Site> sites) {
            this.sites = sites;
        }

        interface More {
            boolean is();
        }

        interface Story {
            void tell() throws Exception;
        }

        void run(More more) throws InterruptedException {
            while (more.is()) {
                publishOne();
            }
            assertThat(underWay.tryAcquire(64, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            underWay.release(64);
        }

        private void publishOne() throws InterruptedException {
            int number = count.incrementAndGet();
            String text = "m" + number;
            assertThat(underWay.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            sites.get(number % sites.size())
                    .topics()
                    .publish("a", Message.text(text))
                    .whenComplete((id, failure) -> {
                        if (failure == null) {
                            acknowledged.put(id.offset(), text);
                        } else {
                            failed.incrementAndGet();
                        }
                        underWay.release();
                    });
        }

        void whileItRuns(Story story) throws Exception {
            AtomicBoolean over = new AtomicBoolean();
            AtomicBoolean broken = new AtomicBoolean();
            Thread publisher = new Thread(() -> {
                try {
                    run(() -> !over.get());
                } catch (InterruptedException | AssertionError e) {
                    broken.set(true);
                }
            });
            publisher.start();
            try {
                story.tell();
            } finally {
                over.set(true);
                publisher.join(PATIENCE.toMillis() * 2);
            }
            assertThat(broken).isFalse();
        }

        void awaitMore(int more) {
            int enough = acknowledged.size() + more;
            Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() >= enough);
        }

        /** Everything that was acknowledged has come to all of them, in order and once. */
        void expectAllAt(List<Listener> listeners) {
            for (Listener listener : listeners) {
                Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                                listener.texts.entrySet().containsAll(acknowledged.entrySet()))
                        .isTrue());
                assertThat(List.copyOf(listener.offsets)).isSorted();
                assertThat(listener.offsets).as("none twice").hasSize(listener.texts.size());
                assertThat(Set.copyOf(listener.texts.values())).hasSize(listener.texts.size());
            }
        }
    }
}
