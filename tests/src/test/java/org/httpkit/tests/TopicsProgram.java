package org.httpkit.tests;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.Subscription;
import org.httpkit.topics.Topics;
import org.httpkit.topics.nats.NatsBackplane;
import org.httpkit.topics.redis.RedisBackplane;

/** A server of topics behind a proxy, as a program that a test can kill. A GET listens, a POST publishes. */
final class TopicsProgram {
    private static final long LONGEST_LIFE_MINUTES = 10; // should the test not get to end it

    private TopicsProgram() {}

    /** Arguments: the server's name, its port, the broker's address. */
    public static void main(String... arguments) throws Exception {
        String name = arguments[0];
        Topics topics = Topics.builder()
                .keep(10_000, Duration.ofMinutes(5))
                .presenceInterval(Duration.ofMillis(50))
                .backplane(backplane(arguments[2]))
                .build();
        HttpServer.builder()
                .address("127.0.0.1", Integer.parseInt(arguments[1]))
                .proxyProtocol(ProxyProtocol.ENABLED)
                .handler(request -> handle(topics, name, request))
                .start();
        TimeUnit.MINUTES.sleep(LONGEST_LIFE_MINUTES);
        System.exit(1);
    }

    private static Backplane backplane(String address) {
        return URI.create(address).getScheme().equals("redis")
                ? RedisBackplane.connect(address)
                : NatsBackplane.connect(address);
    }

    private static Response handle(Topics topics, String name, Request request) throws Exception {
        if (request.path().equals("/health")) {
            return Response.text("fine");
        }
        if (request.path().equals("/listeners")) {
            return Response.text("" + topics.presence("a").everywhere());
        }
        if (request.method().equals(Method.POST)) {
            return Response.later(
                    topics.publish("a", Message.text(request.body().text())).thenApply(id -> Response.text(name)));
        }
        Subscription subscription = Subscription.to("a")
                .channel(ChannelOptions.DEFAULT.headers(Headers.of("X-Served-By", name)))
                .pollTimeout(Duration.ofSeconds(20));
        return topics.subscribe(request, subscription);
    }
}
