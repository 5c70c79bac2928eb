package org.httpkit.examples;

import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** A WebSocket that sends back every message. Other requests get an answer that says what to ask for. */
final class Echo implements Handler, ChannelListener {
    private final ChannelOptions options;

    Echo(ChannelOptions options) {
        this.options = options;
    }

    @Override
    public Response handle(Request request) {
        return request.isWebSocketUpgrade()
                ? request.asChannel(options, this)
                : Response.of(426).header("Upgrade", "websocket");
    }

    @Override
    public void onText(AsyncChannel channel, String text) {
        channel.send(text);
    }

    @Override
    public void onBinary(AsyncChannel channel, byte[] bytes) {
        channel.send(bytes);
    }
}
