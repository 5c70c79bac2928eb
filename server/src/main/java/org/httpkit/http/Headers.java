package org.httpkit.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in the order they were given, names compared without regard to case (RFC 9110 section 5). Immutable; safe
 * from any thread.
 *
 * <p>A name may occur more than once. Text is ISO-8859-1, as it goes over the wire.
 */
public interface Headers {

    /** No fields. */
    static Headers empty() {
        return ListedHeaders.EMPTY;
    }

    /**
     * Fields from names and values in turn: {@code Headers.of("Content-Type", "text/plain", "ETag", "\"1\"")}.
     *
     * @throws IllegalArgumentException for an odd number of strings, a name that is not a token, or a value with a control
     *     character (CR, LF and NUL above all: they would split the response) or a character above U+00FF
     */
    static Headers of(String... namesAndValues) {
        if ((namesAndValues.length & 1) != 0) {
            throw new IllegalArgumentException(
                    "Names and values come in pairs, but " + namesAndValues.length + " strings were given");
        }
        return namesAndValues.length == 0 ? empty() : ListedHeaders.checked(namesAndValues.clone());
    }

    /** How many fields there are; a repeated name counts each time. */
    int size();

    /** The name of the field at an index, in the case it was given. */
    String name(int index);

    /** The name of the field at an index, in lower case. */
    default String lowerCaseName(int index) {
        return name(index).toLowerCase(Locale.ROOT);
    }

    /** The value of the field at an index, without white space around it. */
    String value(int index);

    /** The value of the first field of that name, or null. */
    default @Nullable String first(String name) {
        for (int i = 0; i < size(); i++) {
            if (name(i).equalsIgnoreCase(name)) {
                return value(i);
            }
        }
        return null;
    }

    /** The values of all fields of that name, in order; empty if there is none. */
    default List<String> all(String name) {
        List<String> values = new ArrayList<>(1);
        for (int i = 0; i < size(); i++) {
            if (name(i).equalsIgnoreCase(name)) {
                values.add(value(i));
            }
        }
        return values;
    }

    /** Whether there is a field of that name. */
    default boolean contains(String name) {
        return first(name) != null;
    }

    /**
     * Whether a field of that name lists the given member: compared without regard to case, over all lines of that name
     * (RFC 9110 section 5.6.1). Made for {@code Connection}, {@code Upgrade} and the like; quoted strings are not understood.
     */
    default boolean lists(String name, String member) {
        for (int i = 0; i < size(); i++) {
            if (name(i).equalsIgnoreCase(name)) {
                for (String candidate : value(i).split(",", -1)) {
                    if (candidate.strip().equalsIgnoreCase(member)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** These fields and one more at the end. */
    default Headers plus(String name, String value) {
        FieldSyntax.requireToken(name, "field name");
        return ListedHeaders.appended(this, name, FieldSyntax.requireValue(name, value));
    }

    /** These fields without any of that name. */
    default Headers minus(String name) {
        return contains(name) ? ListedHeaders.without(this, name) : this;
    }

    /** These fields, those of that name replaced by one at the end. */
    default Headers with(String name, String value) {
        return minus(name).plus(name, value);
    }

    /**
     * The fields as a map: names in lower case, the values of a repeated name joined by {@code ", "} (those of {@code cookie}
     * by {@code "; "}). The map is the caller's own.
     */
    default Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < size(); i++) {
            String name = lowerCaseName(i);
            String separator = name.equals("cookie") ? "; " : ", ";
            map.merge(name, value(i), (earlier, later) -> earlier + separator + later);
        }
        return map;
    }
}
