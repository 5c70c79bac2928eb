package org.httpkit.ring;

import clojure.lang.IPersistentMap;
import clojure.lang.ITransientMap;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentHashMap;
import java.util.Arrays;
import org.httpkit.http.Headers;

/**
 * Makes the {@code :headers} map of a request: names in lower case, the values of a repeated name joined by a comma, those of {@code
 * cookie} by a semicolon (RFC 9110 section 5.3, RFC 6265 section 5.4). Stateless.
 */
final class FieldMaps {
    /** Up to this number, scanning an array is cheaper than hashing all names. */
    private static final int FEW = 16;

    private FieldMaps() {}

    static IPersistentMap of(Headers fields) {
        return fields.size() <= FEW ? few(fields) : many(fields);
    }

    private static IPersistentMap few(Headers fields) {
        Object[] pairs = new Object[2 * fields.size()];
        int length = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.lowerCaseName(i);
            String value = fields.value(i);
            int at = 0;
            while (at < length && !name.equals(pairs[at])) {
                at += 2;
            }
            pairs[at] = name;
            if (at == length) {
                pairs[at + 1] = value;
                length += 2;
            } else {
                pairs[at + 1] = joined(name, pairs[at + 1], value);
            }
        }
        return new PersistentArrayMap(length == pairs.length ? pairs : Arrays.copyOf(pairs, length));
    }

    private static IPersistentMap many(Headers fields) {
        ITransientMap map = (ITransientMap) PersistentHashMap.EMPTY.asTransient();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.lowerCaseName(i);
            String value = fields.value(i);
            Object earlier = map.valAt(name);
            map = map.assoc(name, earlier == null ? value : joined(name, earlier, value));
        }
        return map.persistent();
    }

    private static String joined(String name, Object earlier, String value) {
        return earlier + (name.equals("cookie") ? "; " : ",") + value;
    }
}
