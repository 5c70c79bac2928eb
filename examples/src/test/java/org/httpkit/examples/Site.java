package org.httpkit.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;

/** A handler behind a real server on a free port, and a client for it. Safe from any thread. */
final class Site implements AutoCloseable {
    final HttpServer server;
    private final Command command;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Site(Handler handler) throws IOException {
        server = HttpServer.builder().address("127.0.0.1", 0).handler(handler).start();
        command = null;
    }

    /** A command as it runs with its defaults, but for the port. */
    Site(Command command) throws IOException, UsageException {
        this(command, 0);
    }

    Site(Command command, int port, String... arguments) throws IOException, UsageException {
        this.command = command;
        CommandLine options = command.options();
        options.parse("--port", "" + port);
        options.parse(arguments);
        server = command.server(options).start();
        command.started(server);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path, BodyPublishers.noBody());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send("POST", path, BodyPublishers.ofString(body));
    }

    HttpResponse<String> send(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        return client.send(request(path).method(method, body).build(), BodyHandlers.ofString());
    }

    HttpClient client() {
        return client;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    static String contentType(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    @Override
    public void close() {
        server.close();
        if (command != null) {
            command.close();
        }
    }
}
