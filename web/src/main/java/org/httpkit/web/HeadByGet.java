package org.httpkit.web;

import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * A handler inside a filter. If it answers HEAD with null, it is called again with GET (RFC 9110 section 9.3.2), as the
 * server does with the outermost handler: the filter may make a response of that null, which the server never sees.
 */
record HeadByGet(Handler handler) implements Handler {

    @Override
    public @Nullable Response handle(Request request) throws Exception {
        if (!request.method().equals(Method.HEAD) || !handler.answersHeadByGet()) {
            return handler.handle(request);
        }
        WatchedRequest head = new WatchedRequest(request);
        Response response = handler.handle(head);
        return response == null && !head.isTakenOver() ? handler.handle(new Get(request)) : response;
    }

    @Override
    public boolean streamsBody(Request request) {
        return handler.streamsBody(request);
    }

    @Override
    public boolean answersHeadByGet() {
        return handler.answersHeadByGet();
    }

    /** A HEAD request as the GET that it stands for. */
    private static final class Get extends RequestWrapper {
        Get(Request head) {
            super(head);
        }

        @Override
        public Method method() {
            return Method.GET;
        }
    }
}
