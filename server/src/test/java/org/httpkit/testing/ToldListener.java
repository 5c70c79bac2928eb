package org.httpkit.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Records the calls that the listener of a channel receives, one line each, and keeps the channel. */
public final class ToldListener implements ChannelListener {
    private final List<String> told = new ArrayList<>();
    /** What it does when the channel opens, and with each message. */
    public java.util.function.Consumer<AsyncChannel> whenOpen = channel -> {};

    public BiConsumer<AsyncChannel, String> whenText = (channel, text) -> {};
    /** Whether it answers by itself when the server asks for its answer. */
    public boolean answersLater;

    public @Nullable AsyncChannel channel;

    /** Returns what it was told since the last call. */
    public List<String> take() {
        List<String> taken = List.copyOf(told);
        told.clear();
        return taken;
    }

    /** The channel, which must be open or have been so. */
    public AsyncChannel channel() {
        if (channel == null) {
            throw new AssertionError("No channel has opened");
        }
        return channel;
    }

    @Override
    public void init(AsyncChannel opening) {
        channel = opening;
    }

    @Override
    public void onOpen(AsyncChannel opened) {
        told.add("open");
        whenOpen.accept(opened);
    }

    @Override
    public void onText(AsyncChannel from, String text) {
        told.add("text " + (text.length() > 60 ? text.length() + " characters" : text));
        whenText.accept(from, text);
    }

    @Override
    public void onBinary(AsyncChannel from, byte[] bytes) {
        told.add("binary " + bytes.length);
    }

    @Override
    public void onPing(AsyncChannel from, byte[] payload) {
        told.add("ping " + new String(payload, StandardCharsets.US_ASCII));
    }

    @Override
    public void onPong(AsyncChannel from, byte[] payload) {
        told.add("pong " + new String(payload, StandardCharsets.US_ASCII));
    }

    @Override
    public void onDrain(AsyncChannel drained) {
        told.add("drain");
    }

    @Override
    public @Nullable Response onUnanswered(AsyncChannel waiting, Response response) {
        told.add("unanswered");
        return answersLater ? null : response;
    }

    @Override
    public void onClose(AsyncChannel closed, CloseReason reason) {
        told.add(
                "close " + reason.code() + (reason.text().isEmpty() ? "" : " " + reason.text()) + " " + reason.cause());
    }

    @Override
    public void onHandshakeError(AsyncChannel refused, Response response) {
        told.add("handshake error " + response.status().code());
        ChannelListener.super.onHandshakeError(refused, response);
    }
}
