package org.httpkit.examples;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Handler;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Sends what one client says to all. A Message is encoded once, however many get it. */
final class Broadcast implements Handler, ChannelListener {
    private final ChannelOptions options;
    private final Set<AsyncChannel> channels = ConcurrentHashMap.newKeySet();

    Broadcast(ChannelOptions options) {
        this.options = options;
    }

    @Override
    public Response handle(Request request) {
        return request.isWebSocketUpgrade()
                ? request.asChannel(options, this)
                : Response.of(426).header("Upgrade", "websocket");
    }

    @Override
    public void onOpen(AsyncChannel channel) {
        channels.add(channel);
    }

    @Override
    public void onText(AsyncChannel channel, String text) {
        sendToAll(Message.text(text));
    }

    @Override
    public void onBinary(AsyncChannel channel, byte[] bytes) {
        sendToAll(Message.binary(bytes));
    }

    @Override
    public void onClose(AsyncChannel channel, CloseReason reason) {
        channels.remove(channel);
    }

    private void sendToAll(Message message) {
        channels.forEach(channel -> channel.send(message, false));
    }
}
