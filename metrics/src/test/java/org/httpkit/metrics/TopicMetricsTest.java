package org.httpkit.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.httpkit.server.Message;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.Topics;
import org.junit.jupiter.api.Test;

/** The meters of topics. */
class TopicMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void countsWhatTopicsDo() {
        try (Topics topics = Topics.builder().keep(10, Duration.ofMinutes(1)).build()) {
            new TopicMetrics(topics, List.of(Tag.of("app", "chat"))).bindTo(registry);
            topics.publish("a", Message.text("one"));
            topics.publish("b", Message.text("two"));
            Awaitility.await().untilAsserted(() -> {
                assertThat(gauge("httpkit.topics.active")).isEqualTo(2);
                assertThat(gauge("httpkit.topics.history.messages")).isEqualTo(2);
            });
            assertThat(gauge("httpkit.topics.history.size")).isPositive();
            assertThat(registry.get("httpkit.topics.published")
                            .tag("app", "chat")
                            .functionCounter()
                            .count())
                    .isEqualTo(2);
            assertThat(registry.find("httpkit.topics.backplane.up").meter()).isNull();
        }
    }

    @Test
    void tellsHowTheBackplaneIsDoing() throws Exception {
        try (Topics topics = Topics.builder()
                .backplane(() -> {
                    throw new IOException("There is no broker");
                })
                .build()) {
            new TopicMetrics(topics).bindTo(registry);
            Awaitility.await().untilAsserted(() -> assertThat(registry.get("httpkit.topics.backplane.failures")
                            .functionCounter()
                            .count())
                    .isPositive());
            assertThat(gauge("httpkit.topics.backplane.up")).isZero();
            String readme = Files.readString(Path.of("README.md"));
            for (Meter meter : registry.getMeters()) {
                assertThat(readme).contains("| `" + meter.getId().getName() + "` |");
            }
        }
    }

    @Test
    void theLagOfTheBackplaneIsInTheUnitOfTheRegistry() {
        try (Topics topics = Topics.builder().backplane(new SlowLog()).build()) {
            new TopicMetrics(topics).bindTo(registry);
            topics.publish("a", Message.text("one"));
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(topics.backplaneStats().lagMillis()).isPositive());
            assertThat(registry.get("httpkit.topics.backplane.lag").timeGauge().value(TimeUnit.MILLISECONDS))
                    .isEqualTo(topics.backplaneStats().lagMillis());
            assertThat(gauge("httpkit.topics.backplane.lag"))
                    .isEqualTo(topics.backplaneStats().lagMillis() / 1000.0);
            assertThat(gauge("httpkit.topics.backplane.up")).isEqualTo(1);
        }
    }

    @Test
    void metersHoldTopicsThatNothingElseHolds() {
        WeakReference<Topics> held = bindOthers();
        System.gc();

        assertThat(gauge("httpkit.topics.active")).isZero();
        assertThat(gauge("httpkit.topics.backplane.up")).isZero();
        Topics topics = held.get();
        assertThat(topics).isNotNull();
        topics.close();
    }

    private WeakReference<Topics> bindOthers() {
        Topics topics = Topics.builder()
                .backplane(() -> {
                    throw new IOException("There is no broker");
                })
                .build();
        new TopicMetrics(topics).bindTo(registry);
        return new WeakReference<>(topics);
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    /** A log in memory, for one server. A record is in it a millisecond after it was published, or later. Safe from any thread. */
    private static final class SlowLog implements Backplane, Backplane.Session {
        private final List<Entry> entries = new ArrayList<>();

        @Override
        public Session open() {
            return this;
        }

        @Override
        public String epoch() {
            return "1";
        }

        @Override
        public long first() {
            return 1;
        }

        @Override
        public synchronized long last() {
            return entries.size();
        }

        @Override
        public synchronized List<Entry> read(long after, int most, Duration wait) throws IOException {
            if (entries.size() <= after && !wait.isZero()) {
                try {
                    wait(wait.toMillis() + 1);
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
            }
            return entries.stream().skip(after).limit(most).toList();
        }

        @Override
        public synchronized List<Long> append(List<byte[]> records) {
            long millis = System.currentTimeMillis();
            while (System.currentTimeMillis() == millis) {
                Thread.onSpinWait();
            }
            List<Long> offsets = new ArrayList<>();
            for (byte[] record : records) {
                offsets.add(entries.size() + 1L);
                entries.add(new Entry(entries.size() + 1L, record));
            }
            notifyAll();
            return offsets;
        }

        @Override
        public void renew() {}

        @Override
        public void close() {}
    }
}
