package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When as many connections are open as allowed, one that nobody uses makes room for a new one. */
@PlainText("A client that waits to be accepted cannot shake hands")
final class IdleConnectionLimitTest extends ServerTest {
    private static final Handler FINE = request -> Response.text("fine");

    private static void verifyServed(RawClient client) throws Exception {
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void theOneThatHasBeenIdleForLongestIsClosedForANewOne(Dispatch dispatch) throws Exception {
        HttpServer server = serve(FINE, options -> options.dispatch(dispatch).maxConnections(3));
        RawClient first = connect(server);
        RawClient second = connect(server);
        RawClient third = connect(server);
        verifyServed(second);

        RawClient late = connect(server).send(get("/"));
        do {
            verifyServed(first);
            verifyServed(third);
        } while (late.staysQuiet(A_MOMENT));
        assertThat(late.read().text()).isEqualTo("fine");

        assertThat(second.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        verifyServed(first);
        verifyServed(third);
        assertThat(observer.givenUp()).hasSize(1);
        assertThat(observer.givenUp().get(0)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(9));
        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.CONNECTION_LIMIT, 1L));
    }

    @Test
    void anIdleOneIsClosedForANewOneEvenIfAnotherLoopIsStuck() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Handler handler = request -> {
            if (request.query() != null) {
                release.await();
            }
            return Response.text("fine");
        };
        HttpServer server = serve(
                handler,
                options -> options.maxConnections(2).dispatch(Dispatch.INLINE).eventLoops(2));
        RawClient idle = connect(server);
        verifyServed(idle);
        RawClient stuck = connect(server).send(get("/?stuck"));
        eventually(() -> assertThat(server.stats().exchangesRunning()).isOne());

        RawClient late = connect(server).send(get("/"));

        assertThat(idle.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        release.countDown();
        assertThat(stuck.read().text()).isEqualTo("fine");
        assertThat(late.read().text()).isEqualTo("fine");
    }

    @Test
    void aConnectionWhoseRequestIsBeingAnsweredIsNotClosedForANewOne() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Handler slow = request -> {
            release.await();
            return Response.text("fine");
        };
        HttpServer server = serve(slow, options -> options.maxConnections(2).dispatch(Dispatch.WORKER));
        RawClient first = connect(server).send(get("/"));
        RawClient second = connect(server).send(get("/"));
        eventually(() -> assertThat(server.stats().exchangesRunning()).isEqualTo(2));

        RawClient late = connect(server).send(get("/"));

        assertThat(late.staysQuiet(Duration.ofMillis(1500))).isTrue();
        assertThat(observer.exhaustions()).containsExactly(2);
        release.countDown();
        assertThat(first.read().text()).isEqualTo("fine");
        assertThat(second.read().text()).isEqualTo("fine");
        assertThat(late.read().text()).isEqualTo("fine"); // once one of them has been idle for a second
    }
}
