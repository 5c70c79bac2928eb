package org.httpkit.internal.connection;

import java.util.ArrayDeque;
import java.util.function.BiConsumer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ErrorAnswers;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.http2.Http2Violation;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The malformed requests of an HTTP/2 connection that wait for the application's error page. They have no streams.
 * Confined to its loop thread.
 */
final class PendingPages {
    /** How long a client waits for a page, before it gets plain text. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    /** Pages that the worker makes at once for one connection; further requests get plain text. */
    private static final int MOST = 8;

    /**
     * A malformed request.
     *
     * @param id the number of the stream that it would have had
     * @param toHead whether it is a HEAD request, as far as it was read
     */
    record Malformed(int id, Http2Violation violation, boolean toHead, long receivedNanos) {
        Status status() {
            return Status.of(violation.status());
        }

        String reason() {
            return violation.reason() + " (" + violation.section() + ")";
        }
    }

    private record Pending(Malformed request, long dueNanos) {}

    private final Link link;
    /** Answers a request: with the page, or with plain text if that is null. */
    private final BiConsumer<Malformed, @Nullable Response> answer;

    private final ArrayDeque<Pending> waiting = new ArrayDeque<>(1);

    PendingPages(Link link, BiConsumer<Malformed, @Nullable Response> answer) {
        this.link = link;
        this.answer = answer;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Answers the request, as soon as its page has been made if there are pages. */
    void answer(ServerContext context, Malformed request) {
        Pending pending = new Pending(request, link.nanos() + PATIENCE_NANOS);
        if (context.options.errorPages() == null
                || waiting.size() == MOST
                || !context.calls.giveToWorker(() -> make(context, pending))) {
            answer.accept(request, null);
            return;
        }
        waiting.add(pending);
        link.checkBy(pending.dueNanos);
    }

    private void make(ServerContext context, Pending pending) {
        Response plain = Responses.refusal(pending.request.status());
        Response page = ErrorAnswers.inMemory(context, plain, pending.request.reason(), null);
        link.execute(() -> link.batch(() -> made(pending, page == plain ? null : page)));
    }

    private void made(Pending pending, @Nullable Response page) {
        if (waiting.remove(pending)) {
            answer.accept(pending.request, page);
        }
    }

    /** Answers the requests whose pages are late; returns when the next one is due. */
    long giveUpLate(long nowNanos) {
        Pending first = waiting.peek();
        while (first != null && nowNanos >= first.dueNanos) {
            made(first, null);
            first = waiting.peek();
        }
        return first == null ? Protocol.NO_DEADLINE : first.dueNanos;
    }

    void drop() {
        waiting.clear();
    }
}
