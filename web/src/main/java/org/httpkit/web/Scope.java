package org.httpkit.web;

import java.util.List;
import org.httpkit.server.Handler;
import org.jspecify.annotations.Nullable;

/**
 * The treatment of requests at a prefix and below it that match no route. Immutable.
 *
 * @param otherwise the handler that answers; null leaves that to the scope around this one, and in the end to a 404
 * @param filters the filters around the answer, the outermost first
 */
record Scope(PathTemplate prefix, @Nullable Handler otherwise, List<Filter> filters) {

    Scope within(@Nullable Scope outer) {
        return otherwise != null || outer == null ? this : new Scope(prefix, outer.otherwise, filters);
    }
}
