package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HEAD through filters, some of which make a 404 of the null that a handler answers HEAD with. */
class HeadBehindFiltersTest {
    private static final ExecutorService EXECUTOR = Executors.newCachedThreadPool();

    @AfterAll
    static void stop() {
        EXECUTOR.shutdownNow();
    }

    static Stream<Filter> filters() {
        Filter deadline = Deadline.of(Duration.ofSeconds(30), EXECUTOR);
        return Stream.of(
                SecurityFields.of(),
                Cors.of("https://a.example"),
                RequestId.of(),
                deadline,
                deadline.around(RequestId.of()));
    }

    private static int head(Handler handler) throws Exception {
        try (TestServer server = TestServer.start(handler)) {
            HttpResponse<String> answer = server.send(server.request("/").method("HEAD", BodyPublishers.noBody()));
            return answer.statusCode();
        }
    }

    @ParameterizedTest
    @MethodSource("filters")
    void isAnsweredAsGetWouldBe(Filter filter) throws Exception {
        Handler onlyGet = request -> request.method().equals(Method.GET) ? Response.text("hello") : null;

        try (TestServer server = TestServer.start(filter.around(onlyGet))) {
            HttpResponse<String> answer = server.send(server.request("/").method("HEAD", BodyPublishers.noBody()));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Length")).hasValue("5");
        }
        assertThat(head(Routes.of().get("/", onlyGet).with(filter))).isEqualTo(200);
    }

    @Test
    void isAnsweredByAFilterThatKnowsOnlyGet() throws Exception {
        Filter onlyGet =
                (request, next) -> request.method().equals(Method.GET) ? Response.text("hello") : next.handle(request);

        assertThat(head(SecurityFields.of().around(onlyGet).around(request -> null)))
                .isEqualTo(200);
    }

    @Test
    void isNotAskedAgainOfAHandlerThatWantsNone() throws Exception {
        Handler strict = new Handler() {
            @Override
            public Response handle(Request request) {
                return request.method().equals(Method.GET) ? Response.text("hello") : null;
            }

            @Override
            public boolean answersHeadByGet() {
                return false;
            }
        };

        assertThat(head(SecurityFields.of().around(strict))).isEqualTo(404);
    }

    @Test
    void isNotAskedAgainOfAHandlerThatHasBegunToAnswer() throws Exception {
        List<Method> asked = new CopyOnWriteArrayList<>();
        Handler writing = request -> {
            asked.add(request.method());
            try (OutputStream out = request.beginResponse(Response.of(201), 5)) {
                out.write("hello".getBytes());
            }
            return null;
        };

        assertThat(head(SecurityFields.of().around(writing))).isEqualTo(201);
        assertThat(asked).containsExactly(Method.HEAD);
    }
}
