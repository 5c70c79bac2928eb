package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.simulation.Simulation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Simulated exchanges by the hundred thousand, each with another course of events. {@code -Dhttpkit.seed=N} runs one simulation
 * alone, {@code -Dhttpkit.simulated.exchanges=N} as many as it takes.
 */
final class SimulationTest {
    private static final long EXCHANGES = Long.getLong("httpkit.simulated.exchanges", 600_000);

    @Test
    @Timeout(value = 12, unit = TimeUnit.HOURS) // as many as asked for
    void nothingIsLostDoubledOrLeftBehindWhateverHappensWhen() {
        Long seed = Long.getLong("httpkit.seed");
        if (seed != null) {
            assertThat(Simulation.run(seed).exchanges()).isPositive();
            return;
        }
        long first = ThreadLocalRandom.current().nextLong();
        long exchanges = 0;
        long calls = 0;
        long lost = 0;
        long bodies = 0;
        long broken = 0;
        long shed = 0;
        for (long next = first; exchanges < EXCHANGES; next++) {
            Simulation.Report report = Simulation.run(next);
            exchanges += report.exchanges();
            calls += report.callsOnLoops();
            lost += report.loopsLost();
            bodies += report.bodiesRead();
            broken += report.bodiesBrokenOff();
            shed += report.shed();
        }
        System.out.println("Simulated " + exchanges + " exchanges from seed " + first + ", with " + calls
                + " calls made on loops, of which " + lost + " lost theirs; " + bodies
                + " bodies read while they came and " + broken + " that broke off; " + shed + " clients shed");
        assertThat(List.of(lost, bodies, broken, shed)).allMatch(count -> count > 0);
    }

    @Test
    void aSeedTellsTheSameStoryEachTime() {
        assertThat(Simulation.run(1)).isEqualTo(Simulation.run(1));
    }
}
