package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows how many listen to topics on other servers, from the records that these put into the shared log. Safe from any
 * thread.
 *
 * <p>Each server reports the counts that have changed, and every few seconds that it is alive. A new server asks the
 * others for all of their counts, and so does one that hears a server which it does not know; who asks says all of its
 * own. A server that is silent for a while counts as dead, and its counts as zero.
 */
final class SharedPresence implements PresenceBoard {
    /** Other servers counted at most. */
    private static final int MOST_SERVERS = 1000;
    /** Counts in one record. */
    private static final int MOST_IN_A_RECORD = 1000;
    /** Characters in one record, from which on it takes no more counts: brokers limit records. */
    private static final int LONG_CHARS = 64 * 1024;
    /** Others may know any count of the topic. */
    private static final int UNKNOWN = -1;

    private static final String ASKS = "?";

    private static final class Server {
        final Map<String, Integer> counts = new HashMap<>();
        long heardNanos;
    }

    private final String self;
    private final int mostTopics;
    private final long aliveNanos;

    // Guarded by the monitor.
    private final Map<String, Server> others = new HashMap<>();
    private final Map<String, Long> sums = new HashMap<>();
    /** Counts other than zero that the others know; {@link #UNKNOWN} only for topics in {@link #unsaid}. */
    private final Map<String, Integer> said = new HashMap<>();
    /** Counts that are not as they were said last. */
    private final Map<String, Integer> unsaid = new LinkedHashMap<>();

    private boolean asked = true;
    private boolean asks = true;
    private long saidNanos;

    SharedPresence(String self, int mostTopics, long aliveNanos, long nowNanos) {
        this.self = self;
        this.mostTopics = mostTopics;
        this.aliveNanos = aliveNanos;
        this.saidNanos = nowNanos - aliveNanos;
    }

    @Override
    public synchronized long everywhere(String topic, int here) {
        return here + sums.getOrDefault(topic, 0L);
    }

    @Override
    public synchronized void changed(String topic, int here) {
        if (said.getOrDefault(topic, 0) == here) {
            unsaid.remove(topic);
        } else {
            unsaid.put(topic, here);
        }
    }

    /**
     * Begins anew, since this server may have missed reports: who has no listeners any more says so only once. Asks the
     * other servers for their counts, and reports all counts here.
     */
    synchronized void restart(BiConsumer<String, Long> changed) {
        others.values().forEach(server -> forget(server, changed));
        others.clear();
        ask();
    }

    private void ask() {
        asks = true;
        asked = true;
    }

    private void forget(Server server, BiConsumer<String, Long> changed) {
        Map.copyOf(server.counts).keySet().forEach(topic -> count(server, topic, 0, changed));
    }

    /** Takes back a report that the others may not have got: says its counts again, as they are now. */
    synchronized void unheard(byte[] content) {
        String[] lines = new String(content, UTF_8).split("\n", -1);
        asks |= lines[0].endsWith(ASKS);
        for (int i = 1; i < lines.length; i++) {
            String topic = lines[i].substring(lines[i].indexOf(' ') + 1);
            sayAgain(topic, said.getOrDefault(topic, 0));
        }
    }

    private void sayAgain(String topic, int count) {
        said.put(topic, UNKNOWN);
        unsaid.putIfAbsent(topic, count);
    }

    /**
     * Returns this server's report, as the content of a record; null if there is nothing to report.
     *
     * @param all gives every topic's count, in case another server has asked
     */
    synchronized byte @Nullable [] toSay(long nowNanos, Consumer<ObjIntConsumer<String>> all) {
        if (asked) {
            asked = false;
            all.accept((topic, count) -> {
                if (count > 0) {
                    sayAgain(topic, count);
                }
            });
        }
        if (unsaid.isEmpty() && !asks && nowNanos - saidNanos < aliveNanos / 3) {
            return null;
        }
        StringBuilder text = new StringBuilder(self).append(asks ? ASKS : "");
        asks = false;
        saidNanos = nowNanos;
        int counts = 0;
        var each = unsaid.entrySet().iterator();
        while (each.hasNext() && counts < MOST_IN_A_RECORD && text.length() < LONG_CHARS) {
            Map.Entry<String, Integer> count = each.next();
            text.append('\n').append(count.getValue()).append(' ').append(count.getKey());
            if (count.getValue() == 0) {
                said.remove(count.getKey());
            } else {
                said.put(count.getKey(), count.getValue());
            }
            each.remove();
            counts++;
        }
        return text.toString().getBytes(UTF_8);
    }

    /** Takes another server's report; passes the topics whose sums have changed to the consumer. */
    synchronized void heard(byte[] content, long nowNanos, BiConsumer<String, Long> changed) {
        String[] lines = new String(content, UTF_8).split("\n", -1);
        boolean itAsks = lines[0].endsWith(ASKS);
        String name = itAsks ? lines[0].substring(0, lines[0].length() - 1) : lines[0];
        if (name.equals(self)) {
            return;
        }
        asked |= itAsks;
        Server server = others.get(name);
        if (server == null) {
            if (others.size() >= MOST_SERVERS) {
                return;
            }
            server = new Server();
            others.put(name, server);
            if (!itAsks) { // it has been taken for dead, and will not say by itself what it has said before
                ask();
            }
        }
        server.heardNanos = nowNanos;
        for (int i = 1; i < lines.length; i++) {
            int space = lines[i].indexOf(' ');
            if (space > 0) {
                count(server, lines[i].substring(space + 1), Integer.parseInt(lines[i].substring(0, space)), changed);
            }
        }
    }

    private void count(Server server, String topic, int count, BiConsumer<String, Long> changed) {
        Integer before = server.counts.get(topic);
        if (before == null && server.counts.size() >= mostTopics) {
            return;
        }
        if (count == 0) {
            server.counts.remove(topic);
        } else {
            server.counts.put(topic, count);
        }
        long sum = sums.merge(topic, (long) count - (before == null ? 0 : before), Long::sum);
        if (sum == 0) {
            sums.remove(topic);
        }
        changed.accept(topic, sum);
    }

    /** Removes servers that have been silent for too long. */
    synchronized void expire(long nowNanos, BiConsumer<String, Long> changed) {
        others.values().removeIf(server -> {
            boolean dead = nowNanos - server.heardNanos >= aliveNanos;
            if (dead) {
                forget(server, changed);
            }
            return dead;
        });
    }
}
