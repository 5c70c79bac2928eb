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
import org.httpkit.server.Tls;
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
    private final @Nullable Tls tls;
    private final List<Twin> twins = List.of(new Twin("a"), new Twin("b"));
    private int turn;

    /** A server, with topics that know others by the log alone. For pages that came over TLS, it has a second port. */
    private final class Twin {
        final String name;
        int port;
        int tlsPort;

        @Nullable
        HttpServer server;

        @Nullable
        HttpServer secureServer;

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
            HttpServer plain = null;
            try {
                plain = start(made, port, null);
                if (tls != null) {
                    secureServer = start(made, tlsPort, tls);
                    tlsPort = secureServer.port();
                }
                server = plain;
                topics = made;
                port = plain.port();
            } finally {
                if (topics != made) {
                    if (plain != null) {
                        plain.close();
                    }
                    made.close();
                }
            }
        }

        private HttpServer start(Topics topics, int port, @Nullable Tls tls) throws IOException {
            return HttpServer.builder()
                    .address(host, port)
                    .tls(tls)
                    .handler(request -> listen(topics, request))
                    .start();
        }

        /** Ends all connections at once, and forgets everything. */
        void stop() {
            if (server != null && topics != null) {
                server.stop(Duration.ZERO).join();
                if (secureServer != null) {
                    secureServer.stop(Duration.ZERO).join();
                }
                topics.close();
                server = null;
                secureServer = null;
                topics = null;
            }
        }
    }

    /**
     * @param log a broker's, or one in memory
     * @param tls with which they can be reached over TLS as well
     */
    TwoServers(String host, Backplane log, @Nullable Tls tls) {
        this.host = host;
        this.log = log;
        this.tls = tls;
    }

    private static Response listen(Topics topics, Request request) throws Exception {
        String topic = request.path().substring(1);
        return topics.subscribe(request, Subscription.to(topic).channel(FOR_ALL_PAGES));
    }

    /** How a page speaks to them. One that came over TLS may not use plain text, except on localhost in some browsers. */
    String scheme(Request page) {
        return tls == null ? "http" : page.scheme();
    }

    /** Their ports for that scheme; starts those that never ran. */
    synchronized List<Integer> ports(String scheme) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (Twin twin : twins) {
            if (twin.port == 0) {
                twin.start();
            }
            ports.add(scheme.equals("https") ? twin.tlsPort : twin.port);
        }
        return ports;
    }

    /** Says where the servers are, and which of them run. */
    synchronized Response state(Request request) throws IOException {
        String scheme = scheme(request);
        List<Integer> ports = ports(scheme);
        List<String> each = new ArrayList<>();
        for (int i = 0; i < twins.size(); i++) {
            each.add("{\"name\": \"%s\", \"port\": %d, \"scheme\": \"%s\", \"runs\": %b}"
                    .formatted(twins.get(i).name, ports.get(i), scheme, twins.get(i).server != null));
        }
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
            return Response.text("Neither server runs. Start one of them.\n").status(503);
        }
        CompletableFuture<Response> published = topics.publish(topic, Message.text(text))
                .toCompletableFuture()
                .thenApply(id -> Response.text(id + "\n"));
        return Response.later(published.exceptionally(failure -> Response.text(
                        "The log did not take the number: " + failure + ". Check that its broker runs.\n")
                .status(503)));
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
