package org.httpkit.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.httpkit.topics.BackplaneStats;
import org.httpkit.topics.Topics;
import org.httpkit.topics.TopicsStats;
import org.jspecify.annotations.Nullable;

/**
 * Binds the counts of topics to a registry, and the state of their backplane if they have one. Needs {@code
 * httpkit-topics}. Safe from any thread; does work only when the registry is read.
 *
 * <p>The registry holds the topics for as long as it has the meters.
 */
public final class TopicMetrics implements MeterBinder {
    private final Topics topics;
    private final List<Tag> tags;

    /** Measures these topics. */
    public TopicMetrics(Topics topics) {
        this(topics, List.of());
    }

    /** Measures these topics, with tags that distinguish them from others of the same process. */
    public TopicMetrics(Topics topics, List<Tag> tags) {
        this.topics = topics;
        this.tags = List.copyOf(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "httpkit.topics.active", "Topics with receivers or messages", null, TopicsStats::topics);
        gauge(
                registry,
                "httpkit.topics.subscriptions",
                "Subscriptions of all channels",
                null,
                TopicsStats::subscriptions);
        gauge(
                registry,
                "httpkit.topics.history.messages",
                "Messages that are kept",
                null,
                TopicsStats::historyMessages);
        gauge(
                registry,
                "httpkit.topics.history.size",
                "What the kept messages hold",
                BaseUnits.BYTES,
                TopicsStats::historyBytes);
        gauge(
                registry,
                "httpkit.topics.undelivered",
                "Messages that wait for delivery",
                null,
                TopicsStats::undelivered);
        counter(registry, "httpkit.topics.published", "Messages published here", TopicsStats::published);
        counter(registry, "httpkit.topics.delivered", "Messages given to receivers", TopicsStats::delivered);
        counter(registry, "httpkit.topics.skipped", "Messages left out for slow receivers", TopicsStats::skipped);
        counter(registry, "httpkit.topics.stale", "Gaps that receivers learned of", TopicsStats::stale);
        if (topics.backplaneStats() != null) {
            bindBackplane(registry);
        }
    }

    private void bindBackplane(MeterRegistry registry) {
        backplane(
                registry,
                "httpkit.topics.backplane.up",
                "Whether the log is read",
                stats -> stats.state() == BackplaneStats.State.CONNECTED ? 1 : 0);
        TimeGauge.builder(
                        "httpkit.topics.backplane.lag",
                        topics,
                        TimeUnit.MILLISECONDS,
                        readingBackplane(BackplaneStats::lagMillis))
                .description("From a message's publication to its arrival here")
                .tags(tags)
                .register(registry);
        backplane(
                registry,
                "httpkit.topics.backplane.waiting",
                "Records that wait for the broker",
                BackplaneStats::waiting);
        backplaneCounter(registry, "httpkit.topics.backplane.failures", "Failed sessions", BackplaneStats::failures);
        backplaneCounter(registry, "httpkit.topics.backplane.gaps", "Gaps in the log", BackplaneStats::gaps);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String what,
            @Nullable String unit,
            ToDoubleFunction<TopicsStats> figure) {
        Gauge.builder(name, topics, reading(figure))
                .description(what)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    private void counter(MeterRegistry registry, String name, String what, ToDoubleFunction<TopicsStats> figure) {
        FunctionCounter.builder(name, topics, reading(figure))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    private void backplane(MeterRegistry registry, String name, String what, ToDoubleFunction<BackplaneStats> figure) {
        Gauge.builder(name, topics, readingBackplane(figure))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    private void backplaneCounter(
            MeterRegistry registry, String name, String what, ToDoubleFunction<BackplaneStats> figure) {
        FunctionCounter.builder(name, topics, readingBackplane(figure))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    /** Reads a figure. Micrometer itself has only a weak reference to the topics: it is this function that keeps them. */
    private ToDoubleFunction<Topics> reading(ToDoubleFunction<TopicsStats> figure) {
        return same -> figure.applyAsDouble(topics.stats());
    }

    private ToDoubleFunction<Topics> readingBackplane(ToDoubleFunction<BackplaneStats> figure) {
        return same -> {
            BackplaneStats stats = topics.backplaneStats();
            return stats == null ? Double.NaN : figure.applyAsDouble(stats);
        };
    }
}
