package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.function.BiConsumer;
import org.httpkit.http.CloseCode;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.server.SendResult;
import org.jspecify.annotations.Nullable;

/**
 * A receiver on a channel that stays open: a WebSocket, server-sent events or a stream. See {@link Receiver} for
 * threads.
 */
class ChannelReceiver extends Receiver {
    private static final Headers EVENTS = Headers.of("Content-Type", "text/event-stream", "Cache-Control", "no-cache");
    private static final Headers LINES =
            Headers.of("Content-Type", "application/x-ndjson", "Cache-Control", "no-cache");

    private static final Message COMMENT = Message.binary(":\n\n".getBytes(US_ASCII));
    /** JSON allows it before the next object. */
    private static final Message SPACE = Message.binary(new byte[] {' '});

    final Topics topics;
    final Subscription wish;

    /** The message that the client saw last; the subscription outlives the need for it. */
    private @Nullable MessageId after;

    private Form form;

    // Written before the first call, read by any thread.
    private volatile @Nullable AsyncChannel channel;

    ChannelReceiver(Topics topics, Subscription wish, Form form, @Nullable MessageId after) {
        this.topics = topics;
        this.wish = wish;
        this.form = form;
        this.after = after;
    }

    // ---- the server's calls

    @Override
    public void onOpen(AsyncChannel opened) {
        channel = opened;
        if (TextProtocol.NAME.equals(opened.subprotocol())) {
            form = Form.FRAMED;
        }
        topics.engine().open(this, after, this::join);
    }

    @Override
    public void onText(AsyncChannel from, String text) {
        if (form != Form.FRAMED) {
            hand(from, text);
            return;
        }
        Limits limits = topics.engine().limits;
        TextProtocol.Command command = TextProtocol.parse(text, limits.subscriptions(), limits.nameLength());
        if (command == null) {
            from.close(CloseCode.POLICY_VIOLATION, "No command of " + TextProtocol.NAME);
            return;
        }
        switch (command.verb()) {
            case SEND -> hand(from, command.text());
            case UNSUBSCRIBE ->
                order(from, command, () -> command.topics()
                        .forEach(name -> topics.engine().table.leave(this, name)));
            case SUBSCRIBE, RESUME ->
                order(from, command, joining(topics.allowed(from.request(), wish, command.topics()), command));
        }
    }

    private void order(AsyncChannel from, TextProtocol.Command command, Runnable task) {
        if (!topics.engine().order(this, command.after(), command.topics().size(), task)) {
            from.close(CloseCode.TRY_AGAIN_LATER, "Too many commands");
        }
    }

    private Runnable joining(List<String> allowed, TextProtocol.Command command) {
        return () -> {
            TopicTable table = topics.engine().table;
            boolean all = allowed.isEmpty() || table.join(this, allowed, command.after());
            for (String name : command.topics()) {
                if (!all || !allowed.contains(name)) {
                    tell(Notice.REFUSED, name, "");
                }
            }
        };
    }

    @Override
    public void onBinary(AsyncChannel from, byte[] bytes) {
        hand(from, bytes);
    }

    private void hand(AsyncChannel from, Object message) {
        BiConsumer<AsyncChannel, Object> application = wish.onMessage();
        if (application != null) {
            application.accept(from, message);
        }
    }

    @Override
    public void onClose(AsyncChannel closed, CloseReason reason) {
        topics.engine().post(() -> topics.engine().table.leave(this));
    }

    // ---- the thread of topics

    private void join() {
        if (state() == State.GONE) {
            return; // while it waited
        }
        MessageId from = after;
        after = null;
        if (!wish.topics().isEmpty() && !topics.engine().table.join(this, wish.topics(), from)) {
            if (isUnanswered()) {
                refuse();
            } else {
                open().close(CloseCode.TRY_AGAIN_LATER, "Too many topics");
            }
        }
    }

    @Override
    void begin() {
        switch (form) {
            case EVENT, NAMED_EVENT -> beginStream(EVENTS);
            case LINE -> beginStream(LINES);
            case RAW, FRAMED -> {
                // The handshake has been answered.
            }
        }
    }

    /** Proxies cut streams that are silent for long; the server itself pings WebSockets. */
    private void beginStream(Headers fields) {
        open().send(Response.of(200).headers(wish.fields(fields)), false);
        topics.engine().idle.add(this, System.nanoTime());
    }

    private AsyncChannel open() {
        AsyncChannel opened = channel;
        if (opened == null) {
            throw new IllegalStateException("The channel is not open yet");
        }
        return opened;
    }

    @Override
    WhenSlow whenSlow() {
        return wish.whenSlow();
    }

    @Override
    boolean wantsPresence() {
        return wish.presence();
    }

    /**
     * A client that waits for the log gets bytes that mean nothing. Others that are not live have missed messages to come,
     * or data that waits for them: their connection is not idle.
     */
    @Override
    void keepAlive(LiveNotices notices) {
        Message notice = state() == State.LIVE ? notices.in(form) : null;
        if (notice == null && topics.engine().table.isLoading()) {
            notice = form == Form.LINE ? SPACE : COMMENT;
        }
        if (notice != null) {
            open().trySend(notice);
        }
    }

    @Override
    boolean give(Entry entry) {
        sentTick = topics.engine().idle.tick();
        Message message = entry.in(form, topics.engine().table.epoch());
        if (state() == State.CATCHING_UP) {
            message = message.forMany(); // those that follow leave in the same write
        }
        return open().trySend(message) != SendResult.CLOSED;
    }

    /** Sends a notice. A WebSocket without the protocol cannot learn of a gap, so it has to come back. */
    @Override
    void tell(Notice notice, String topic, String value) {
        sentTick = topics.engine().idle.tick();
        if (notice == Notice.STALE) {
            topics.engine().stale.increment();
        } else if (notice == Notice.SKIPPED) {
            topics.engine().skipped.add(Long.parseLong(value));
        }
        Message message = form.of(notice, topic, value);
        if (message != null) {
            open().trySend(message);
        } else if (notice == Notice.STALE) {
            open().close(CloseCode.SERVICE_RESTART, "stale");
        }
    }

    @Override
    boolean isSlow() {
        return open().queuedBytes() >= topics.engine().limits.slowAfterBytes();
    }

    /** Goes on behind everything that waits for the client. If the channel ends before, it leaves all topics. */
    @Override
    void proceedWhenThereIsRoom() {
        open().trySend(null, false, failure -> {
            if (failure == null) {
                topics.engine().post(() -> topics.engine().table.hasRoom(this));
            }
        });
    }

    @Override
    void hangUp() {
        if (isUnanswered()) {
            end();
            refuse();
        } else {
            open().close(CloseCode.GOING_AWAY, "");
        }
    }

    /** Whether it is a stream that has not begun. */
    private boolean isUnanswered() {
        return state() == State.NEW && form != Form.RAW && form != Form.FRAMED;
    }

    private void refuse() {
        open().send(UNAVAILABLE.headers(wish.fields(UNAVAILABLE.headers())), true);
    }
}
