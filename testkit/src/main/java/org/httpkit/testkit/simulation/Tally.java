package org.httpkit.testkit.simulation;

import java.util.EnumMap;
import java.util.Map;

/** How often each of the {@link Happening}s was seen. Confined to the simulation's thread. */
final class Tally {
    private final Map<Happening, Long> counts = new EnumMap<>(Happening.class);

    void add(Happening happening) {
        add(happening, 1);
    }

    void add(Happening happening, long count) {
        counts.merge(happening, count, Long::sum);
    }

    Map<Happening, Long> counts() {
        return Map.copyOf(counts);
    }
}
