package org.httpkit.bench.peers;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.handlers.resource.PathResourceManager;
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

    public static void main(String... arguments) throws Exception {
        Settings settings = Settings.parse(arguments);
        Undertow.Builder server = Undertow.builder();
        if (settings.store().isPresent()) {
            server.addHttpsListener(settings.port(), "127.0.0.1", settings.tls());
        } else {
            server.addHttpListener(settings.port(), "127.0.0.1");
        }
        PathHandler routes = Handlers.path()
                .addExactPath("/plaintext", exchange -> answer(exchange, Answers.HELLO))
                .addExactPath("/echo", exchange -> exchange.getRequestReceiver()
                        .receiveFullBytes((whole, body) -> answer(whole, body)))
                .addPrefixPath("/bytes", exchange -> answer(exchange, Answers.bytes(exchange.getRequestPath())))
                .addExactPath("/ws", Handlers.websocket((exchange, channel) -> open(channel, false)))
                .addExactPath("/bcast", Handlers.websocket((exchange, channel) -> open(channel, true)));
        settings.files()
                .ifPresent(folder ->
                        routes.addPrefixPath("/files", Handlers.resource(new PathResourceManager(folder))));
        server.setIoThreads(Runtime.getRuntime().availableProcessors())
                .setSocketOption(Options.BACKLOG, Answers.BACKLOG)
                .setSocketOption(Options.TCP_NODELAY, true)
                .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, settings.http2() || settings.store().isPresent())
                .setHandler(routes)
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
