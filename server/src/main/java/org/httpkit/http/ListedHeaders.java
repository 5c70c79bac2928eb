package org.httpkit.http;

import java.util.Arrays;

/** Headers held as names and values in turn in one array; checked when made, so that writing them needs no check. */
final class ListedHeaders implements Headers {
    static final ListedHeaders EMPTY = new ListedHeaders(new String[0]);

    private final String[] namesAndValues;

    private ListedHeaders(String[] namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    static ListedHeaders checked(String[] namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            FieldSyntax.requireToken(namesAndValues[i], "field name");
            FieldSyntax.requireValue(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new ListedHeaders(namesAndValues);
    }

    static ListedHeaders appended(Headers headers, String name, String value) {
        String[] all = copy(headers, headers.size() + 1);
        all[all.length - 2] = name;
        all[all.length - 1] = value;
        return new ListedHeaders(all);
    }

    static Headers without(Headers headers, String name) {
        String[] rest = new String[2 * headers.size()];
        int length = 0;
        for (int i = 0; i < headers.size(); i++) {
            if (!headers.name(i).equalsIgnoreCase(name)) {
                rest[length++] = headers.name(i);
                rest[length++] = headers.value(i);
            }
        }
        return length == 0 ? EMPTY : new ListedHeaders(Arrays.copyOf(rest, length));
    }

    private static String[] copy(Headers headers, int size) {
        if (headers instanceof ListedHeaders listed) {
            return Arrays.copyOf(listed.namesAndValues, 2 * size);
        }
        String[] copy = new String[2 * size];
        for (int i = 0; i < headers.size(); i++) {
            copy[2 * i] = headers.name(i);
            copy[2 * i + 1] = headers.value(i);
        }
        return copy;
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

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ListedHeaders that && Arrays.equals(namesAndValues, that.namesAndValues));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(namesAndValues);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size(); i++) {
            text.append(i == 0 ? "" : ", ").append(name(i)).append(": ").append(value(i));
        }
        return text.append(']').toString();
    }
}
