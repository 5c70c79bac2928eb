package org.httpkit.arena;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The items that the harness mounts, and answers made of the first of them. Immutable. */
final class Dataset {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As in the file. */
    record Item(
            long id,
            String name,
            String category,
            long price,
            long quantity,
            boolean active,
            List<String> tags,
            Rating rating) {
        Priced priced(long factor) {
            return new Priced(id, name, category, price, quantity, active, tags, rating, price * quantity * factor);
        }
    }

    /** How others liked an item. */
    record Rating(long score, long count) {}

    /** An item in an answer. */
    record Priced(
            long id,
            String name,
            String category,
            long price,
            long quantity,
            boolean active,
            List<String> tags,
            Rating rating,
            long total) {}

    /** The whole answer. */
    record Answer(List<Priced> items, int count) {}

    private final List<Item> items;

    private Dataset(List<Item> items) {
        this.items = List.copyOf(items);
    }

    /** Reads the file; fails if it is not a list of items. */
    static Dataset read(Path file) throws IOException {
        return new Dataset(JSON.readValue(Files.readAllBytes(file), new TypeReference<List<Item>>() {}));
    }

    int size() {
        return items.size();
    }

    /** The answer with the first items, as JSON; made anew for each request, as the rules demand. */
    byte[] first(int count, long factor) throws IOException {
        List<Priced> priced = new ArrayList<>(count);
        for (Item item : items.subList(0, count)) {
            priced.add(item.priced(factor));
        }
        return JSON.writeValueAsBytes(new Answer(priced, count));
    }
}
