package org.httpkit.web;

import java.util.List;
import org.httpkit.server.Handler;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done, at a prefix and below it, about requests that no route is for. Immutable.
 *
 * @param otherwise what answers; null leaves it to the scope around this one, and in the end to 404
 * @param filters those around the answer, the outermost first
 */
record Scope(PathTemplate prefix, @Nullable Handler otherwise, List<Filter> filters) {

    Scope within(@Nullable Scope outer) {
        return otherwise != null || outer == null ? this : new Scope(prefix, outer.otherwise, filters);
    }
}
