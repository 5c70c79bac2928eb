package org.httpkit.ring;

import clojure.lang.IFn;
import org.httpkit.server.ErrorPages;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Asks a function of status, reason and request map (or nil) for a Ring response. Safe from any thread. */
record RingErrorPages(IFn function, RingSettings settings) implements ErrorPages {
    private static final String OPTION = "error-pages";

    /** Sets the option, if it is given. */
    static void set(HttpServer.Builder builder, RingOptions given, RingSettings settings) {
        Object value = given.get(OPTION);
        if (value instanceof ErrorPages pages) {
            builder.errorPages(pages);
        } else if (value instanceof IFn function) {
            builder.errorPages(new RingErrorPages(function, settings));
        } else if (value != null) {
            throw RingOptions.mustBe(":" + OPTION, value, "a function of status, reason and request, or nil");
        }
    }

    @Override
    public @Nullable Response page(int status, String reason, @Nullable Request request) {
        RequestMap map = request == null ? null : new RequestMap(new RequestValues(request, settings));
        return RingResponses.page(function.invoke((long) status, reason, map));
    }
}
