package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.Deflater;
import org.httpkit.http.CloseCode;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compressed messages that inflate to much: it is not a loop that inflates them, and nothing changes its place because of that. */
final class InflationTest extends ServerTest {
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private static final Handler SITE = request -> request.path().equals("/websocket")
            ? request.asChannel(ChannelOptions.DEFAULT.deflate(true), new RecordingListener() {
                @Override
                void text(AsyncChannel channel, String text) {
                    channel.send(text.length() + " of " + text.charAt(0));
                }
            })
            : Response.text("fine");

    /** What a client sends for so many times the character. */
    private static byte[] deflated(char character, int count) {
        byte[] text = new byte[count];
        Arrays.fill(text, (byte) character);
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(text);
        byte[] out = new byte[64 * 1024];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    private RawWebSocket open(HttpServer server) throws Exception {
        return closeLater(RawWebSocket.open(server, "/websocket", DEFLATE));
    }

    private static void send(RawWebSocket client, boolean fin, char character, int count) throws Exception {
        client.frame(fin, RawWebSocket.RSV1, RawWebSocket.TEXT, deflated(character, count));
    }

    /** A worker whose tasks run when the test says so; the calls are made on the loop. */
    @Test
    void aLoopServesOthersWhileAMessageIsInflatedElsewhere() throws Exception {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        HttpServer server = serve(
                SITE, options -> options.eventLoops(1).dispatch(Dispatch.INLINE).worker(tasks::add));
        RawWebSocket client = open(server);
        send(client, true, 'a', 3);
        assertThat(client.readMessage().text()).isEqualTo("3 of a");

        send(client, true, 'b', 1 << 20);
        client.ping("behind");
        send(client, true, 'c', 5);

        eventually(() -> assertThat(tasks).hasSize(1));
        RawClient other = connect(server);
        assertThat(other.send(get("/")).read().text()).isEqualTo("fine");
        assertThat(client.client().staysQuiet(A_MOMENT)).isTrue();
        int pieces = runAll(tasks, client);
        assertThat(pieces).isBetween(4, 5);
        assertThat(client.readMessage().text()).isEqualTo("1048576 of b");
        assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PONG);
        assertThat(client.readMessage().text()).isEqualTo("5 of c");
    }

    private static int runAll(Queue<Runnable> tasks, RawWebSocket client) throws Exception {
        int ran = 0;
        while (ran < 100 && (ran == 0 || client.client().staysQuiet(A_MOMENT))) {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
                ran++;
            }
        }
        return ran;
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void messagesKeepTheirOrderWhicheverOfThemTakeLongToInflate(Dispatch dispatch) throws Exception {
        HttpServer server = serve(SITE, options -> options.dispatch(dispatch));
        RawWebSocket client = open(server);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            char character = (char) ('a' + i % 26);
            int count = i % 3 == 0 ? 1_000_000 + i : 10 + i;
            send(client, true, character, count);
            expected.add(count + " of " + character);
        }

        for (String each : expected) {
            assertThat(client.readMessage().text()).isEqualTo(each);
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void whatMessagesInflateToCountsThoughTheyAreNeverCompleted(Dispatch dispatch) throws Exception {
        HttpServer server = serve(SITE, options -> options.dispatch(dispatch).maxReceivedBytesTotal(16 << 20));
        List<RawWebSocket> attackers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawWebSocket attacker = open(server);
            send(attacker, false, 'x', 3 << 20);
            attackers.add(attacker);
        }

        eventually(() -> assertThat(observer.inputSheds()).hasSizeGreaterThan(14));
        assertThat(attackers.get(0).readClose().closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
    }

    @Test
    void aClientThatLeavesWhileItsMessageIsInflatedIsForgotten() throws Exception {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        HttpServer server = serve(
                SITE, options -> options.eventLoops(1).dispatch(Dispatch.INLINE).worker(tasks::add));
        RawWebSocket client = open(server);
        send(client, true, 'b', 1 << 20);
        eventually(() -> assertThat(tasks).hasSize(1));

        server.stop();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        tasks.remove().run();

        assertThat(tasks).isEmpty();
    }

    @Test
    void aWorkerWithoutRoomEndsTheWebSocket() throws Exception {
        Executor full = task -> {
            throw new RejectedExecutionException("full");
        };
        HttpServer server =
                serve(SITE, options -> options.dispatch(Dispatch.INLINE).worker(full));
        RawWebSocket client = open(server);

        send(client, true, 'b', 1 << 20);

        assertThat(client.readClose().closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        client.close();
        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.OVERLOAD, 1L));
        assertThat(observer.listenerSaturations()).hasSize(1);
    }
}
