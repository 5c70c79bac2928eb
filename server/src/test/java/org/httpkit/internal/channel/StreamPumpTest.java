package org.httpkit.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.FakeStream;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.SendListener;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Data that comes in pieces or takes long, and what other threads send meanwhile. */
final class StreamPumpTest {
    private static final Send.End END = new Send.End(CloseCode.NORMAL, "", null);

    private final List<String> calls = new ArrayList<>();
    private final Channel channel = new Channel();
    /** What happens on other threads while data is encoded. */
    private Runnable whenEncoding = () -> {};

    private Send send(Object data, Send.@Nullable End end) {
        SendListener told = failure -> calls.add(data + (failure == null ? " told" : " lost: " + failure.getMessage()));
        return new Send(ChannelData.of(data instanceof Stream stream ? stream.open() : data), told, end);
    }

    /** Content that comes from a stream. */
    private record Stream(String content, List<String> calls) {
        InputStream open() {
            return new FilterInputStream(new ByteArrayInputStream(content.getBytes(StandardCharsets.US_ASCII))) {
                @Override
                public void close() {
                    calls.add("closed");
                }
            };
        }

        @Override
        public String toString() {
            return content;
        }
    }

    private Stream stream(String content) {
        return new Stream(content, calls);
    }

    private StreamPump pump(Send first) {
        channel.pump = new StreamPump(channel, first);
        return channel.pump;
    }

    private boolean isEncoding(StreamPump pump) {
        synchronized (channel.lock()) {
            return pump.isEncoding();
        }
    }

    private void add(StreamPump pump, Send send) {
        synchronized (channel.lock()) {
            pump.add(send);
        }
    }

    @Test
    void sendsTheFirstAndThenWhatWaits() {
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("two", null));
        add(pump, send(stream("three"), null));
        add(pump, send("four", null));
        assertThat(pump.heldBytes()).isEqualTo(3 + 128 + 128 + 4 + 128);

        pump.run();

