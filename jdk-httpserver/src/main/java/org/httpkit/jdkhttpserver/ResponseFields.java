package org.httpkit.jdkhttpserver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.httpkit.http.Headers;

/** Converts the fields of a response from the JDK's class to ours. Stateless. */
final class ResponseFields {

    private ResponseFields() {}

    /** @throws IllegalArgumentException if a name is no token, or a value has characters that a field must not have */
    static Headers of(com.sun.net.httpserver.Headers given) {
        if (given.isEmpty()) {
            return Headers.empty();
        }
        List<String> namesAndValues = new ArrayList<>(2 * given.size());
        for (Map.Entry<String, List<String>> field : given.entrySet()) {
            for (String value : field.getValue()) {
                namesAndValues.add(field.getKey());
                namesAndValues.add(value);
            }
        }
        return Headers.of(namesAndValues.toArray(String[]::new));
    }
}
