package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table does what a plain list of entries does (RFC 7541 sections 2.3.2 and 4). */
class HpackTableTest {
    private record Entry(String name, String value) {
        int size() {
            return 32 + name.length() + value.length();
        }
    }

    private final Deque<Entry> expected = new ArrayDeque<>();

    static long[] seeds() {
        return Seeds.of(7541, 1, 2, 3);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void doesWhatAListDoes(long seed) {
        Random random = Seeds.random(seed);
        int capacity = 4096;
        HpackTable table = new HpackTable(capacity);
        for (int i = 0; i < 5000; i++) {
            switch (random.nextInt(40)) {
                case 0 -> {
                    capacity = random.nextBoolean() ? random.nextInt(200) : random.nextInt(5000);
                    table.resize(capacity);
                    evictTo(capacity);
                }
                case 1 -> {
                    table.clear();
                    evictTo(0);
                }
                default -> {
                    Entry entry = new Entry(
                            "n".repeat(random.nextInt(20)) + i, "v".repeat(random.nextInt(random.nextInt(300) + 1)));
                    byte[] bytes = (entry.name + entry.value).getBytes(StandardCharsets.ISO_8859_1);
                    table.add(bytes, entry.name.length(), bytes.length);
                    evictTo(Math.max(0, capacity - entry.size()));
                    if (entry.size() <= capacity) {
                        expected.addFirst(entry);
                    }
                }
            }
            assertThat(entries(table)).as("step %d", i).containsExactlyElementsOf(expected);
            assertThat(table.size()).isEqualTo(sum());
        }
    }

    private static List<Entry> entries(HpackTable table) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < table.count(); i++) {
            entries.add(new Entry(
                    text(table, table.nameStart(i), table.nameEnd(i)),
                    text(table, table.nameEnd(i), table.valueEnd(i))));
        }
        return entries;
    }

    private static String text(HpackTable table, int from, int to) {
        return new String(table.bytes(), from, to - from, StandardCharsets.ISO_8859_1);
    }

    private void evictTo(int most) {
        while (sum() > most) {
            expected.removeLast();
        }
    }

    private int sum() {
        return expected.stream().mapToInt(Entry::size).sum();
    }
}
