package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.httpkit.server.Message;
import org.httpkit.testkit.Seeds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Receivers that come, go, come back, are slow and subscribe to more, in any order: what each has seen of a topic is a run of it without
 * gap and without double, unless it learned otherwise.
 */
class TopicPropertiesTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int STEPS = 3000;

    private record Published(long offset, String topic) {}

    /** A client, over all of its connections. */
    private static final class Client {
        final List<String> topics = new ArrayList<>();
        PlayedReceiver receiver = new PlayedReceiver();
        /** The last id that it has; 0 for the beginning. */
        long last;
        /** Per topic: what it has to have seen next is behind that. */
        final long[] complete = new long[NAMES.size()];
    }

    static long[] seeds() {
        return Seeds.of(LongStream.range(0, 20).toArray());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void showsEachClientARunWithoutGapOrDouble(long seed) {
        Random random = Seeds.random(seed);
        int keep = 1 + random.nextInt(12);
        long bytes = 2000 + random.nextInt(20_000);
        TopicTable table = new TopicTable(new Limits(keep, 200, bytes, 3, 5, 20, 1000, 10, 1000), "e", 0);
        List<Published> log = new ArrayList<>();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Client client = new Client();
            client.topics.add(NAMES.get(random.nextInt(3)));
            clients.add(client);
            table.join(client.receiver, client.topics, null);
        }
        long offset = 0;
        for (int step = 0; step < STEPS; step++) {
            Client client = clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4 -> {
                    offset += 1 + random.nextInt(2); // a log may have more in it than messages
                    String topic = NAMES.get(random.nextInt(3));
                    log.add(new Published(offset, topic));
                    table.append(offset, topic, Message.text("x".repeat(random.nextInt(50))), step);
                }
                case 5 -> client.receiver.drain(table);
                case 6 -> client.receiver.room = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(3);
                case 7, 8 -> {
                    check(client, log);
                    table.leave(client.receiver);
                    client.receiver = new PlayedReceiver();
                    table.join(client.receiver, client.topics, new MessageId("e", client.last));
                }
                default -> {
                    String topic = NAMES.get(random.nextInt(3));
                    if (!client.topics.contains(topic)) {
                        check(client, log);
                        client.topics.add(topic);
                        client.complete[NAMES.indexOf(topic)] = table.place().offset();
                        table.join(client.receiver, List.of(topic), null);
                    }
                }
            }
            assertThat(table.history().bytes()).isLessThanOrEqualTo(bytes);
        }
        for (Client client : clients) {
            while (client.receiver.waits) {
                client.receiver.drain(table);
            }
            check(client, log);
            for (String topic : client.topics) {
                assertThat(missing(client, topic, offset, log)).as("at the end").isZero();
            }
        }
    }

    /** Goes through what a client has got since the last time. */
    private static void check(Client client, List<Published> log) {
        for (String line : client.receiver.take()) {
            String[] words = line.split(" ");
            if (words[0].equals("live")) {
                client.last = Long.parseLong(words[1].substring(2));
            } else if (words[0].equals("stale")) {
                int topic = NAMES.indexOf(words[1]);
                client.complete[topic] = Long.MAX_VALUE; // until the next message shows where it goes on
            } else {
                String name = words[0];
                int topic = NAMES.indexOf(name);
                long at = Long.parseLong(words[1]);
                long before = client.complete[topic];
                if (before != Long.MAX_VALUE) {
                    assertThat(at).as("none twice").isGreaterThan(before);
                    assertThat(missing(client, name, at - 1, log))
                            .as("%s has a gap before %d", name, at)
                            .isZero();
                }
                client.complete[topic] = at;
                client.last = at;
            }
        }
    }

    /** How many messages of a topic there are that a client should have and has not, up to an offset. */
    private static long missing(Client client, String topic, long upTo, List<Published> log) {
        long from = client.complete[NAMES.indexOf(topic)];
        return log.stream()
                .filter(entry -> entry.topic.equals(topic) && entry.offset > from && entry.offset <= upTo)
                .count();
    }
}
