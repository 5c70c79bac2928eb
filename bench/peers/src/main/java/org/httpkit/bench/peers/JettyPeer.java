package org.httpkit.bench.peers;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty's core with virtual threads for its handlers, which may block. */
public final class JettyPeer extends Handler.Abstract {
    private static final Set<Session> ROOM = ConcurrentHashMap.newKeySet();

    private JettyPeer() {}

    public static void main(String... arguments) throws Exception {
        Settings settings = Settings.parse(arguments);
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        Server server = new Server(threads);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        ServerConnector connector = connector(server, configuration, settings);
        connector.setHost("127.0.0.1");
        connector.setPort(settings.port());
        connector.setAcceptQueueSize(Answers.BACKLOG);
        server.addConnector(connector);
        WebSocketUpgradeHandler webSockets = WebSocketUpgradeHandler.from(server, container -> {
            container.addMapping("/ws", (request, response, callback) -> new Echo());
            container.addMapping("/bcast", (request, response, callback) -> new Member());
        });
        webSockets.setHandler(new JettyPeer());
        server.setHandler(settings.files().isEmpty() ? webSockets : files(settings.files().get(), server));
        server.start();
    }

    private static ServerConnector connector(Server server, HttpConfiguration configuration, Settings settings)
            throws Exception {
        HttpConnectionFactory http1 = new HttpConnectionFactory(configuration);
        if (settings.store().isPresent()) {
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(settings.tls());
            ALPNServerConnectionFactory negotiation = new ALPNServerConnectionFactory();
            negotiation.setDefaultProtocol(http1.getProtocol());
            return new ServerConnector(server, tls, negotiation, new HTTP2ServerConnectionFactory(configuration), http1);
        }
        return settings.http2()
                ? new ServerConnector(server, http1, new HTTP2CServerConnectionFactory(configuration))
                : new ServerConnector(server, http1);
    }

    private static Handler files(Path folder, Server server) {
        ContextHandler files = new ContextHandler(new ResourceHandler(), "/files");
        files.setBaseResource(ResourceFactory.of(server).newResource(folder));
        return new Handler.Sequence(files, new JettyPeer());
    }

    /** Sends each message back. */
    public static final class Echo extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketText(String message) {
            getSession().sendText(message, org.eclipse.jetty.websocket.api.Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer message, org.eclipse.jetty.websocket.api.Callback callback) {
            getSession().sendBinary(message, callback);
        }
    }

    /** Sends each message to all that are open. */
    public static final class Member extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketOpen(Session session) {
            super.onWebSocketOpen(session);
            ROOM.add(session);
        }

        @Override
        public void onWebSocketText(String message) {
            for (Session session : ROOM) {
                session.sendText(message, org.eclipse.jetty.websocket.api.Callback.NOOP);
            }
        }

        @Override
        public void onWebSocketClose(int code, String reason) {
            ROOM.remove(getSession());
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        byte[] body;
        if (path.equals("/plaintext")) {
            body = Answers.HELLO;
        } else if (path.equals("/echo")) {
            ByteBuffer whole = Content.Source.asByteBuffer(request);
            response.write(true, whole, callback);
            return true;
        } else if (path.startsWith("/bytes/")) {
            body = Answers.bytes(path);
        } else if (path.startsWith("/sleep/")) {
            body = Answers.sleep(path);
        } else {
            return false;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }
}
