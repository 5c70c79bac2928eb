package org.httpkit.web;

import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** A handler with a filter around it. Immutable. */
record FilteredHandler(Filter filter, HeadByGet handler) implements Handler {

    @Override
    public @Nullable Response handle(Request request) throws Exception {
        return filter.filter(request, handler);
    }

    @Override
    public boolean streamsBody(Request request) {
        return handler.streamsBody(request);
    }

    @Override
    public boolean answersHeadByGet() {
        return handler.answersHeadByGet();
    }
}
