package org.httpkit.ring;

import clojure.lang.IFn;
import org.httpkit.http.Status;
import org.httpkit.server.ErrorPages;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Asks a function of status, reason and request map (or nil) for a Ring response. Safe from any thread. */
record RingErrorPages(IFn function, RingSettings settings) implements ErrorPages {
    static final String OPTION = "error-pages";

    /** Sets the option, if it is given. */
    static void set(HttpServer.Builder builder, RingSettings settings) {
        ErrorPages pages = of(settings);
        if (pages != null) {
            builder.errorPages(pages);
        }
    }

    private static @Nullable ErrorPages of(RingSettings settings) {
        Object value = settings.errorPages();
        if (value == null || value instanceof ErrorPages) {
            return (ErrorPages) value;
        }
        if (value instanceof IFn function) {
            return new RingErrorPages(function, settings);
        }
        throw RingOptions.mustBe(":" + OPTION, value, "a function of status, reason and request, or nil");
    }

    /** The answer for what failed ahead of the server, as the server itself makes it for a handler that failed. */
    static Response failure(RingSettings settings, Request request) {
        Status status = Status.INTERNAL_SERVER_ERROR;
        ErrorPages pages = of(settings);
        Response page = null;
        try {
            page = pages == null ? null : pages.page(status.code(), status.reason(), request);
        } catch (Throwable e) { // Clojure throws checked ones, too
            settings.observer().pageFailed(status.code(), request, e);
        }
        if (page == null || page.body() instanceof ResponseBody.Later || page.body() instanceof ResponseBody.Channel) {
            page = Response.text(status.reason());
        }
        return page.status(status.code()).conditional(false);
    }

    @Override
    public @Nullable Response page(int status, String reason, @Nullable Request request) {
        RequestMap map = request == null ? null : new RequestMap(new RequestValues(request, settings));
        return RingResponses.page(function.invoke((long) status, reason, map));
    }
}
