package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.UpgradedConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers that answer by other means than what they return, and whose deadline passes. */
class DeadlineTest {
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final CompletableFuture<Throwable> reported = new CompletableFuture<>();

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    /** Begins an answer, and goes on with it after the deadline. */
    private interface Answering {
        @Nullable
        Response answer(Request request) throws Exception;
    }

    private TestServer start(Answering handler) throws IOException {
        ServerObserver observer = new ServerObserver() {
            @Override
            public void handlerFailed(Request request, Throwable failure) {
                reported.complete(failure);
            }
        };
        return TestServer.start(HttpServer.builder()
                .observer(observer)
                .handler(Routes.of()
                        .with(Deadline.of(Duration.ofMillis(300), executor))
                        .get("/", handler::answer)
                        .get("/never", request -> Response.later(new CompletableFuture<>()))));
    }

    private void awaitDeadline() throws InterruptedException {
        begun.countDown();
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Asks, and says that the deadline is over as soon as that of a later request is. */
    private CompletableFuture<HttpResponse<String>> ask(TestServer server) throws Exception {
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.get("/");
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                executor);
        passDeadline(server);
        return answer;
    }

    private void passDeadline(TestServer server) throws Exception {
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(server.get("/never").statusCode()).isEqualTo(504);
        over.countDown();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Test
    void letsAHandlerEndTheResponseThatItHasBegun() throws Exception {
        try (TestServer server = start(request -> {
            try (OutputStream out = request.beginResponse(Response.of(201), -1)) {
                write(out, "in time, ");
                awaitDeadline();
                write(out, "and late");
            }
            return null;
        })) {
            HttpResponse<String> answer = ask(server).get(20, TimeUnit.SECONDS);

            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(answer.body()).isEqualTo("in time, and late");
        }
    }

    @Test
    void cutsABegunResponseWhoseHandlerFailsLater() throws Exception {
        try (TestServer server = start(request -> {
            write(request.beginResponse(Response.of(200), -1), "half");
            awaitDeadline();
            throw new IllegalStateException("meant");
        })) {
            CompletableFuture<HttpResponse<String>> answer = ask(server);

            assertThat(reported.get(20, TimeUnit.SECONDS)).hasMessage("meant");
            assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
                    .rootCause()
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(HttpTimeoutException.class);
        }
    }

    @Test
    void letsAHandlerGoOnThatHasSwitchedProtocols() throws Exception {
        try (TestServer server = start(request -> {
                    try (UpgradedConnection upgraded =
                            request.switchProtocols("own", Headers.empty(), Duration.ofMinutes(1))) {
                        awaitDeadline();
                        upgraded.output().write(upgraded.input().read() + 1);
                        upgraded.output().flush();
                    }
                    return null;
                });
                Socket client =
                        new Socket(server.uri("/").getHost(), server.uri("/").getPort())) {
            client.setSoTimeout(20_000);
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\na"
                            .getBytes(StandardCharsets.US_ASCII));
            passDeadline(server);

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 101 ")
                    .endsWith("\r\n\r\nb");
        }
    }

    @Test
    void letsAHandlerAnswerOnTheChannelThatItHasOpened() throws Exception {
        try (TestServer server = start(request -> {
            CompletableFuture<AsyncChannel> open = new CompletableFuture<>();
            Response response = request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    open.complete(channel);
                }
            });
            awaitDeadline();
            open.join().send(Response.text("late"));
            return response;
        })) {
            assertThat(ask(server).get(20, TimeUnit.SECONDS).body()).isEqualTo("late");
        }
    }

    @Test
    void answers500IfAHandlerHasOpenedAChannelAndFailsLater() throws Exception {
        try (TestServer server = start(request -> {
            request.asChannel(new ChannelListener() {});
            awaitDeadline();
            throw new IllegalStateException("meant");
        })) {
            assertThat(ask(server).get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(500);
            assertThat(reported.get(20, TimeUnit.SECONDS)).hasMessage("meant");
        }
    }

    @Test
    void refusesAResponseThatBeginsAfterTheDeadline() throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        try (TestServer server = start(request -> {
            for (boolean isOver = false; !isOver; ) {
                try {
                    awaitDeadline();
                    isOver = true;
                } catch (InterruptedException e) {
                    continue; // a handler that does not notice
                }
            }
            try {
                request.beginResponse(Response.of(200), -1);
            } catch (IllegalStateException e) {
                refused.complete(e);
            }
            return null;
        })) {
            assertThat(ask(server).get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(504);
            assertThat(refused.get(20, TimeUnit.SECONDS)).hasMessageContaining("deadline");
        }
    }
}
