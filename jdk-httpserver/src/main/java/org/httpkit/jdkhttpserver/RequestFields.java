package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a request as the JDK's class, unmodifiable. Immutable. */
final class RequestFields extends Headers {
    private final Map<String, List<String>> fields;

    RequestFields(org.httpkit.http.Headers given) {
        Map<String, List<String>> lists = new HashMap<>();
        for (int i = 0; i < given.size(); i++) {
            lists.computeIfAbsent(normal(given.name(i)), name -> new ArrayList<>(1))
                    .add(given.value(i));
        }
        lists.replaceAll((name, values) -> Collections.unmodifiableList(values));
        fields = Collections.unmodifiableMap(lists);
    }

    /** Writes a name as the JDK does: the first letter in upper case, the others in lower case. */
    private static String normal(String name) {
        return name.isEmpty()
                ? name
                : name.substring(0, 1).toUpperCase(Locale.ROOT)
                        + name.substring(1).toLowerCase(Locale.ROOT);
    }

    @Override
    public int size() {
        return fields.size();
    }

    @Override
    public boolean isEmpty() {
        return fields.isEmpty();
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return name instanceof String text && fields.containsKey(normal(text));
    }

    @Override
    public boolean containsValue(@Nullable Object values) {
        return fields.containsValue(values);
    }

    @Override
    public @Nullable List<String> get(@Nullable Object name) {
        return name instanceof String text ? fields.get(normal(text)) : null;
    }

    @Override
    public @Nullable String getFirst(String name) {
        List<String> values = get(name);
        return values == null ? null : values.get(0);
    }

    @Override
    public Set<String> keySet() {
        return fields.keySet();
    }

    @Override
    public Collection<List<String>> values() {
        return fields.values();
    }

    @Override
    public Set<Map.Entry<String, List<String>>> entrySet() {
        return fields.entrySet();
    }

    // ---- changes, which are refused

    @Override
    public List<String> put(String name, List<String> values) {
        throw new UnsupportedOperationException("The fields of a request cannot be changed");
    }

    @Override
    public void add(String name, String value) {
        put(name, List.of());
    }

    @Override
    public void set(String name, String value) {
        put(name, List.of());
    }

    @Override
    public List<String> remove(Object name) {
        return put("", List.of());
    }

    @Override
    public void putAll(Map<? extends String, ? extends List<String>> others) {
        put("", List.of());
    }

    @Override
    public void clear() {
        put("", List.of());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return fields.equals(other);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    @Override
    public String toString() {
        return "Headers " + fields;
    }
}
