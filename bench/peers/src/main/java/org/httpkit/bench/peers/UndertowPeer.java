package org.httpkit.bench.peers;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.nio.ByteBuffer;
import org.xnio.Options;

/** Undertow with its handlers on the I/O threads, where they must not block. */
public final class UndertowPeer {
    private UndertowPeer() {}

    public static void main(String... arguments) {
        Undertow.builder()
                .addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1")
                .setIoThreads(Runtime.getRuntime().availableProcessors())
                .setSocketOption(Options.BACKLOG, Answers.BACKLOG)
                .setSocketOption(Options.TCP_NODELAY, true)
                .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
                .setHandler(Handlers.path()
                        .addExactPath("/plaintext", exchange -> answer(exchange, Answers.HELLO))
                        .addExactPath("/echo", exchange -> exchange.getRequestReceiver()
                                .receiveFullBytes((whole, body) -> answer(whole, body)))
                        .addPrefixPath("/bytes", exchange -> answer(exchange, Answers.bytes(exchange.getRequestPath())))
                        .addExactPath("/ws", Handlers.websocket((exchange, channel) -> open(channel, false)))
                        .addExactPath("/bcast", Handlers.websocket((exchange, channel) -> open(channel, true))))
                .build()
                .start();
    }

    private static void answer(HttpServerExchange exchange, byte[] body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }

    private static void open(WebSocketChannel channel, boolean toAll) {
        channel.getReceiveSetter().set(new AbstractReceiveListener() {
            @Override
            protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
                String text = message.getData();
                if (toAll) {
                    from.getPeerConnections().forEach(each -> WebSockets.sendText(text, each, null));
                } else {
                    WebSockets.sendText(text, from, null);
                }
            }
        });
        channel.resumeReceives();
    }
}
