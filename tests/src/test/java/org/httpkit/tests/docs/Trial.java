package org.httpkit.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One thing to try with a snippet that runs, as its comment says. Immutable.
 *
 * <pre>
 * &lt;!-- run GET /hello: 200 hello --&gt;               the status, and what the body contains
 * &lt;!-- run POST /form name=Ada: 200 Ada --&gt;         likewise, with a body
 * &lt;!-- run WEBSOCKET /chat hi: hi --&gt;               the message sent, and what the answer contains
 * &lt;!-- run POLL /chat hi: hi --&gt;                    a GET that waits for a POST of another client
 * &lt;!-- run EVENTS /chat hi: data: hi --&gt;            likewise, as a stream of events
 * </pre>
 */
record Trial(String method, String path, String sent, int status, String expected) {
    private static final Pattern FORM =
            Pattern.compile("<!-- run ([A-Z]+) (\\S+?)(?: (.*?))?: (?:(\\d{3}) ?)?(.*) -->");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static Trial of(String comment) {
        Matcher parts = FORM.matcher(comment);
        if (!parts.matches()) {
            throw new IllegalArgumentException("Not a trial: " + comment);
        }
        String sent = parts.group(3) == null ? "" : parts.group(3);
        int status = parts.group(4) == null ? 101 : Integer.parseInt(parts.group(4));
        return new Trial(parts.group(1), parts.group(2), sent, status, parts.group(5));
    }

    void perform(int port) throws Exception {
        HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        switch (method) {
            case "WEBSOCKET" -> performWebSocket(client, port);
            case "POLL" -> performPoll(client, port);
            case "EVENTS" -> performEvents(client, port);
            default -> performHttp(client, port);
        }
    }

    private void performHttp(HttpClient client, int port) throws IOException, InterruptedException {
        HttpResponse<String> response =
                client.send(request(port, method).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(expected);
    }

    private HttpRequest.Builder request(int port, String method) {
        boolean empty = sent.isEmpty() || method.equals("GET");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(PATIENCE)
                .method(
                        method,
                        empty ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(sent));
    }

    /** Posts again and again, since nobody tells when the poll has arrived. */
    private void performPoll(HttpClient client, int port) throws Exception {
        CompletableFuture<HttpResponse<String>> poll =
                client.sendAsync(request(port, "GET").build(), HttpResponse.BodyHandlers.ofString());
        while (!poll.isDone()) {
            client.send(request(port, "POST").build(), HttpResponse.BodyHandlers.discarding());
        }
        assertThat(poll.get().body()).contains(expected);
    }

    private void performEvents(HttpClient client, int port) throws Exception {
        HttpRequest listen =
                request(port, "GET").header("Accept", "text/event-stream").build();
        HttpResponse<Stream<String>> events = client.send(listen, HttpResponse.BodyHandlers.ofLines());
        client.send(request(port, "POST").build(), HttpResponse.BodyHandlers.discarding());
        try (Stream<String> lines = events.body()) {
            assertThat(lines.anyMatch(line -> line.contains(expected))).isTrue();
        }
    }

    private void performWebSocket(HttpClient client, int port) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
                answer.complete(text.toString());
                return WebSocket.Listener.super.onText(webSocket, text, last);
            }

            @Override
            public void onError(WebSocket webSocket, Throwable failure) {
                answer.completeExceptionally(failure);
            }
        };
        WebSocket webSocket = client.newWebSocketBuilder()
                .connectTimeout(PATIENCE)
                .buildAsync(URI.create("ws://localhost:" + port + path), listener)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        webSocket.sendText(sent, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).contains(expected);
        webSocket.abort();
    }
}
