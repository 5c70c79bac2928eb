package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Knows when a simulated connection may be told that it is stale: once for each gap, and never without one. Confined to its thread. */
final class StaleExpectations {
    private final TopicTable table;
    /** Of each topic: the place behind which the client wants everything; null if it wants nothing that was before. */
    private final Map<String, @Nullable MessageId> behind = new HashMap<>();
    /** Topics whose place was known in a log that was read up to its end. */
    private final Set<String> settled = new HashSet<>();
    /** Topics whose log has begun anew since. */
    private final Set<String> lost = new HashSet<>();

    private boolean loading;

    StaleExpectations(TopicTable table) {
        this.table = table;
        this.loading = table.isLoading();
    }

    void join(String topic, @Nullable MessageId after) {
        behind.put(topic, after);
        if (!loading) {
            settled.add(topic);
        }
    }

    /** The log begins anew. */
    void lose() {
        loading = true;
        lost.addAll(settled);
    }

    /** The log has been read up to its end. */
    void settle() {
        loading = false;
        settled.addAll(behind.keySet());
    }

    void got(String topic, MessageId place) {
        behind.put(topic, place);
    }

    void stale(String topic) {
        MessageId from = behind.get(topic);
        boolean gap = from != null && (!from.epoch().equals(table.epoch()) || isBeyond(topic, from.offset()));
        assertThat(lost.remove(topic) || gap)
                .as("%s is stale at %s behind %s", topic, table.place(), from)
                .isTrue();
        behind.put(topic, table.place());
    }

    private boolean isBeyond(String name, long offset) {
        for (Topic topic : table.topics()) {
            if (topic.name.equals(name)) {
                return offset > table.place().offset() || offset < topic.forgotten;
            }
        }
        return true;
    }
}
