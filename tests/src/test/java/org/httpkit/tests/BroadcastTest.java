package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Event;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same data to many channels: it may leave a little later than other data, but in order, whole, and soon. */
final class BroadcastTest extends ServerTest {
    private static final int CLIENTS = 30;

    private final RecordingListener listener = new RecordingListener();

    private List<AsyncChannel> channels(int count) throws Exception {
        List<AsyncChannel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            channels.add(listener.channel());
        }
        return channels;
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void eachSendersMessagesReachEveryClientInOrder(Dispatch dispatch) throws Exception {
        int senders = 4;
        int messages = 100;
        HttpServer server = serve(request -> request.asChannel(listener), options -> options.dispatch(dispatch));
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(closeLater(RawWebSocket.open(server, "/")));
        }
        List<AsyncChannel> channels = channels(CLIENTS);
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        closeLater(threads::shutdownNow);
        List<Future<Void>> sending = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            int sender = i;
            sending.add(threads.submit((Callable<Void>) () -> {
                for (int j = 0; j < messages; j++) {
                    String text = sender + " " + j + " ";
                    Function<AsyncChannel, Object> data =
                            switch (j % 3) {
                                case 0 -> ignored -> text;
                                case 1 -> {
                                    Message shared = Message.text(text);
                                    yield ignored -> shared;
                                }
                                default -> channel -> text + ".".repeat(channels.indexOf(channel)); // another for each
                            };
                    for (AsyncChannel channel : channels) {
                        assertThat(channel.send(data.apply(channel))).isTrue();
                    }
                }
                return null;
            }));
        }
        for (Future<Void> each : sending) {
            each.get(60, TimeUnit.SECONDS);
        }

        for (RawWebSocket client : clients) {
            int[] next = new int[senders];
            for (int i = 0; i < senders * messages; i++) {
                String[] words = client.readMessage().text().split(" ", -1);
                int sender = Integer.parseInt(words[0]);
                assertThat(Integer.parseInt(words[1])).isEqualTo(next[sender]++);
            }
        }
        eventually(() -> assertThat(channels).allMatch(channel -> channel.queuedBytes() == 0));
        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
    }

    @Test
    void aMessageArrivesAlsoWhenItsSenderThenBlocks() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(closeLater(RawWebSocket.open(server, "/")));
        }
        Message message = Message.text("to all");
        channels(CLIENTS).forEach(channel -> channel.send(message));

        for (RawWebSocket client : clients) { // this thread has not done anything else since
            assertThat(client.readMessage().text()).isEqualTo("to all");
        }
    }

    @Test
    void whatWaitsForTheLoopMakesNoClientASlowOne() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(
                request -> {
                    if (request.path().equals("/block")) {
                        blocked.countDown();
                        await(release);
                        return Response.text("released");
                    }
                    return request.asChannel(listener);
                },
                options -> options.dispatch(Dispatch.INLINE).eventLoops(1).maxQueuedBytes(2000));
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(closeLater(RawWebSocket.open(server, "/")));
        }
        List<AsyncChannel> channels = channels(CLIENTS);
        connect(server).send(get("/block"));
        await(blocked); // the only loop
        for (int i = 0; i < 10; i++) {
            Message message = Message.text("x".repeat(500));
            channels.forEach(channel -> assertThat(channel.send(message)).isTrue());
        }
        release.countDown();

        for (RawWebSocket client : clients) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.readMessage().text()).hasSize(500);
            }
        }
    }

    @Test
    void aCloseComesBehindTheMessagesBeforeIt() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(closeLater(RawWebSocket.open(server, "/")));
        }
        List<AsyncChannel> channels = channels(CLIENTS);
        channels.forEach(channel -> channel.send("the last"));
        channels.forEach(AsyncChannel::close);

        for (RawWebSocket client : clients) {
            assertThat(client.readMessage().text()).isEqualTo("the last");
            assertThat(client.readClose().closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void anEventReachesEveryStreamInOrder() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(connect(server).send(get("/")));
        }
        List<AsyncChannel> channels = channels(CLIENTS);
        for (String data : List.of("one", "two", "three")) {
            Event event = Event.of(data);
            channels.forEach(channel -> assertThat(channel.sendEvent(event)).isTrue());
        }
        channels.forEach(AsyncChannel::close);

        for (RawClient client : clients) {
            assertThat(client.read().text()).isEqualTo("data: one\n\ndata: two\n\ndata: three\n\n");
        }
    }
}
