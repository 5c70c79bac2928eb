package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Problem;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What long polls get that have waited in vain. */
final class AnswerByTest extends ServerTest {
    private static final Response NO_NEWS = Response.of(204).header("X-News", "none");
    private static final Duration LONG = Duration.ofMinutes(1);

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void aPollWithoutNewsGetsItsAnswerInTime(Dispatch dispatch) throws Exception {
        RecordingListener listener = new RecordingListener();
        ChannelOptions options = ChannelOptions.DEFAULT.answerBy(Duration.ofMillis(300), NO_NEWS);
        RawClient client = connect(serve(
                request ->
                        request.path().equals("/next") ? Response.text("next") : request.asChannel(options, listener),
                builder -> builder.dispatch(dispatch)));
        long begun = System.nanoTime();

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.field("X-News")).isEqualTo("none");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(Duration.ofMillis(290), Duration.ofSeconds(5));
        assertThat(client.send(get("/next")).read().text()).isEqualTo("next");
    }

    @Test
    void newsComeFirst() throws Exception {
        CompletableFuture<AsyncChannel> opened = new CompletableFuture<>();
        ChannelOptions options = ChannelOptions.DEFAULT.answerBy(LONG, NO_NEWS);
        RawClient client = connect(serve(request -> request.asChannel(options, new OpenListener(opened::complete))));
        client.send(get("/"));

        opened.get(10, TimeUnit.SECONDS).send(Response.text("news"));

        assertThat(client.read().text()).isEqualTo("news");
    }

    @Test
    void aStopBringsTheAnswerToo() throws Exception {
        CompletableFuture<AsyncChannel> opened = new CompletableFuture<>();
        ChannelOptions options = ChannelOptions.DEFAULT.answerBy(LONG, NO_NEWS);
        HttpServer server = serve(request -> request.asChannel(options, new OpenListener(opened::complete)));
        RawClient client = connect(server).send(get("/"));
        opened.get(10, TimeUnit.SECONDS);

        server.stop(Duration.ofSeconds(20));

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(204);
        assertThat(response.field("Connection")).isEqualTo("close");
    }

    @Test
    void theListenerMayDecideOtherwise() throws Exception {
        ChannelOptions options = ChannelOptions.DEFAULT.answerBy(Duration.ofMillis(10), NO_NEWS);
        RawClient client = connect(serve(request -> request.asChannel(options, new ChannelListener() {
            @Override
            public Response onUnanswered(AsyncChannel channel, Response response) {
                return Response.text(response.status().code() + " in truth");
            }
        })));

        assertThat(client.send(get("/")).read().text()).isEqualTo("204 in truth");
    }

    @Test
    void withoutAnAnswerThePageFor503IsSent() throws Exception {
        ChannelOptions options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofMillis(10));
        RawClient client = connect(serve(
                request -> request.asChannel(options, new ChannelListener() {}),
                builder -> builder.errorPages(Problem::json)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("Retry-After")).isEqualTo("1");
        assertThat(response.text()).isEqualTo("{\"status\":503,\"title\":\"Service Unavailable\"}");
    }

    @Test
    void refusesWhatIsNotThereWhenTheTimeHasCome() {
        assertThatThrownBy(() -> ChannelOptions.DEFAULT.answerBy(LONG, Response.later(new CompletableFuture<>())))
                .hasMessageContaining("response");
        assertThatThrownBy(() -> ChannelOptions.DEFAULT.answerBy(Duration.ofSeconds(-1), NO_NEWS))
                .hasMessageContaining("timeout");
        assertThat(ChannelOptions.DEFAULT.answerBy(LONG, NO_NEWS).answerTimeout())
                .isEqualTo(LONG);
    }
}
