package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.httpkit.server.Message;
import org.httpkit.testkit.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several servers behind a broker that fails, and clients that go from one to another: what each has seen of a topic is a run of it without gap
 * and without double, or it learned that it is stale. No sockets, threads or time: a seed decides what happens.
 */
class TopicSimulationTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int STEPS = 4000;
    private static final int KEEP = 15;
    private static final long HISTORY_BYTES = 40_000;

    static long[] seeds() {
        return Seeds.of(LongStream.range(0, 40).toArray());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void showsClientsOfFailingServersARunWithoutGapOrDouble(long seed) {
        new World(seed).run();
    }

    private static final class World {
        final Random random;
        /** Whether the broker keeps what it has acknowledged, unless it loses everything: else no more is checked than that all goes on. */
        final boolean durable;

        final SimulatedBroker broker;
        final List<Server> servers = new ArrayList<>();
        final List<Client> clients = new ArrayList<>();
        /** What servers have read, of each epoch: the truth, if all agree on it. */
        final Map<String, TreeMap<Long, String>> logs = new HashMap<>();
        /** Ids that publishers were given. */
        final Map<MessageId, String> acknowledged = new HashMap<>();

        int published;
        long step;
        int live;

        World(long seed) {
            random = Seeds.random(seed);
            durable = random.nextInt(3) > 0;
            broker = new SimulatedBroker(random, 30 + random.nextInt(50));
            for (int i = 0; i < 3; i++) {
                servers.add(new Server(this));
            }
            for (int i = 0; i < 5; i++) {
                clients.add(new Client(this));
            }
        }

        void run() {
            for (step = 0; step < STEPS; step++) {
                Server server = servers.get(random.nextInt(servers.size()));
                Client client = clients.get(random.nextInt(clients.size()));
                switch (random.nextInt(21)) {
                    case 0, 1, 2 -> server.publish();
                    case 3, 4, 5 -> server.write();
                    case 6, 7, 8, 9, 10, 11 -> server.read();
                    case 12, 13 -> client.drain();
                    case 14 -> client.room = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(4);
                    case 15, 16 -> client.moveTo(server);
                    case 17 -> client.wantMore();
                    case 18 -> client.hearThatAllIsSilent();
                    default -> misfortune(server);
                }
                for (Server each : servers) {
                    assertThat(each.table.history().bytes()).isLessThanOrEqualTo(HISTORY_BYTES);
                    assertThat(each.writer.waiting()).isLessThanOrEqualTo(20);
                }
            }
            comeToRest();
        }

        private void misfortune(Server server) {
            switch (random.nextInt(60)) {
                case 0, 1, 2 -> broker.restart();
                case 3 -> {
                    if (!durable) {
                        broker.loseSome();
                    }
                }
                case 4 -> broker.loseAll();
                case 5, 6, 7 -> broker.down = true;
                case 8 -> server.restart();
                case 9, 10 -> broker.dropOld();
                default -> broker.down &= random.nextInt(4) != 0;
            }
        }

        /** Everything works again: all that was published arrives, and everybody has seen the end. */
        private void comeToRest() {
            broker.down = false;
            for (int i = 0; i < 300; i++) {
                servers.forEach(Server::write);
                servers.forEach(Server::read);
                clients.forEach(Client::drain);
            }
            for (Server server : servers) {
                assertThat(server.table.place().offset()).isEqualTo(broker.last());
            }
            for (Client client : clients) {
                assertThat(client.isLive()).isTrue();
                client.expectNothingMissingUpTo(client.epoch(), broker.last());
            }
            assertThat(live).as("deliveries").isGreaterThan(100);
            acknowledged.forEach((id, text) -> {
                String read = logs.getOrDefault(id.epoch(), new TreeMap<>()).get(id.offset());
                assertThat(durable ? read : null).as("%s", id).isIn(null, text);
            });
        }
    }

    /** A server: a table, a reader and a writer, without its threads. */
    private static final class Server implements LogReader.Sink {
        final World world;
        TopicTable table;
        LogReader reader;
        LogWriter writer;
        final List<Client> here = new ArrayList<>();

        Server(World world) {
            this.world = world;
            begin();
        }

        private void begin() {
            table = new TopicTable(new Limits(KEEP, 500, HISTORY_BYTES, 3, 5, 20, 1000, 20, 1000), "e0", 0);
            table.awaitLog();
            reader = new LogReader(world.broker, this, Duration.ZERO);
            writer = new LogWriter(world.broker, this::place, Runnable::run, 20, 50);
        }

        private MessageId place() {
            return table.place();
        }

        /** The process dies, and its clients come back to it or to another one. */
        void restart() {
            List<Client> homeless = List.copyOf(here);
            begin();
            homeless.forEach(client -> client.moveTo(world.servers.get(world.random.nextInt(3))));
        }

        void publish() {
            String topic = NAMES.get(world.random.nextInt(3));
            String text = "m" + world.published++;
            LogRecord record = LogRecord.of(topic, Message.text(text), world.step);
            CompletableFuture<MessageId> done = writer.write(record.encoded(), world.step);
            done.thenAccept(id -> world.acknowledged.put(id, topic + " " + text));
        }

        void read() {
            try {
                reader.turn();
            } catch (IOException e) {
                // It will try again.
            }
        }

        void write() {
            try {
                writer.turn(world.step);
            } catch (IOException e) {
                // It will try again.
            }
        }

        @Override
        public void restart(String epoch, long offset) {
            here.forEach(client -> client.connected().expectations.lose());
            table.restart(epoch, offset);
        }

        @Override
        public void record(long offset, LogRecord record) {
            String text = record.topic() + " " + record.message().text();
            String known = world.logs
                    .computeIfAbsent(table.epoch(), epoch -> new TreeMap<>())
                    .putIfAbsent(offset, text);
            assertThat(world.durable ? known : null)
                    .as("all servers read the same at %s-%d", table.epoch(), offset)
                    .isIn(null, text);
            table.append(offset, record.topic(), record.message(), world.step);
        }

        @Override
        public void unknown(long offset) {
            throw new AssertionError("There is nothing unknown in this log");
        }

        @Override
        public void caughtUp() {
            table.loaded();
            here.forEach(client -> client.connected().expectations.settle());
        }
    }

    /** A client, over all of its connections: it checks what it gets. */
    private static final class Client {
        final World world;
        final List<String> topics = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        private @Nullable Connection connection;
        private @Nullable Server server;
        private @Nullable MessageId last;
        /** Of each topic: everything up to that place has been seen, or was said to be missing. Null: what comes next shows it. */
        private final Map<String, @Nullable MessageId> complete = new HashMap<>();

        Client(World world) {
            this.world = world;
            topics.add(NAMES.get(world.random.nextInt(3)));
            moveTo(world.servers.get(world.random.nextInt(3)));
        }

        void moveTo(Server next) {
            if (server != null && connection != null) {
                server.here.remove(this);
                server.table.leave(connection);
            }
            server = next;
            next.here.add(this);
            connection = new Connection(this, next);
            topics.forEach(topic -> connected().expectations.join(topic, last));
            next.table.join(connection, topics, last);
        }

        void wantMore() {
            String topic = NAMES.get(world.random.nextInt(3));
            if (!topics.contains(topic) && isLive()) {
                topics.add(topic);
                complete.put(topic, connectedTo().table.place());
                connected().expectations.join(topic, null);
                connectedTo().table.join(connected(), List.of(topic), null);
            }
        }

        /** As streams do from time to time. */
        void hearThatAllIsSilent() {
            if (isLive()) {
                live(connectedTo().table.place());
            }
        }

        void drain() {
            Connection now = connected();
            now.waiting = 0;
            if (now.waits) {
                now.waits = false;
                connectedTo().table.hasRoom(now);
            }
        }

        boolean isLive() {
            return connected().state() == Receiver.State.LIVE;
        }

        String epoch() {
            return connectedTo().table.epoch();
        }

        private Server connectedTo() {
            assertThat(server).isNotNull();
            return server;
        }

        private Connection connected() {
            assertThat(connection).isNotNull();
            return connection;
        }

        void got(String epoch, Entry entry) {
            String topic = entry.topic.name;
            MessageId before = complete.get(topic);
            if (before != null && world.durable) {
                assertThat(before.epoch()).as("an epoch does not change unsaid").isEqualTo(epoch);
                assertThat(entry.offset).as("none twice, all in order").isGreaterThan(before.offset());
                expectNothingMissing(topic, epoch, entry.offset - 1);
            }
            complete.put(topic, new MessageId(epoch, entry.offset));
            connected().expectations.got(topic, new MessageId(epoch, entry.offset));
            last = new MessageId(epoch, entry.offset);
            world.live++;
        }

        void stale(String topic) {
            connected().expectations.stale(topic);
            complete.put(topic, null);
        }

        void live(MessageId place) {
            last = place;
            for (String topic : topics) {
                connected().expectations.got(topic, place);
                MessageId before = complete.get(topic);
                if (before != null && world.durable) {
                    assertThat(before.epoch()).isEqualTo(place.epoch());
                    expectNothingMissing(topic, place.epoch(), place.offset());
                }
                complete.put(topic, place);
            }
        }

        void expectNothingMissingUpTo(String epoch, long offset) {
            topics.forEach(topic -> expectNothingMissing(topic, epoch, offset));
        }

        private void expectNothingMissing(String topic, String epoch, long upTo) {
            MessageId from = complete.get(topic);
            if (world.durable && from != null && from.offset() < upTo) {
                Map<Long, String> missed = new TreeMap<>(
                        world.logs.getOrDefault(epoch, new TreeMap<>()).subMap(from.offset(), false, upTo, true));
                missed.values().removeIf(text -> !text.startsWith(topic + " "));
                assertThat(missed).as("missed of %s", topic).isEmpty();
            }
        }
    }

    /** A connection of a client to a server. */
    private static final class Connection extends Receiver {
        final Client client;
        final Server server;
        final StaleExpectations expectations;
        int waiting;
        boolean waits;

        Connection(Client client, Server server) {
            this.client = client;
            this.server = server;
            this.expectations = new StaleExpectations(server.table);
        }

        @Override
        WhenSlow whenSlow() {
            return WhenSlow.CLOSE;
        }

        @Override
        boolean give(Entry entry) {
            waiting++;
            client.got(server.table.epoch(), entry);
            return true;
        }

        @Override
        void tell(Notice notice, String topic, String value) {
            switch (notice) {
                case STALE -> client.stale(topic);
                case LIVE -> {
                    MessageId place = MessageId.parse(value);
                    assertThat(place).isNotNull();
                    client.live(place);
                }
                case SKIPPED, PRESENCE, REFUSED -> throw new AssertionError(notice + " of " + topic);
            }
        }

        @Override
        boolean isSlow() {
            return waiting >= client.room;
        }

        @Override
        void proceedWhenThereIsRoom() {
            waits = true;
        }

        @Override
        boolean wantsPresence() {
            return false;
        }

        @Override
        void hangUp() {
            throw new AssertionError("Nobody hangs up");
        }
    }
}
