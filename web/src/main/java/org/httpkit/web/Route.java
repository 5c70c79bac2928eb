package org.httpkit.web;

import java.util.List;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.jspecify.annotations.Nullable;

/**
 * A handler and the requests that it serves. Immutable.
 *
 * @param method null for all methods
 * @param filters the filters around the handler, the outermost first
 */
record Route(@Nullable Method method, PathTemplate template, Handler handler, List<Filter> filters) {

    /** Whether some requests may match both routes, and neither route is the narrower one. */
    boolean isAmbiguousWith(Route other) {
        boolean shareAMethod = method == null || other.method == null || method.equals(other.method);
        return shareAMethod
                && switch (template.to(other.template)) {
                    case DISJOINT, NARROWER, WIDER -> false;
                    case CROSSING -> true;
                    case SAME -> method == null == (other.method == null);
                };
    }

    /** The handler with its filters around it. */
    Handler filtered() {
        return filtered(handler, filters);
    }

    static Handler filtered(Handler handler, List<Filter> filters) {
        Handler filtered = handler;
        for (int i = filters.size() - 1; i >= 0; i--) {
            filtered = filters.get(i).around(filtered);
        }
        return filtered;
    }

    @Override
    public String toString() {
        return (method == null ? "*" : method.name()) + " " + template;
    }
}
