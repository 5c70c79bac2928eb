package org.httpkit.web;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;

/**
 * A server for an application's tests, on a free port of the loopback address, together with a client. Safe from any
 * thread.
 *
 * <pre>{@code
 * try (TestServer server = TestServer.start(handler)) {
 *     assertEquals(200, server.get("/users/7").statusCode());
 * }
 * }</pre>
 *
 * <p>The client follows no redirects and keeps no cookies. Each call may take ten seconds.
 */
public final class TestServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpServer server;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    private TestServer(HttpServer server) {
        this.server = server;
    }

    /** Starts a server with default options. */
    public static TestServer start(Handler handler) throws IOException {
        return start(HttpServer.builder().handler(handler));
    }

    /** Starts a server with these options, except for the address. */
    public static TestServer start(HttpServer.Builder options) throws IOException {
        return new TestServer(options.address("127.0.0.1", 0).start());
    }

    /** The server. */
    public HttpServer server() {
        return server;
    }

    /** The address of a path: {@code uri("/users?name=a")}. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** GET. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    /** POST with a body of that media type. */
    public HttpResponse<String> post(String path, String contentType, String body)
            throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", contentType).POST(BodyPublishers.ofString(body)));
    }

    /** A request to be completed, for {@link #send}. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(PATIENCE);
    }

    /** Sends a request, and reads the answer as text. */
    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Stops the server. */
    @Override
    public void close() {
        server.close();
    }
}
