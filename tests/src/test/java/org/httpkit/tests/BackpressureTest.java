package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.SendResult;
import org.httpkit.server.SharedForms;
import org.httpkit.server.WhenFull;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of data that a client does not take, or a listener does not keep up with: it is bounded everywhere. */
class BackpressureTest extends ServerTest {
    private static final int SMALL_WINDOW = 4096;
    private static final int MANY = 64 << 10;

    private final RecordingListener listener = new RecordingListener().withDrains();

    private HttpServer serve(WhenFull whenFull, UnaryOperator<HttpServer.Builder> options) throws Exception {
        return serve(request -> request.asChannel(ChannelOptions.DEFAULT.whenFull(whenFull), listener), options);
    }

    private static UnaryOperator<HttpServer.Builder> maxQueued(long bytes) {
        return options -> options.maxQueuedBytes(bytes);
    }

    /** Sends until more than so much waits, or the channel has had enough. */
    private static SendResult fill(AsyncChannel channel, int pieceBytes) {
        for (int i = 0; i < 10_000; i++) {
            SendResult result = channel.trySend(new byte[pieceBytes]);
            if (result == SendResult.REJECTED || result == SendResult.CLOSED) {
                return result;
            }
        }
        throw new AssertionError("Everything was taken: " + channel.queuedBytes() + " bytes wait");
    }

    private RawWebSocket openSlow(HttpServer server) throws Exception {
        return RawWebSocket.open(connect(server, SMALL_WINDOW), "/");
    }

    private void assertQueuedIsGiven(AsyncChannel channel) {
        eventually(() -> assertThat(channel.queuedBytes()).isZero());
    }

    // ---- what a send tells

    @Test
    void tellsWhetherTheNetworkHasTakenIt() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, maxQueued(64 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();

        assertThat(channel.trySend("small")).isEqualTo(SendResult.SENT);
        assertThat(channel.queuedBytes()).isZero();
        assertThat(channel.trySend(new byte[16 << 20])).isEqualTo(SendResult.QUEUED);
        assertThat(channel.queuedBytes()).isBetween(1L << 20, 17L << 20);
        assertThat(channel.trySend("behind")).isEqualTo(SendResult.QUEUED);
        client.readMessage();
        client.readMessage();
        assertThat(client.readMessage().text()).isEqualTo("behind");
        assertQueuedIsGiven(channel);
        channel.close();
        assertThat(channel.trySend("late")).isEqualTo(SendResult.CLOSED);
    }

    @Test
    void onDrainTellsThatEverythingWasTaken() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, maxQueued(64 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");

        channel.send(new byte[16 << 20]);
        listener.assertNothingMore();
        client.readMessage();

        assertThat(listener.next()).isEqualTo("drain");
    }

    @Test
    void onDrainIsToldOnHttp() throws Exception {
        HttpServer server = serve(WhenFull.REJECT, maxQueued(1 << 20));
        RawClient client = connect(server, SMALL_WINDOW).send(get("/"));
        AsyncChannel channel = listener.channel();
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");

        assertThat(fill(channel, MANY)).isEqualTo(SendResult.REJECTED);
        client.readHead();
        CompletableFuture<Long> reading = CompletableFuture.supplyAsync(() -> {
            try {
                return client.skipToEnd();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(listener.next()).isEqualTo("drain");
        assertThat(channel.trySend("more", true, null)).isNotEqualTo(SendResult.REJECTED);
        client.endOutput();
        assertThat(reading.get(10, TimeUnit.SECONDS)).isGreaterThan(1 << 20);
    }

    // ---- the policies

    @Test
    void closesASlowConsumerByDefault() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, maxQueued(1 << 20));
        openSlow(server);
        AsyncChannel channel = listener.channel();

        assertThat(fill(channel, MANY)).isEqualTo(SendResult.CLOSED);

        assertThat(listener.nextClose()).isEqualTo("close 1006 SLOW_CONSUMER");
        assertThat(channel.isOpen()).isFalse();
        assertQueuedIsGiven(channel);
        eventually(() -> assertThat(server.stats().closes()).containsEntry(CloseReason.Cause.SLOW_CONSUMER, 1L));
    }

    @Test
    void closesASlowStream() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, maxQueued(1 << 20));
        RawClient client = connect(server, SMALL_WINDOW).send(get("/"));
        AsyncChannel channel = listener.channel();

        assertThat(fill(channel, MANY)).isEqualTo(SendResult.CLOSED);

