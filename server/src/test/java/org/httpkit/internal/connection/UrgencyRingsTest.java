package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order streams that have content are served (RFC 9218 section 10). */
final class UrgencyRingsTest {
    private static final int DEFAULT = 3;
    private static final int INCREMENTAL = 8;

    private static final class Stream extends UrgencyRings.Member {
        private final String name;

        Stream(String name, int priority) {
            this.name = name;
            this.priority = priority;
        }
    }

    private final UrgencyRings rings = new UrgencyRings();

    private Stream add(String name, int priority) {
        Stream stream = new Stream(name, priority);
        rings.add(stream);
        return stream;
    }

    private List<String> serve(int frames) {
        List<String> served = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            UrgencyRings.Member next = rings.next();
            assertThat(next).isInstanceOf(Stream.class);
            served.add(((Stream) next).name);
            rings.served(next);
        }
        return served;
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(rings.next()).isNull();
        assertThat(rings.isEmpty()).isTrue();
    }

    @Test
    void servesTheMostUrgentFirst() {
        add("last", 7);
        add("first", 0);
        add("middle", 3);

        assertThat(serve(3)).containsExactly("first", "first", "first");
    }

    @Test
    void hasIncrementalStreamsTakeTurns() {
        add("a", 2 + INCREMENTAL);
        add("b", 2 + INCREMENTAL);
        add("c", 2 + INCREMENTAL);

        assertThat(serve(6)).containsExactly("a", "b", "c", "a", "b", "c");
    }

    @Test
    void servesOthersOneAfterAnother() {
        Stream first = add("a", 2);
        add("b", 2);

        assertThat(serve(3)).containsExactly("a", "a", "a");
        rings.remove(first);
        assertThat(serve(2)).containsExactly("b", "b");
    }

    @Test
    void hasStreamsTakeTurnsWhichHaveNotAskedForAnything() {
        add("a", DEFAULT);
        add("b", DEFAULT);

        assertThat(serve(4)).containsExactly("a", "b", "a", "b");
    }

    @Test
    void starvesNobody() {
        add("urgent", 0);
        add("patient", 7);

        assertThat(serve(100)).contains("patient").filteredOn("patient"::equals).hasSizeLessThan(10);
    }

    @Test
    void starvesNobodyWhereStreamsOfTwoUrgenciesNeverEnd() {
        add("urgent", 0);
        add("less", 1);
        add("patient", 5);
        add("last", 7);

        assertThat(serve(17 * 6).stream().filter(name -> !name.equals("urgent")))
                .containsExactly("less", "patient", "last", "less", "patient", "last");
    }

    @Test
    void movesAStreamWhosePriorityChanges() {
        add("a", 1);
        Stream later = add("b", 6);

        rings.prioritize(later, 0);

        assertThat(serve(1)).containsExactly("b");
        rings.remove(later);
        rings.prioritize(later, 5);
        assertThat(rings.contains(later)).isFalse();
    }

    @Test
    void addsAStreamOnce() {
        Stream stream = add("a", 1);
        rings.add(stream);

        rings.remove(stream);

        assertThat(rings.isEmpty()).isTrue();
        rings.remove(stream);
        assertThat(rings.next()).isNull();
    }
}
