package org.httpkit.ring;

import clojure.lang.IPersistentMap;
import clojure.lang.Named;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/** The {@code :headers} of a response. Immutable. Writing them finds fields that cannot be written. */
final class RingHeaders implements Headers {
    private static final int MASK = 15;
    /**
     * Recent conversions, by identity: most handlers write headers as literals, which are one and the same map each
     * time. Written without any ordering: a reader sees a whole entry or none.
     */
    private static final @Nullable Converted[] LATELY = new Converted[MASK + 1];

    private record Converted(IPersistentMap map, Headers headers) {}

    private final String[] namesAndValues;

    private RingHeaders(String[] namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    /**
     * @param headers a map, or null for none
     * @throws IllegalArgumentException if the argument is no map
     */
    static Headers of(@Nullable Object headers) {
        if (headers == null) {
            return Headers.empty();
        }
        if (headers instanceof IPersistentMap map) {
            int slot = System.identityHashCode(map) >>> 3 & MASK;
            Converted lately = LATELY[slot];
            if (lately != null && lately.map == map) {
                return lately.headers;
            }
            Headers converted = converted((Map<?, ?>) map);
            if (map.count() <= 8) {
                LATELY[slot] = new Converted(map, converted);
            }
            return converted;
        }
        if (headers instanceof Map<?, ?> map) {
            return converted(map);
        }
        throw new IllegalArgumentException(
                ":headers is of " + headers.getClass().getName() + "; it must be a map");
    }

    /** Whether writing these fields will succeed. */
    static boolean canBeWritten(Headers headers) {
        if (!(headers instanceof RingHeaders unchecked)) {
            return true;
        }
        try {
            return Headers.of(unchecked.namesAndValues).size() == unchecked.size();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Headers converted(Map<?, ?> map) {
        List<String> all = new ArrayList<>(2 * map.size());
        for (Map.Entry<?, ?> field : map.entrySet()) {
            add(all, nameOf(field.getKey()), field.getValue());
        }
        return all.isEmpty() ? Headers.empty() : new RingHeaders(all.toArray(new String[0]));
    }

    /** Adds a line for each value of a list (RFC 9110 section 5.3); none for nil. */
    private static void add(List<String> all, String name, @Nullable Object value) {
        if (value instanceof Iterable<?> values) {
            values.forEach(each -> add(all, name, each));
        } else if (value != null) {
            all.add(name);
            all.add(onTheWire(value.toString()));
        }
    }

    /**
     * Makes a field's text one byte for each character. Text beyond ASCII goes as UTF-8, as browsers and Ring's
     * adapters read it (RFC 9110 section 5.5 calls such bytes opaque).
     */
    private static String onTheWire(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }

    private static String nameOf(@Nullable Object name) {
        if (name instanceof String text) {
            return text;
        }
        if (name instanceof Named named) {
            return named.getName();
        }
        throw new IllegalArgumentException("A header's name is " + name + "; it must be a string");
    }

    @Override
    public int size() {
        return namesAndValues.length >> 1;
    }

    @Override
    public String name(int index) {
        return namesAndValues[2 * index];
    }

    @Override
    public String value(int index) {
        return namesAndValues[2 * index + 1];
    }
}
