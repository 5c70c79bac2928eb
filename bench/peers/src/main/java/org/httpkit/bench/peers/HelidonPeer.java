package org.httpkit.bench.peers;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;

/** Helidon, each connection on a virtual thread of its own, so that handlers may block. */
public final class HelidonPeer {
    private HelidonPeer() {}

    public static void main(String... arguments) {
        WebServer.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(arguments[0]))
                .backlog(Answers.BACKLOG)
                .connectionOptions(options -> options.tcpNoDelay(true))
                .routing(HelidonPeer::routes)
                .build()
                .start();
    }

    private static void routes(HttpRouting.Builder routing) {
        routing.get("/plaintext", (request, response) -> response.send(Answers.HELLO))
                .post("/echo", (request, response) -> response.send(request.content().as(byte[].class)))
                .get("/bytes/{n}", (request, response) -> response.send(
                        Answers.bytes(request.path().path())))
                .get("/sleep/{n}", (request, response) -> response.send(
                        Answers.sleep(request.path().path())));
    }
}
