package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.Test;

class HealthTest {

    @Test
    void isUpIfAllChecksAre() throws Exception {
        try (TestServer server = TestServer.start(
                Health.of(Duration.ofSeconds(30)).check("database", () -> true).check("disk", () -> true))) {
            HttpResponse<String> answer = server.get("/");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"status\":\"up\",\"checks\":{\"database\":\"up\",\"disk\":\"up\"}}");
        }
    }

    @Test
    void isDownIfOneFails() throws Exception {
        try (TestServer server = TestServer.start(Health.of(Duration.ofSeconds(30))
                .check("throws", () -> {
                    throw new IllegalStateException("secret");
                })
                .check("false", () -> false)
                .check("null", () -> null)
                .check("fine", () -> true))) {
            HttpResponse<String> answer = server.get("/");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body())
                    .isEqualTo(
                            "{\"status\":\"down\",\"checks\":{\"throws\":\"down\",\"false\":\"down\",\"null\":\"down\","
                                    + "\"fine\":\"up\"}}");
        }
    }

    @Test
    void runsACheckThatHangsOnceAndGoesOn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (TestServer server =
                TestServer.start(Health.of(Duration.ofMillis(20)).check("hangs", () -> {
                    runs.incrementAndGet();
                    begun.countDown();
                    hanging.await();
                    return true;
                }))) {
            assertThat(server.get("/").statusCode()).isEqualTo(503);
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 4; i++) {
                assertThat(server.get("/").statusCode()).isEqualTo(503);
            }
            assertThat(runs).hasValue(1);
            hanging.countDown();
        }
    }

    @Test
    void answersAtOnceOnceACheckHasTakenTooLong() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        Health health = Health.of(Duration.ofMillis(50)).check("hangs", () -> {
            hanging.await();
            return true;
        });
        assertThat(outcome(health).get(10, TimeUnit.SECONDS).status().code()).isEqualTo(503);

        CompletableFuture<? extends Response> second = outcome(health);

        assertThat(second).isDone();
        assertThat(second.get().status().code()).isEqualTo(503);
        hanging.countDown();
    }

    private static CompletableFuture<? extends Response> outcome(Health health) {
        Response response = health.handle(Requests.of("GET", "/"));
        return ((ResponseBody.Later) response.body()).response().toCompletableFuture();
    }

    @Test
    void refusesNamesThatAreNone() {
        Health health = Health.of(Duration.ofSeconds(1)).check("a", () -> true);

        assertThatThrownBy(() -> health.check("a", () -> true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> health.check("\"", () -> true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Health.of(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
