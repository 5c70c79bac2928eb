package org.httpkit.topics;

import java.io.ByteArrayOutputStream;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Answers a poll with the missed messages, or with the next one. See {@link Receiver} for threads. The next poll
 * repeats the answer's {@code Last-Event-ID}.
 */
final class PollReceiver extends Receiver {
    /**
     * An answer ends beyond this length; the next one has the rest. It is enough for half a minute with a hundred
     * messages a second, so that a client which comes back needs one request.
     */
    private static final int LONG_BYTES = 1 << 20;

    /** Messages in an answer. It is gathered in one turn, so that the polls of many clients need no memory meanwhile. */
    private static final int MOST_MESSAGES = 8192;

    private final Topics topics;
    private final Subscription wish;
    private final @Nullable MessageId after;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(0);
    private @Nullable MessageId last;

    // Written before the first call, read by any thread.
    private volatile @Nullable AsyncChannel channel;

    /**
     * The place up to which the client has everything, if it gets nothing more. Written by the thread of topics, read
     * by any.
     */
    private volatile @Nullable String place;

    PollReceiver(Topics topics, Subscription wish, @Nullable MessageId after) {
        this.topics = topics;
        this.wish = wish;
        this.after = after;
    }

    // ---- the server's calls

    @Override
    public void onOpen(AsyncChannel opened) {
        channel = opened;
        topics.engine().open(this, after, this::join);
    }

    @Override
    public Response onUnanswered(AsyncChannel waiting, Response response) {
        String known = place;
        Headers fields = wish.fields(response.headers());
        return response.headers(known == null ? fields : fields.plus("Last-Event-ID", known));
    }

    @Override
    public void onClose(AsyncChannel closed, CloseReason reason) {
        topics.engine().post(() -> topics.engine().table.leave(this));
    }

    // ---- the thread of topics

    private void join() {
        if (!topics.engine().table.join(this, wish.topics(), after)) {
            end();
            send(UNAVAILABLE);
        }
    }

    @Override
    WhenSlow whenSlow() {
        return WhenSlow.CLOSE;
    }

    @Override
    boolean wantsPresence() {
        return false;
    }

    @Override
    boolean give(Entry entry) {
        String epoch = topics.engine().table.epoch();
        last = new MessageId(epoch, entry.offset);
        lines.writeBytes(entry.in(Form.LINE, epoch).bytes());
        if (state() == State.LIVE) {
            answer();
        }
        return true;
    }

    @Override
    void tell(Notice notice, String topic, String value) {
        switch (notice) {
            case STALE -> {
                topics.engine().stale.increment();
                Message line = Form.LINE.of(notice, topic, value);
                if (line != null) {
                    lines.writeBytes(line.bytes());
                }
            }
            case LIVE -> {
                place = value;
                last = topics.engine().table.place();
                if (lines.size() > 0) {
                    answer();
                }
            }
            case SKIPPED, PRESENCE, REFUSED -> {
                // Polls have no such notices.
            }
        }
    }

    @Override
    int mostInATurn() {
        return MOST_MESSAGES;
    }

    @Override
    boolean isSlow() {
        return lines.size() >= LONG_BYTES;
    }

    /** Answers: the receiver has as much as fits into an answer, or a turn. */
    @Override
    void proceedWhenThereIsRoom() {
        answer();
    }

    /** Leaves the topics, then answers: a client that has its answer does not count as one that listens. */
    private void answer() {
        topics.engine().table.leave(this);
        Headers fields = Headers.of("Content-Type", "application/x-ndjson", "Cache-Control", "no-store");
        MessageId id = last;
        send(Response.bytes(lines.toByteArray())
                .headers(id == null ? fields : fields.plus("Last-Event-ID", id.toString())));
    }

    private void send(Response response) {
        AsyncChannel opened = channel;
        if (opened != null) {
            opened.send(response.headers(wish.fields(response.headers())), true);
        }
    }

    @Override
    void hangUp() {
        end();
        send(UNAVAILABLE);
    }
}
