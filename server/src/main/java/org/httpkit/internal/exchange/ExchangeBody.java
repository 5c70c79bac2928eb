package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.ClientWait;
import org.httpkit.internal.fields.PackedFields;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.RequestBody;
import org.jspecify.annotations.Nullable;

/** Holds what the client of an exchange sent: the head and the body, collected or streamed, decoded or not. */
abstract class ExchangeBody extends ExchangeEnd {
    private final RequestHead head;

    // Set by the loop before the handler runs.
    /** Null if there is none. */
    private @Nullable RequestBody body;

    private Headers trailers = Headers.empty();

    ExchangeBody(HttpStream stream, ServerContext context, Link link, RequestHead head, long receivedNanos) {
        super(stream, context, link, receivedNanos);
        this.head = head;
    }

    @Override
    public RequestHead head() {
        return head;
    }

    /** Asks the handler how it wants the body; if that fails, it is collected. */
    public boolean streamsBody() {
        try {
            return context.handler.streamsBody(this);
        } catch (Throwable e) {
            context.observer.handlerFailed(this, e);
            return false;
        }
    }

    public StreamedBody beginStreamedBody(boolean continueIsDue) {
        assert link.isHeldByCaller();
        StreamedBody begun = new StreamedBody(
                context.newBodyLock(),
                stream::wantInput,
                this::sendContinue,
                this::giveUpBody,
                head.contentLength(),
                BodyCoding.mostStreamed(context.options),
                head,
                continueIsDue);
        body = begun;
        return begun;
    }

    /** Gives up a client that sends its body, because other tasks need the thread that reads it. */
    private void giveUpBody(ClientWait wait) {
        stream.outflow()
                .closeSoonUnless(
                        wait::isOver,
                        new EndedException(
                                Cause.BODY_TIMEOUT,
                                "Too many threads wait for their clients, and this one for the longest time"));
    }

    private StreamedBody streamedBody() {
        if (body instanceof StreamedBody streamed) {
            return streamed;
        }
        throw new IllegalStateException("The body is not streamed");
    }

    public void collected(byte[] bytes, Headers trailers) {
        assert link.isHeldByCaller();
        this.body = new CollectedBody(bytes, head);
        this.trailers = trailers;
    }

    /**
     * Makes the body what the handler gets. May take a while: it belongs to the handler's call.
     *
     * @throws RefusedBodyException if it cannot be
     */
    void prepareBody() throws IOException {
        RequestBody given = body;
        if (given == null) {
            return;
        }
        if (given instanceof StreamedBody streamed) {
            streamed.requireAnnouncedLength();
        }
        if (context.options.decompressRequests()) {
            RequestBody decoded = BodyCoding.decoded(given, head, context.coders(), context.options);
            if (decoded != given) {
                if (given instanceof StreamedBody streamed) {
                    streamed.readAs((DecodedBody) decoded);
                    if (over) {
                        streamed.release(); // the end may have come before there was anything to free
                    }
                } else {
                    body = decoded;
                    stream.requestGrew();
                }
                replaceHeaders(BodyCoding.decoded(headers()));
            }
        }
    }

    /** The arrays of its head and its body, as far as the body was collected. */
    public long heldBytes() {
        long held = head.heldBytes();
        if (trailers instanceof PackedFields packed) {
            held += packed.heldBytes();
        }
        RequestBody given = body;
        return given instanceof CollectedBody ? held + given.length() : held;
    }

    /** Whether the handler reads the body while it comes, so that how long it takes says nothing of the handler. */
    public boolean isStreamed() {
        return body instanceof StreamedBody;
    }

    /** Whether the client still waits for permission to send the body. */
    public boolean isContinueDue() {
        return body instanceof StreamedBody streamed && streamed.isContinueDue();
    }

    @Override
    void freeBody() {
        if (body instanceof StreamedBody streamed) {
            streamed.release();
        }
    }

    /** No more of a body comes that is streamed. */
    void failStreamedBody(@Nullable IOException failure) {
        if (body instanceof StreamedBody streamed) {
            streamed.fail(failure != null ? failure : new IOException("The connection is closed"));
        }
    }

    /**
     * Returns the request as a WebSocket keeps it while it is open: in full, but in less space. If it has a body, which
     * is rare, returns this.
     */
    public ReceivedRequest kept() {
        return body == null ? SavedRequest.of(this, stream.outflow()) : this;
    }

    void sendContinue() {
        stream.interim(Status.CONTINUE, Headers.empty(), streamedBody()::tryContinue);
    }

    /** Is called before the head of the response is made: from here on the client gets no permission to send the body. */
    public void responseBegins() {
        if (body instanceof StreamedBody streamed) {
            streamed.responseBegins();
        }
    }

    @Override
    public RequestBody body() {
        RequestBody known = body;
        if (known instanceof StreamedBody streamed) {
            return streamed.asRead();
        }
        return known != null ? known : CollectedBody.EMPTY;
    }

    @Override
    public Headers trailers() {
        return body instanceof StreamedBody streamed ? streamed.trailers() : trailers;
    }
}
