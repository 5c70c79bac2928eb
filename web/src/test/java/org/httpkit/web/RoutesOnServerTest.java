package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Routes in a server: that a request which they have wrapped is still the server's. */
class RoutesOnServerTest {

    @Test
    void answersOnAChannelOfARoutedRequest() throws Exception {
        Handler routes = Routes.of().get("/later/{id}", request -> {
            String id = Params.of(request).get("id");
            return request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    channel.send(Response.text("channel " + id), true);
                }
            });
        });
        assertThat(ask(routes, "GET /later/7 HTTP/1.1\r\nHost: a\r\n\r\n").text())
                .isEqualTo("channel 7");
    }

    @Test
    void streamsTheBodyOfARouteThatWantsIt() throws Exception {
        Handler routes = Routes.of()
                .with((request, next) -> next.handle(request))
                .post(
                        "/up/{id}",
                        Handler.streaming(request -> Response.text(
                                request.body().length() + " " + request.body().text())));
        try (HttpServer server = HttpServer.builder()
                        .port(0)
                        .maxBodyBytes(4)
                        .handler(routes)
                        .start();
                RawClient client = RawClient.connect(server)) {
            client.send("POST /up/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
            assertThat(client.read().text()).isEqualTo("10 0123456789");
            client.send("POST /elsewhere HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
            assertThat(client.read().statusLine()).contains("413");
        }
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        try (HttpServer server = HttpServer.builder()
                        .port(0)
                        .handler(Routes.of().get("/", request -> Response.text("hello")))
                        .start();
                RawClient client = RawClient.connect(server)) {
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            RawResponse head = client.readToHeadRequest();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.field("Content-Length")).isEqualTo("5");
        }
    }

    private static RawResponse ask(Handler handler, String request) throws Exception {
        try (HttpServer server = HttpServer.builder().port(0).handler(handler).start();
                RawClient client = RawClient.connect(server)) {
            return client.send(request).read();
        }
    }
}
