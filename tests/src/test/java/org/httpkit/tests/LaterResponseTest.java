package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Responses that are promised first and come later. */
final class LaterResponseTest extends ServerTest {
    private final CompletableFuture<Response> promise = new CompletableFuture<>();

    private RawClient asking(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> Response.later(promise), options -> options.dispatch(dispatch));
        return connect(server).send(get("/"));
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void sendsTheResponseWhenItComes(Dispatch dispatch) throws Exception {
        RawClient client = asking(dispatch);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();

        promise.complete(Response.text("here").status(201));

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.text()).isEqualTo("here");
        assertThat(client.send(get("/")).read().text()).isEqualTo("here");
    }

    @Test
    void sendsAResponseThatIsThereAlready() throws Exception {
        promise.complete(Response.text("at once"));

        assertThat(asking(Dispatch.INLINE).read().text()).isEqualTo("at once");
    }

    @Test
    void answers404ForNull() throws Exception {
        RawClient client = asking(Dispatch.WORKER);

        promise.complete(null);

        assertThat(client.read().status()).isEqualTo(404);
    }

    @Test
    void answers500ForAnExceptionAndTellsTheObserverItsCause() throws Exception {
        RawClient client = asking(Dispatch.WORKER);
        IllegalStateException failure = new IllegalStateException("secret");

        promise.completeExceptionally(failure);

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).doesNotContain("secret");
        assertThat(observer.handlerFailures()).containsExactly(failure);
    }

    @Test
    void unwrapsTheExceptionOfADependentStage() throws Exception {
        IllegalStateException failure = new IllegalStateException("on purpose");
        CompletableFuture<Response> dependent = promise.thenApply(response -> {
            throw failure;
        });
        HttpServer server = serve(request -> Response.later(dependent));
        RawClient client = connect(server).send(get("/"));

        promise.complete(Response.of(200));

        assertThat(client.read().status()).isEqualTo(500);
        assertThat(observer.handlerFailures())
                .singleElement()
                .isNotInstanceOf(CompletionException.class)
                .isEqualTo(failure);
    }

    @Test
    void followsAPromiseOfAPromise() throws Exception {
        RawClient client = asking(Dispatch.WORKER);
        CompletableFuture<Response> second = new CompletableFuture<>();

        promise.complete(Response.later(second));
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        second.complete(Response.text("in the end"));

        assertThat(client.read().text()).isEqualTo("in the end");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void pullsAStreamThatComesLater(Dispatch dispatch) throws Exception {
        RawClient client = asking(dispatch);

        promise.complete(Response.pieces(List.of("a", "b")));

        assertThat(client.read().text()).isEqualTo("ab");
    }

    @Test
    void keepsPipelinedAnswersInOrder() throws Exception {
        HttpServer server = serve(
                request -> request.path().equals("/later") ? Response.later(promise) : Response.text(request.path()));
        RawClient client = connect(server).send(get("/later") + get("/b"));

        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        promise.complete(Response.text("first"));

        assertThat(client.read().text()).isEqualTo("first");
        assertThat(client.read().text()).isEqualTo("/b");
    }

    @Test
    void holdsNoThreadWhileManyWait() throws Exception {
        HttpServer server = serve(
                request -> Response.later(promise),
                options -> options.worker(Runnable::run)); // the loop itself: it would stand still if one waited
        RawClient[] clients = new RawClient[50];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect(server).send(get("/"));
        }

        promise.complete(Response.text("all"));

        for (RawClient client : clients) {
            assertThat(client.read().text()).isEqualTo("all");
        }
    }
}
