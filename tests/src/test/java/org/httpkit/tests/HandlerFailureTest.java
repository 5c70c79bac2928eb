package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers that return nothing or throw. */
final class HandlerFailureTest extends ServerTest {

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersNullWithAnEmpty404AndKeepsTheConnection(Dispatch dispatch) throws Exception {
        RawClient client = connect(serve(request -> null, options -> options.dispatch(dispatch)));

        for (int i = 0; i < 2; i++) {
            RawResponse response = client.send(get("/")).read();
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.fields("Content-Length")).containsExactly("0");
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersAnExceptionWith500AndTellsOnlyTheObserver(Dispatch dispatch) throws Exception {
        RuntimeException failure = new IllegalStateException("password=1234");
        Handler handler = request -> {
            throw failure;
        };
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.toString() + response.text()).doesNotContain("1234", "IllegalState");
        assertThat(observer.handlerFailures()).containsExactly(failure);
        eventually(() -> assertThat(observer.statuses()).containsExactly(500));
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void survivesErrors(Dispatch dispatch) throws Exception {
        Handler handler = request -> {
            if (request.path().equals("/fine")) {
                return Response.text("fine");
            }
            throw new StackOverflowError("on purpose");
        };
        HttpServer server = serve(handler, options -> options.dispatch(dispatch).eventLoops(1));

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(500);
        assertThat(connect(server).send(get("/fine")).read().text()).isEqualTo("fine");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void endsTheConnectionAsTheHandlersErrorIfItsBodyFails(Dispatch dispatch) throws Exception {
        IOException failure = new IOException("the database is away");
        Handler handler = request -> Response.stream(out -> {
            out.write(new byte[100_000]);
            throw failure;
        });
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.isComplete()).isFalse();
        eventually(() -> assertThat(observer.closed()).containsExactly(CloseReason.Cause.HANDLER_ERROR));
        assertThat(observer.handlerFailures()).containsExactly(failure);
    }

    /** RFC 9112 section 8. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void resetsTheConnectionIfItsEndWouldMakeABodyLookWhole(Dispatch dispatch) throws Exception {
        Handler handler = request -> Response.stream(out -> {
            out.write(new byte[100_000]);
            throw new IOException("the database is away");
        });
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        client.send("GET / HTTP/1.0\r\n\r\n").skipToEnd();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.RESET);
    }

    @Test
    void takesCheckedExceptions() throws Exception {
        Handler handler = request -> {
            throw new IOException("the database is away");
        };

        assertThat(connect(serve(handler)).send(get("/")).read().status()).isEqualTo(500);
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IOException.class);
    }

    @Test
    void keepsTheConnectionAfterAnException() throws Exception {
        Handler handler = request -> {
            if (request.path().equals("/fine")) {
                return Response.text("fine");
            }
            throw new IllegalStateException("on purpose");
        };
        RawClient client = connect(serve(handler));

        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        assertThat(client.send(get("/fine")).read().text()).isEqualTo("fine");
    }

    @Test
    void survivesAnObserverThatThrows() throws Exception {
        ServerObserver throwing = new ServerObserver() {
            @Override
            public void handlerFailed(Request request, Throwable failure) {
                throw new IllegalStateException("so do I");
            }

            @Override
            public void responded(@Nullable Request request, int status) {
                throw new IllegalStateException("so do I");
            }

            @Override
            public void refused(int status, String rule) {
                throw new IllegalStateException("so do I");
            }
        };
        Handler handler = request -> {
            throw new IllegalStateException("on purpose");
        };
        HttpServer server = serve(handler, options -> options.observer(throwing));

        RawClient client = connect(server);
        assertThat(client.send(get("/") + get("/")).read().status()).isEqualTo(500);
        assertThat(client.read().status()).isEqualTo(500);
        assertThat(connect(server).send("NONSENSE\r\n\r\n").read().status()).isEqualTo(400);
    }
}
