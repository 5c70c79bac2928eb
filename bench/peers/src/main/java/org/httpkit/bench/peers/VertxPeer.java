package org.httpkit.bench.peers;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PfxOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Vert.x: a verticle for each processor, on native epoll; its handlers must not block. It always takes HTTP/2 in the clear, too. */
public final class VertxPeer extends AbstractVerticle {
    private static final Set<ServerWebSocket> LISTENERS = ConcurrentHashMap.newKeySet();
    private static final Buffer HELLO = Buffer.buffer(Answers.HELLO);

    private final Settings settings;

    private VertxPeer(Settings settings) {
        this.settings = settings;
    }

    public static void main(String... arguments) {
        Settings settings = Settings.parse(arguments);
        int processors = Runtime.getRuntime().availableProcessors();
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(processors));
        vertx.deployVerticle(() -> new VertxPeer(settings), new DeploymentOptions().setInstances(processors));
    }

    @Override
    public void start() {
        HttpServerOptions options =
                new HttpServerOptions().setAcceptBacklog(Answers.BACKLOG).setTcpNoDelay(true);
        settings.store()
                .ifPresent(store -> options.setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(new PfxOptions().setPath(store).setPassword(Settings.PASSWORD)));
        vertx.createHttpServer(options)
                .requestHandler(handler())
                .webSocketHandler(VertxPeer::open)
                .listen(settings.port(), "127.0.0.1");
    }

    private Handler<HttpServerRequest> handler() {
        if (settings.files().isEmpty()) {
            return VertxPeer::answer;
        }
        Router router = Router.router(vertx);
        String folder = settings.files().get().toString();
        router.route("/files/*").handler(StaticHandler.create(FileSystemAccess.ROOT, folder));
        router.route().handler(context -> answer(context.request()));
        return router;
    }

    private static void answer(HttpServerRequest request) {
        String path = request.path();
        if (path.equals("/plaintext")) {
            request.response().putHeader("content-type", "text/plain").end(HELLO);
        } else if (path.equals("/echo")) {
            request.body().onSuccess(body -> request.response().end(body));
        } else if (path.startsWith("/bytes/")) {
            request.response().end(Buffer.buffer(Answers.bytes(path)));
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    private static void open(ServerWebSocket socket) {
        if (socket.path().equals("/bcast")) {
            LISTENERS.add(socket);
            socket.closeHandler(closed -> LISTENERS.remove(socket));
            socket.textMessageHandler(text -> LISTENERS.forEach(each -> each.writeTextMessage(text)));
        } else {
            socket.textMessageHandler(socket::writeTextMessage);
            socket.binaryMessageHandler(socket::writeBinaryMessage);
        }
        socket.exceptionHandler(failure -> {}); // a load generator that ends resets its connections
    }
}