        assertThat(calls)
                .containsExactly(
                        "begin",
                        "piece one",
                        "closed",
                        "end pieces",
                        "one told",
                        "send two",
                        "two told",
                        "begin",
                        "piece three",
                        "closed",
                        "end pieces",
                        "three told",
                        "send four",
                        "four told",
                        "pulled");
        assertThat(pump.heldBytes()).isZero();
    }

    @Test
    void endsBehindTheLast() {
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("two", END));

        pump.run();

        assertThat(calls).endsWith("send two", "two told", "finish");
    }

    @Test
    void endsBehindAStreamThatIsTheLast() {
        pump(send(stream("one"), END)).run();

        assertThat(calls).containsExactly("begin", "piece one", "closed", "end pieces", "one told", "finish");
    }

    @Test
    void leavesAWholeResponseToItsEnd() {
        channel.completes = true;

        pump(send(stream("one"), END)).run();
        assertThat(calls).containsExactly("finish one");

        calls.clear();
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("two", END));
        pump.run();
        assertThat(calls).endsWith("one told", "finish two");
    }

    @Test
    void cutsPiecesThatAreTooLongForTheOutput() {
        channel.mostPieceBytes = 4;

        pump(send(stream("0123456789"), null)).run();
        assertThat(calls).containsSubsequence("piece 0123", "piece 4567", "piece 89", "end pieces");

        calls.clear();
        pump(send(stream("01234567"), null)).run();
        assertThat(calls).containsSubsequence("piece 0123", "piece 4567", "end pieces");
    }

    @Test
    void encodesLongDataOnItsSendersThread() {
        Send send = send("long", null);
        pump(send).runHere(send);

        assertThat(calls).containsExactly("encode long", "send encoded LONG", "long told", "pulled");
    }

    @Test
    void endsBehindLongData() {
        Send send = send("long", END);
        pump(send).runHere(send);

        assertThat(calls).containsExactly("encode long", "send encoded LONG", "long told", "pulled", "finish");
    }

    @Test
    void leavesToTheWorkerWhatCameWhileItEncoded() {
        Send send = send("long", END);
        StreamPump pump = pump(send);
        whenEncoding = () -> {
            assertThat(isEncoding(pump)).isTrue();
            assertThat(Thread.holdsLock(channel.lock())).isFalse();
            add(pump, send("behind", null));
        };

        pump.runHere(send);
        assertThat(isEncoding(pump)).isFalse();
        assertThat(calls).containsExactly("encode long", "send encoded LONG", "long told", "leave to worker");

        whenEncoding = () -> {};
        calls.clear();
        pump.run();
        assertThat(calls).containsExactly("send behind", "behind told", "finish");
    }

    @Test
    void encodesLongDataThatWaitedOnTheWorker() {
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("long", null));

        pump.run();

        assertThat(calls).endsWith("one told", "encode long", "send encoded LONG", "long told", "pulled");
    }

    @Test
    void tellsAllSendersThatTheirDataIsLostIfTheChannelCloses() {
        Send send = send("long", null);
        StreamPump pump = pump(send);
        whenEncoding = () -> {
            add(pump, send(stream("behind"), null));
            channel.over = true;
        };

        pump.runHere(send);

        assertThat(calls)
                .containsExactly(
                        "encode long",
                        "release",
                        "pulled",
                        "long lost: The channel was closed meanwhile",
                        "closed",
                        "behind lost: The channel was closed meanwhile");
        assertThat(pump.heldBytes()).isZero();
    }

    @Test
    void throwsToTheSenderWhatGoesWrongAsItEncodes() {
        Send send = send("long", END);
        StreamPump pump = pump(send);
        whenEncoding = () -> {
            throw new IllegalStateException("no memory");
        };

        assertThatThrownBy(() -> pump.runHere(send)).hasMessage("no memory");
        assertThat(calls).containsExactly("encode long", "pulled", "failed: no memory");

        calls.clear();
        Send another = send("long", null);
        StreamPump next = pump(another);
        assertThatThrownBy(() -> next.runHere(another)).hasMessage("no memory");
        assertThat(calls).containsExactly("encode long", "pulled");
    }

    @Test
    void readsNothingForAChannelThatHasClosed() {
        channel.over = true;
        pump(send(stream("one"), null)).run();

        assertThat(calls)
                .containsExactly(
                        "failed: The channel was closed meanwhile",
                        "pulled",
                        "closed",
                        "one lost: The channel was closed meanwhile");
    }

    @Test
    void readsNoFurtherOnceTheChannelHasClosed() {
        channel.mostPieceBytes = 4;
        channel.whenPiece = () -> channel.over = true;
        pump(send(stream("0123456789"), null)).run();

        assertThat(calls).containsSubsequence("begin", "piece 0123").doesNotContain("piece 4567", "end pieces");
        calls.clear();
        channel.over = false;
        pump(send(stream("0123"), null)).run();
        assertThat(calls).doesNotContain("end pieces", "0123 told");
    }

    @Test
    void waitsUntilTheClientHasTakenAPiece() {
        channel.way.closed = true;
        pump(send(stream("one"), null)).run();

        assertThat(calls).containsSubsequence("piece one", "closed", "failed: Closed", "one lost: Closed");
    }

    @Test
    void tellsASenderThatTheWorkerHasNoRoom() {
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("two", null));
        pump.refused();

        assertThat(calls)
                .containsExactly(
                        "pulled", "closed", "one lost: The worker has no room", "two lost: The worker has no room");
    }

    @Test
    void countsForTheServerWhatWaitsBehindAStream() {
        StreamPump pump = pump(send(stream("one"), null));
        add(pump, send("two", null));
        assertThat(channel.loop.backlog().bytes()).isEqualTo(3 + 128);
        assertThat(channel.loop.backlog().links()).isOne();

        pump.run();

        assertThat(channel.loop.backlog().bytes()).isZero();
        assertThat(channel.loop.backlog().links()).isZero();
    }

    @Test
    void holdsNothingOnceTheChannelIsClosedThoughItsStreamMayTakeItsTime() {
        StreamPump pump = pump(send(stream("one"), null));
        channel.whenPiece = () -> {
            add(pump, send("two", null));
            add(pump, send(stream("three"), null));
            channel.over = true;
            synchronized (channel.lock()) {
                pump.channelClosed();
            }
            assertThat(pump.heldBytes()).isZero();
            assertThat(channel.loop.backlog().bytes()).isZero();
            assertThat(channel.loop.backlog().links()).isZero();
        };

        pump.run();

        assertThat(calls)
                .containsSubsequence("pulled", "one lost: The channel was closed meanwhile")
                .endsWith(
                        "two lost: The channel was closed meanwhile",
                        "closed",
                        "three lost: The channel was closed meanwhile");
        assertThat(channel.loop.backlog().bytes()).isZero();
    }

    /** A channel whose output writes down what it is given. */
    private final class Channel implements StreamPump.Source, ChannelOutput {
        private final Object lock = new Object();
        private final FakeStream way = new FakeStream();
        private final FakeLoop loop = new FakeLoop();
        private final Link link = new Link(loop, new FakeWire());
        private final ServerContext context = ServerContext.of(
                HttpServer.builder().handler(request -> Response.of(200)).options(),
                Runnable::run,
                new ServerObserver() {});
        private @Nullable StreamPump pump;
        private boolean over;
        private boolean completes;
        private int mostPieceBytes = Integer.MAX_VALUE;
        private Runnable whenPiece = () -> {};

        private void locked(String call) {
            assertThat(Thread.holdsLock(lock)).as(call).isTrue();
            calls.add(call);
        }

        @Override
        public Object lock() {
            return lock;
        }

        @Override
        public ServerContext context() {
            return context;
        }

        @Override
        public Link link() {
            return link;
        }

        @Override
        public Outflow out() {
            return way;
        }

        @Override
        public ChannelOutput carrier() {
            return this;
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public boolean isLong(Send send) {
            return !send.isWhole() || text(send.data()).startsWith("long");
        }

        @Override
        public boolean completes(Send send) {
            return completes && send.end() != null;
        }

        @Override
        public void sendNow(Send send) {
            if (send.data() != null) {
                locked("send " + text(send.data()));
            }
            notifyWhenSent(send.whenDone(), null);
        }

        @Override
        public void finish(Send send, Send.End end) {
            assertThat(Thread.holdsLock(lock)).isFalse();
            calls.add("finish" + (completes ? " " + (send.isWhole() ? text(send.data()) : "one") : ""));
        }

        @Override
        public void notifyWhenSent(@Nullable SendListener whenDone, @Nullable Throwable failure) {
            if (whenDone != null) {
                whenDone.done(failure);
            }
        }

        @Override
        public void leaveToWorker(StreamPump begun) {
            calls.add("leave to worker");
        }

        @Override
        public void pulled() {
            locked("pulled");
        }

        @Override
        public void pullFailed(Throwable failure) {
            calls.add("failed: " + failure.getMessage());
        }

        @Override
        public void giveUp(Send send, Throwable failure) {
            if (send.data() != null) {
                send.data().discard();
            }
            notifyWhenSent(send.whenDone(), failure);
        }

        @Override
        public void releaseIfOver() {
            if (over) {
                locked("release");
            }
        }

        private static String text(@Nullable ChannelData data) {
            return data == null ? "" : new String(data.content(), StandardCharsets.US_ASCII);
        }

        // ---- as its output

        @Override
        public void send(ChannelData data) {
            throw new AssertionError("Sends go through the channel");
        }

        @Override
        public boolean takesLong(ChannelData data) {
            return false;
        }

        @Override
        public byte[] encode(ChannelData data) {
            calls.add("encode " + text(data));
            whenEncoding.run();
            return text(data).toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public void sendEncoded(ChannelData data, byte[] encoded) {
            locked("send encoded " + new String(encoded, StandardCharsets.US_ASCII));
        }

        @Override
        public void beginPieces(ChannelData data) {
            locked("begin");
        }

        @Override
        public void sendPiece(byte[] bytes, int offset, int count) {
            locked("piece " + new String(bytes, offset, count, StandardCharsets.US_ASCII));
            whenPiece.run();
        }

        @Override
        public int mostPieceBytes() {
            return mostPieceBytes;
        }

        @Override
        public void endPieces() {
            locked("end pieces");
        }

        @Override
        public void release() {}

        @Override
        public boolean isUnbegun() {
            return false;
        }

        @Override
        public boolean endsWithHead(ChannelData data) {
            return false;
        }

        @Override
        public void complete(ChannelData data, @Nullable Consumer<@Nullable Throwable> beforeEnd) {}

        @Override
        public void end(int code, String reason) {}

        @Override
        public void fail(Throwable cause) {}

        @Override
        public boolean isComplete() {
            return false;
        }

        @Override
        public boolean isCut() {
            return false;
        }

        @Override
        public boolean isWebSocket() {
            return false;
        }

        @Override
        public Outflow outflow() {
            return way;
        }

        @Override
        public CloseReason ownClose(int code, String reason) {
            throw new AssertionError("Nobody closes here");
        }
    }
}
