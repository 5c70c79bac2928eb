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

/** A channel whose callbacks are still to be set, so that calls wait, and a diary of the calls that only one at a time may write. */
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

    /** Something came whose turn is to be told of. */
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

    /** Answers later, and that is never: the channel stays as it is. */
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
