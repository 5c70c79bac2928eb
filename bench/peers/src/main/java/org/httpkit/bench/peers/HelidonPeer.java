package org.httpkit.bench.peers;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.staticcontent.FileSystemHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/** Helidon: it gives each connection a virtual thread, so handlers may block. It always accepts HTTP/2 in the clear, too. */
public final class HelidonPeer {
    private HelidonPeer() {}

    public static void main(String... arguments) throws Exception {
        Settings settings = Settings.parse(arguments);
        WebServerConfig.Builder server = WebServer.builder();
        if (settings.store().isPresent()) {
            SSLContext context = settings.tls();
            server.tls(tls -> tls.sslContext(context));
        }
        server.host("127.0.0.1")
                .port(settings.port())
                .backlog(Answers.BACKLOG)
                .connectionOptions(options -> options.tcpNoDelay(true))
                .routing(routing -> routes(routing, settings))
                .addRouting(WsRouting.builder().endpoint("/ws", new Echo()).endpoint("/bcast", new Broadcast()))
                .build()
                .start();
    }

    private static void routes(HttpRouting.Builder routing, Settings settings) {
        settings.files()
                .ifPresent(folder -> routing.register(
                        "/files", StaticContentFeature.createService(FileSystemHandlerConfig.create(folder))));
        routing.get("/plaintext", (request, response) -> response.send(Answers.HELLO))
                .post("/echo", (request, response) -> response.send(request.content().as(byte[].class)))
                .get("/bytes/{n}", (request, response) -> response.send(
                        Answers.bytes(request.path().path())))
                .get("/sleep/{n}", (request, response) -> response.send(
                        Answers.sleep(request.path().path())));
    }

    private static final class Echo implements WsListener {
        @Override
        public void onMessage(WsSession session, String text, boolean last) {
            session.send(text, last);
        }

        @Override
        public void onMessage(WsSession session, BufferData bytes, boolean last) {
            session.send(bytes, last);
        }
    }

    private static final class Broadcast implements WsListener {
        private final Set<WsSession> room = ConcurrentHashMap.newKeySet();

        @Override
        public void onOpen(WsSession session) {
            room.add(session);
        }

        @Override
        public void onMessage(WsSession session, String text, boolean last) {
            for (WsSession member : room) {
                try {
                    member.send(text, last);
                } catch (RuntimeException gone) {
                    room.remove(member);
                }
            }
        }

        @Override
        public void onClose(WsSession session, int code, String reason) {
            room.remove(session);
        }
    }
}