        assertThat(listener.nextClose()).isEqualTo("close 0 SLOW_CONSUMER");
        client.skipToEnd();
    }

    @Test
    void takesAMessageLargerThanTheLimitAsLongAsItIsNotReached() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, maxQueued(1 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();

        assertThat(channel.send(new byte[12 << 20])).isTrue();

        assertThat(client.readMessage().payload()).hasSize(12 << 20);
    }

    @Test
    void rejectsAndGoesOnWhenDrained() throws Exception {
        HttpServer server = serve(WhenFull.REJECT, maxQueued(1 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();
        AtomicReference<Throwable> told = new AtomicReference<>();
        int sent = 0;
        while (channel.trySend(new byte[MANY]) != SendResult.REJECTED) {
            sent++;
        }

        assertThat(channel.trySend("x", false, told::set)).isEqualTo(SendResult.REJECTED);
        assertThat(told.get()).hasMessageContaining("Too much waits");
        assertThat(channel.trySend("end", true, null)).isEqualTo(SendResult.REJECTED);
        assertThat(channel.isOpen()).isTrue();
        for (int i = 0; i < sent; i++) {
            client.readMessage();
        }
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        assertThat(listener.next()).isEqualTo("drain");
        assertThat(channel.trySend("again")).isEqualTo(SendResult.SENT);
        assertThat(client.readMessage().text()).isEqualTo("again");
    }

    @Test
    void whoeverIsRejectedIsToldOfRoomEvenIfAnotherThreadMadeIt() throws Exception {
        // The peer reads fast, so the queue is mostly emptied by the sender itself and the loop never hears of it.
        AtomicInteger sent = new AtomicInteger();
        int most = 400;
        ChannelListener pump = new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                onDrain(channel);
            }

            @Override
            public synchronized void onDrain(AsyncChannel channel) {
                while (sent.get() < most && channel.trySend(new byte[MANY]) != SendResult.REJECTED) {
                    sent.incrementAndGet();
                }
            }

            @Override
            public void onText(AsyncChannel channel, String text) {
                onDrain(channel);
            }
        };
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.whenFull(WhenFull.REJECT), pump),
                maxQueued(100_000));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        for (int i = 0; i < most; i++) {
            assertThat(client.readMessage().payload()).hasSize(MANY);
        }
    }

    @Test
    void blocksACallerUntilThereIsRoom() throws Exception {
        HttpServer server = serve(WhenFull.BLOCK, maxQueued(1 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();
        AtomicInteger sent = new AtomicInteger();
        int count = 300;
        Thread sender = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                if (channel.send(new byte[MANY])) {
                    sent.incrementAndGet();
                }
            }
        });
        sender.start();
        eventually(() -> assertThat(sender.getState()).isEqualTo(Thread.State.WAITING));
        assertThat(channel.queuedBytes()).isLessThan((1 << 20) + 2 * MANY);
        for (int i = 0; i < count; i++) {
            client.readMessage();
        }
        sender.join();
        assertThat(sent).hasValue(count);
    }

    @Test
    void aBlockedCallerIsLetGoWhenTheClientGoes() throws Exception {
        HttpServer server = serve(WhenFull.BLOCK, maxQueued(1 << 20));
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();
        FutureTask<SendResult> last = new FutureTask<>(() -> fill(channel, MANY));
        Thread sender = new Thread(last);
        sender.start();
        eventually(() -> assertThat(sender.getState()).isEqualTo(Thread.State.WAITING));

        client.client().reset();

        assertThat(last.get(10, TimeUnit.SECONDS)).isEqualTo(SendResult.CLOSED);
    }

    @Test
    void aBlockedCallerMayBeInterrupted() throws Exception {
        HttpServer server = serve(WhenFull.BLOCK, maxQueued(1 << 20));
        openSlow(server);
        AsyncChannel channel = listener.channel();
        AtomicReference<SendResult> last = new AtomicReference<>();
        Thread sender = new Thread(() -> last.set(fill(channel, MANY)));
        sender.start();
        eventually(() -> assertThat(sender.getState()).isEqualTo(Thread.State.WAITING));

        sender.interrupt();
        sender.join();

        assertThat(last).hasValue(SendResult.REJECTED);
    }

    @Test
    void neverBlocksALoop() throws Exception {
        AtomicReference<SendResult> last = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.whenFull(WhenFull.BLOCK), new ChannelListener() {
                    @Override
                    public void onText(AsyncChannel channel, String text) {
                        last.set(fill(channel, MANY));
                        done.countDown();
                    }
                }),
                options -> options.dispatch(Dispatch.INLINE).maxQueuedBytes(1 << 20));
        openSlow(server).text("go");

        await(done);
        assertThat(last).hasValue(SendResult.REJECTED);
    }

    @Test
    void aStreamIsReadNoFasterThanTheClientTakesIt() throws Exception {
        long all = 1L << 30;
        AtomicLong read = new AtomicLong();
        HttpServer server = serve(WhenFull.REJECT, maxQueued(1 << 20));
        openSlow(server);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return read.incrementAndGet() > all ? -1 : 0;
            }

            @Override
            public int read(byte[] bytes, int offset, int count) {
                return read.addAndGet(count) > all ? -1 : count;
            }
        };

        listener.channel().send(endless);

        AtomicLong before = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        eventually(
                () -> { // it has read all, or stands still
                    long now = read.get();
                    looks.set(now == before.getAndSet(now) ? looks.get() + 1 : 0);
                    assertThat(now > all || (now > 0 && looks.get() > 50)).isTrue();
                });
        assertThat(read).hasValueLessThan(all);
    }

    @Test
    void whatIsSentBehindAStreamCounts() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        HttpServer server = serve(WhenFull.REJECT, maxQueued(1 << 20));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        AsyncChannel channel = listener.channel();
        channel.send(new ByteArrayInputStream("stream".getBytes(UTF_8)) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int count) {
                try {
                    await(mayGoOn);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.read(bytes, offset, count);
            }
        });

        assertThat(fill(channel, MANY)).isEqualTo(SendResult.REJECTED);
        assertThat(channel.queuedBytes()).isBetween(1L << 20, (1L << 20) + 2 * MANY);
        mayGoOn.countDown();
        assertThat(client.readMessage().text()).isEqualTo("stream");
        for (String call = listener.next(); !call.equals("drain"); call = listener.next()) {
            client.readMessage();
        }
        assertThat(channel.trySend("again")).isNotEqualTo(SendResult.REJECTED);
    }

    // ---- reports

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void everySendListenerIsToldExactlyOnceHoweverItEnds(WhenFull whenFull) throws Exception {
        HttpServer server = serve(whenFull, maxQueued(1 << 20));
        for (int ending = 0; ending < 4; ending++) {
            RawWebSocket client = openSlow(server);
            AsyncChannel channel = listener.channel();
            List<AtomicInteger> told = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                AtomicInteger mine = new AtomicInteger();
                told.add(mine);
                channel.trySend(new byte[MANY], false, failure -> mine.incrementAndGet());
            }
            AtomicInteger stream = new AtomicInteger();
            told.add(stream);
            channel.trySend(new ByteArrayInputStream(new byte[MANY]), false, failure -> stream.incrementAndGet());
            switch (ending) {
                case 0 -> client.client().reset();
                case 1 -> client.close(1000, "");
                case 2 -> channel.close();
                default -> {
                    for (int i = 0; i < 16; i++) {
                        client.readMessage();
                    }
                }
            }
            client.close();
            eventually(
                    () -> assertThat(told).allSatisfy(each -> assertThat(each).hasPositiveValue()));
            assertThat(told).allSatisfy(each -> assertThat(each).hasValue(1));
        }
    }

    @Test
    void stoppingTheServerTellsEverySendListener() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, options -> options);
        openSlow(server);
        AsyncChannel channel = listener.channel();
        AtomicInteger told = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            channel.trySend(new byte[MANY], false, failure -> told.incrementAndGet());
        }

        server.stop(Duration.ofMillis(50)).join();

        eventually(() -> assertThat(told).hasValue(100));
    }

    // ---- all channels together

    @Test
    void shedsTheChannelWithTheLargestBacklogWhenAllTogetherHoldTooMuch() throws Exception {
        HttpServer server = serve(
                WhenFull.CLOSE, options -> options.maxQueuedBytes(64 << 20).maxQueuedBytesTotal(16 << 20));
        RawWebSocket first = openSlow(server);
        AsyncChannel small = listener.channel();
        openSlow(server);
        AsyncChannel large = listener.channel();

        small.send(new byte[1 << 20]);
        large.send(new byte[20 << 20]);
        small.send("behind");

        eventually(() -> assertThat(large.isOpen()).isFalse());
        assertThat(listener.nextCloseOfSeveral()).isEqualTo("close 1006 SLOW_CONSUMER");
        assertThat(small.isOpen()).isTrue();
        assertThat(first.readMessage().payload()).hasSize(1 << 20);
        assertThat(first.readMessage().text()).isEqualTo("behind");
    }

    /** An InputStream that has nothing until the test ends. */
    private InputStream silent() throws IOException {
        PipedOutputStream source = new PipedOutputStream();
        closeLater(source);
        return new PipedInputStream(source);
    }

    @Test
    void shedsTheChannelBehindWhoseStreamTooMuchWaits() throws Exception {
        HttpServer server = serve(
                WhenFull.CLOSE, options -> options.maxQueuedBytes(64 << 20).maxQueuedBytesTotal(16 << 20));
        RawWebSocket first = openSlow(server);
        AsyncChannel small = listener.channel();
        openSlow(server);
        AsyncChannel large = listener.channel();

        small.send(new byte[1 << 20]);
        large.send(silent());
        large.send(new byte[20 << 20]);
        small.send("behind");

        eventually(() -> assertThat(large.isOpen()).isFalse());
        assertThat(listener.nextCloseOfSeveral()).isEqualTo("close 1006 SLOW_CONSUMER");
        eventually(() -> assertThat(server.stats().queuedBytes()).isLessThanOrEqualTo(2 << 20));
        assertThat(small.isOpen()).isTrue();
        assertThat(first.readMessage().payload()).hasSize(1 << 20);
        assertThat(first.readMessage().text()).isEqualTo("behind");
    }

    @Test
    void shedsNoMoreThanItHasToAndForgetsWhatWasTaken() throws Exception {
        HttpServer server = serve(
                WhenFull.CLOSE, options -> options.maxQueuedBytes(64 << 20).maxQueuedBytesTotal(60 << 20));
        // One address may have half of that.
        List<AsyncChannel> channels = new ArrayList<>();
        List<RawWebSocket> clients = new ArrayList<>();
        for (int round = 0; round < 3; round++) { // what was taken in one round must not count in the next
            for (int i = 0; i < 4; i++) {
                if (round == 0) {
                    clients.add(openSlow(server));
                    channels.add(listener.channel());
                }
                channels.get(i).send(new byte[8 << 20]);
            }
            for (RawWebSocket client : clients) {
                assertThat(client.readMessage().payload()).hasSize(8 << 20);
            }
        }
        assertThat(channels).allMatch(AsyncChannel::isOpen);

        for (int i = 0; i < 4; i++) {
            channels.get(i).send(new byte[(12 + i) << 20]);
        }
        eventually(() -> assertThat(channels).filteredOn(AsyncChannel::isOpen).hasSize(2));
        eventually(() -> assertThat(server.stats().queuedBytes()).isBetween(20L << 20, 30L << 20));
    }

    // ---- broadcasts

    @Test
    void aMessageIsEncodedOnceForAllChannels() throws Exception {
        Message message = Message.text("to all ".repeat(10_000));
        HttpServer server = serve(WhenFull.CLOSE, options -> options);
        List<RawWebSocket> clients = new ArrayList<>();
        List<AsyncChannel> channels = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(closeLater(RawWebSocket.open(server, "/")));
            channels.add(listener.channel());
        }
        channels.get(0).send(message);
        byte[] frame = SharedForms.of(message).encoded(SharedForms.Form.FRAME, ignored -> {
            throw new AssertionError("encoded already");
        });

        channels.forEach(channel -> channel.send(message));

        assertThat(SharedForms.of(message).encoded(SharedForms.Form.FRAME, ignored -> new byte[0]))
                .isSameAs(frame);
        for (RawWebSocket client : clients) {
            assertThat(client.readMessage().payload()).hasSize(70_000);
        }
        channels.forEach(AsyncChannel::close);
    }

    @Test
    void aClientThatNeverReadsCostsTheOthersNothing() throws Exception {
        boolean full = Boolean.getBoolean("httpkit.long");
        new Broadcast(full ? 1000 : 40, Duration.ofSeconds(full ? 20 : 1)).run();
    }

    /**
     * A message each millisecond, or as fast as the clients can read, to many of them and to one that does not read. Those that read have a
     * thread between them, which a busy machine may not let run for long enough to make slow consumers of them.
     */
    private final class Broadcast {
        private static final int MOST_BEHIND = 50;

        private final int readers;
        private final long nanos;

        Broadcast(int readers, Duration duration) {
            this.readers = readers;
            this.nanos = duration.toNanos();
        }

        void run() throws Exception {
            HttpServer server = serve(request -> request.asChannel(listener), options -> options.maxQueuedBytes(1 << 20)
                    .writeTimeout(Duration.ZERO)
                    .tls(null)); // the readers speak none
            Readers reading = closeLater(new Readers(server.port(), readers));
            List<AsyncChannel> channels = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                channels.add(listener.channel());
            }
            openSlow(server);
            AsyncChannel slow = listener.channel();
            channels.add(slow);
            listener.calls().clear();

            long heapBefore = liveHeapBytes();
            int payload = 4096;
            long start = System.nanoTime();
            long slowClosedAt = -1;
            int messages = 0;
            for (; System.nanoTime() - start < nanos || slow.isOpen(); messages++) {
                Message message = Message.text((messages + " " + "x".repeat(payload)).substring(0, payload));
                for (AsyncChannel channel : channels) {
                    channel.send(message);
                }
                if (slowClosedAt < 0 && !slow.isOpen()) {
                    slowClosedAt = messages;
                }
                reading.awaitMessages((long) readers * (messages - MOST_BEHIND));
                while (System.nanoTime() - start < (messages + 1) * 1_000_000L) {
                    Thread.onSpinWait();
                }
            }
            long sentNanos = System.nanoTime() - start;
            long heapGrowth = liveHeapBytes() - heapBefore;
            reading.awaitMessages((long) readers * messages);
            long allNanos = System.nanoTime() - start;

            System.out.printf(
                    "Broadcast: %d messages of %d bytes to %d readers and 1 that never reads: sent in %d ms, all read"
                            + " after %d ms (%d deliveries/s); the slow one closed at message %d; live heap +%d KiB%n",
                    messages,
                    payload,
                    readers,
                    sentNanos / 1_000_000,
                    allNanos / 1_000_000,
                    (long) readers * messages * 1_000_000_000 / allNanos,
                    slowClosedAt,
                    heapGrowth >> 10);
            assertThat(reading.faults()).isEmpty();
            assertThat(listener.next()).isEqualTo("close 1006 SLOW_CONSUMER");
            assertThat(channels.subList(0, readers)).allMatch(AsyncChannel::isOpen);
            assertThat(heapGrowth).isLessThan(64 << 20);
        }
    }

    // ---- input

    @Test
    void aPingFloodIsAnsweredWithBoundedMemory() throws Exception {
        HttpServer server = serve(WhenFull.CLOSE, options -> options);
        RawWebSocket client = openSlow(server);
        AsyncChannel channel = listener.channel();
        byte[] ping = RawWebSocket.masked(true, 0, RawWebSocket.PING, new byte[125], 1);

        long sent = client.client().sendUntilHeld(repeat(ping, 500), Duration.ofMillis(300), 64 << 20);

        assertThat(channel.queuedBytes())
                .as("after " + sent + " bytes of pings")
                .isLessThan(128 << 10);
        listener.calls().clear();
    }

    @Test
    void aSlowListenerHoldsTheClientBack() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        AtomicInteger received = new AtomicInteger();
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onBinary(AsyncChannel channel, byte[] bytes) {
                try {
                    await(mayGoOn);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                received.addAndGet(bytes.length);
            }
        }));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        long before = liveHeapBytes();
        byte[] frame = RawWebSocket.masked(true, 0, RawWebSocket.BINARY, new byte[1 << 20], 1);

        long sent = client.client().sendUntilHeld(frame, Duration.ofMillis(500), 256 << 20);
        long growth = liveHeapBytes() - before;

        assertThat(sent).as("bytes until held").isLessThan(32 << 20);
        assertThat(growth).as("live heap").isLessThan(16 << 20);
        mayGoOn.countDown();
        long whole = sent / frame.length;
        eventually(() -> assertThat(received).hasValueGreaterThanOrEqualTo((int) (whole << 20)));
    }

    @Test
    void anEchoClientThatDoesNotReadIsHeldBackAndGoesOnWhenItReads() throws Exception {
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onBinary(AsyncChannel channel, byte[] bytes) {
                channel.send(bytes);
            }
        }));
        RawWebSocket client = openSlow(server);
        byte[] frame = RawWebSocket.masked(true, 0, RawWebSocket.BINARY, new byte[MANY], 1);

        long sent = client.client().sendUntilHeld(frame, Duration.ofMillis(500), 256 << 20);

        assertThat(sent).isLessThan(64 << 20);
        for (long i = 0; i < sent / frame.length; i++) {
            assertThat(client.readMessage().payload()).hasSize(MANY);
        }
    }

    private static byte[] repeat(byte[] bytes, int times) {
        java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            whole.writeBytes(bytes);
        }
        return whole.toByteArray();
    }

    static long liveHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
