package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.httpkit.testkit.Seeds;
import org.httpkit.testkit.simulation.Happening;
import org.httpkit.testkit.simulation.Simulation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Simulated exchanges by the hundred thousand, each with another course of events. {@code -Dhttpkit.seed=N} runs one simulation
 * alone, {@code -Dhttpkit.simulated.exchanges=N} as many as it takes.
 */
@Tag("long")
@Tag("once")
final class SimulationTest {
    private static final long EXCHANGES = Long.getLong("httpkit.simulated.exchanges", 400_000);

    @Test
    @Timeout(value = 12, unit = TimeUnit.HOURS) // as many as asked for
    void nothingIsLostDoubledOrLeftBehindWhateverHappensWhen() {
        Long seed = Long.getLong("httpkit.seed");
        if (seed != null) {
            assertThat(Simulation.run(Seeds.use(seed)).exchanges()).isPositive();
            return;
        }
        long first = ThreadLocalRandom.current().nextLong();
        long exchanges = 0;
        Map<Happening, Long> happened = new EnumMap<>(Happening.class);
        for (long next = first; exchanges < EXCHANGES; next++) {
            Simulation.Report report = Simulation.run(Seeds.use(next));
            exchanges += report.exchanges();
            report.happened().forEach((what, count) -> happened.merge(what, count, Long::sum));
        }
        System.out.println("Simulated " + exchanges + " exchanges from seed " + first + ": "
                + happened.entrySet().stream()
                        .map(each -> each.getValue() + " " + each.getKey())
                        .collect(Collectors.joining(", ")));
        assertThat(List.of(Happening.values())).allSatisfy(what -> assertThat(happened.getOrDefault(what, 0L))
                .as(what.toString())
                .isPositive());
    }

    /** Input had waited, and was enough for the reader of the next request's body; but then the socket was read again. */
    @Test
    void aBodyThatWasPipelinedHoldsItsClientBackLikeAnyOther() {
        assertThat(Simulation.run(7845785965694190807L).exchanges()).isPositive();
    }

    /** For two clients the same number of bytes waited when one of them had to go. */
    @Test
    void whoOfTwoForWhomTheSameWaitsHasToGoIsNotUpToChance() {
        Simulation.Report first = Simulation.run(647057360546402906L);
        for (int i = 0; i < 10; i++) {
            assertThat(Simulation.run(647057360546402906L)).isEqualTo(first);
        }
    }

    /** Its reader had taken some of a body and answered, so that the stream was reset; then credit for it left. */
    @Test
    void aStreamThatWasResetGetsNoCredit() {
        assertThat(Simulation.run(171093470939973745L).exchanges()).isPositive();
    }

    /** Its window was closed for longer than the server waits for the end of a WebSocket. */
    @Test
    void aClientThatTakesItsAnswersSlowlyLosesNoCloseFrame() {
        assertThat(Simulation.run(4995022583669768231L).exchanges()).isPositive();
    }

    /** So much input had waited that the loop stopped reading, when all of it could be used already. */
    @Test
    void readingGoesOnWhenAllThatWaitedHasBeenUsed() {
        assertThat(Simulation.run(326114325499155856L).exchanges()).isPositive();
    }

    /** The stream began when the server had begun to stop, and its connection had not received the news. */
    @Test
    void aStreamThatBeginsDuringTheStopMayEndBeforeGoAway() {
        assertThat(Simulation.run(3894965195449377146L).exchanges()).isPositive();
    }

    /** What one simulation leaves behind in the JVM is not seen by the next, nor is the time of day. */
    @Test
    void aSeedTellsTheSameStoryWhateverRanBefore() {
        Map<Long, Simulation.Report> stories = new HashMap<>();
        for (long seed = 1; seed <= 12; seed++) {
            stories.put(seed, Simulation.run(seed));
        }
        for (long seed = 12; seed >= 1; seed--) {
            assertThat(Simulation.run(seed)).as("seed " + seed).isEqualTo(stories.get(seed));
        }
    }
}
