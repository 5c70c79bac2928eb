package org.httpkit.web;

import java.io.IOException;
import java.io.OutputStream;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
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
        Head head = new Head(request);
        Response response = handler.handle(head);
        return response == null && !head.isTakenOver ? handler.handle(new Get(request)) : response;
    }

    @Override
    public boolean streamsBody(Request request) {
        return handler.streamsBody(request);
    }

    @Override
    public boolean answersHeadByGet() {
        return handler.answersHeadByGet();
    }

    /** Notes whether the handler answers by other means than what it returns. For one thread. */
    private static final class Head extends RequestWrapper {
        private boolean isTakenOver;

        Head(Request request) {
            super(request);
        }

        @Override
        public OutputStream beginResponse(Response head, long length) throws IOException {
            isTakenOver = true;
            return super.beginResponse(head, length);
        }

        @Override
        public Response asChannel(ChannelListener listener) {
            isTakenOver = true;
            return super.asChannel(listener);
        }

        @Override
        public Response asChannel(ChannelOptions options, ChannelListener listener) {
            isTakenOver = true;
            return super.asChannel(options, listener);
        }

        @Override
        public AsyncChannel channel(ChannelCallbacks callbacks) {
            isTakenOver = true;
            return super.channel(callbacks);
        }
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
