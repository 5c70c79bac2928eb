package org.httpkit.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.topics.Backplane;
import org.httpkit.topics.Subscription;
import org.httpkit.topics.Topics;
import org.httpkit.web.Params;
import org.jspecify.annotations.Nullable;

/** Two servers that share a log: a client that loses one of them goes on at the other one, where it was. */
final class TwoServers implements AutoCloseable {
    private static final String TOPIC = "numbers\\.[a-z0-9]{1,20}";

    /** The page comes from the tour, which is another origin for these two servers. */
    private static final ChannelOptions FOR_ALL_PAGES = ChannelOptions.DEFAULT
            .anyOrigin()
            .headers(Headers.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "Last-Event-ID"));

    private final String host;
    private final Backplane log;
    private final List<Twin> twins = List.of(new Twin("a"), new Twin("b"));
    private int turn;

    /** A server, with topics that know others by the log alone. */
    private final class Twin {
        final String name;
        int port;

        @Nullable
        HttpServer server;

        @Nullable
        Topics topics;

        Twin(String name) {
            this.name = name;
        }

        void start() throws IOException {
            Topics made = Topics.builder()
                    .keep(1000, Duration.ofMinutes(5))
                    .maxTopics(1000)
                    .permission((request, topic) -> topic.matches(TOPIC))
                    .backplane(log)
                    .build();
            try {
                server = HttpServer.builder()
                        .address(host, port)
                        .handler(request -> listen(made, request))
                        .start();
                topics = made;
                port = server.port();
            } finally {
                if (topics != made) {
                    made.close();
                }
            }
        }

        /** Ends all connections at once, and forgets everything. */
        void stop() {
            if (server != null && topics != null) {
                server.stop(Duration.ZERO).join();
                topics.close();
                server = null;
                topics = null;
            }
        }
    }

    /** @param log a broker's, or one in memory */
    TwoServers(String host, Backplane log) {
        this.host = host;
        this.log = log;
    }

    private static Response listen(Topics topics, Request request) throws Exception {
        String topic = request.path().substring(1);
        return topics.subscribe(request, Subscription.to(topic).channel(FOR_ALL_PAGES));
    }

    /** Their ports; starts those that never ran. */
    synchronized List<Integer> ports() throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (Twin twin : twins) {
            if (twin.port == 0) {
                twin.start();
            }
            ports.add(twin.port);
        }
        return ports;
    }

    /** Says where the servers are, and which of them run. */
    synchronized Response state() throws IOException {
        ports();
        List<String> each = twins.stream()
                .map(twin -> "{\"name\": \"" + twin.name + "\", \"port\": " + twin.port + ", \"runs\": "
                        + (twin.server != null) + "}")
                .toList();
        return Response.json("[" + String.join(", ", each) + "]\n");
    }

    /** Publishes the body of a request, at one server and the other in turn. */
    Response publish(Request request) throws IOException {
        String topic = String.valueOf(request.queryParameter("topic"));
        String text = request.body().text();
        if (!topic.matches(TOPIC) || text.length() > 100) {
            return Response.of(400);
        }
        Topics topics = nextThatRuns();
        if (topics == null) {
            return Response.text("Neither server runs\n").status(503);
        }
        CompletableFuture<Response> published = topics.publish(topic, Message.text(text))
                .toCompletableFuture()
                .thenApply(id -> Response.text(id + "\n"));
        return Response.later(
                published.exceptionally(failure -> Response.text(failure + "\n").status(503)));
    }

    private synchronized @Nullable Topics nextThatRuns() {
        turn = (turn + 1) % twins.size();
        Topics first = twins.get(turn).topics;
        return first != null ? first : twins.get((turn + 1) % twins.size()).topics;
    }

    /** Ends the server that the path names, as a crash would. */
    synchronized Response kill(Request request) {
        Twin twin = named(request);
        if (twin == null) {
            return Response.of(404);
        }
        twin.stop();
        return Response.of(204);
    }

    /** Starts the server that the path names, at the port that it had. */
    synchronized Response start(Request request) throws IOException {
        Twin twin = named(request);
        if (twin == null) {
            return Response.of(404);
        }
        if (twin.server == null) {
            twin.start();
        }
        return Response.of(204);
    }

    private @Nullable Twin named(Request request) {
        String name = Params.of(request).get("server");
        return twins.stream().filter(twin -> twin.name.equals(name)).findFirst().orElse(null);
    }

    @Override
    public synchronized void close() {
        twins.forEach(Twin::stop);
    }
}
