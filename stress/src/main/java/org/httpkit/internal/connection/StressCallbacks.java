package org.httpkit.internal.connection;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** A channel whose callbacks are not set yet, so that calls wait, and a diary that only one call may write at a time. */
final class StressCallbacks extends StressConnection implements ChannelCallbacks {
    private @Nullable AsyncChannel channel;
    private String diary = "";
    private boolean writing;
    private boolean overlapped;

    StressCallbacks() {
        begin();
    }

    AsyncChannel channel() {
        return Objects.requireNonNull(channel);
    }

    /** Receives something that the callbacks learn of in its turn. */
    void message(char name) {
        if (!ChannelBinding.of(channel()).inTurn(() -> write(name))) {
            throw new IllegalStateException("The worker has room");
        }
    }

    String outcome() {
        loop.finish(link, wire);
        return diary + (overlapped ? " two at once" : "") + loop.leftBehind(link);
    }

    private void write(char name) {
        overlapped |= writing;
        writing = true;
        diary += name;
        writing = false;
    }

    /** Never answers, so that the channel stays as it is. */
    @Override
    public Response handle(Request request) {
        channel = request.channel(this);
        return Response.later(new CompletableFuture<>());
    }

    @Override
    public void onClose(AsyncChannel channel, CloseReason reason) {
        write('X');
    }

    @Override
    public void set(AsyncChannel channel, Occasion occasion, Object callback) {}

    @Override
    public boolean hasCloseHandler() {
        return false;
    }

    @Override
    public @Nullable Object toSend(AsyncChannel channel, @Nullable Object data) {
        return data;
    }
}
