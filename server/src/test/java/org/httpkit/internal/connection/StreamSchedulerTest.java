package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.http2.StreamTransition;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.FileSegment;
import org.httpkit.internal.net.HeldOutput;
import org.httpkit.internal.net.IgnoringProtocol;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Segment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves next of what streams hand over, in buffers of any size. */
final class StreamSchedulerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String[] TYPES = {
        "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE"
    };

    private boolean isOutOfThreads;
    /** What another thread does before a segment is handed over. */
    private Runnable whenReading = () -> {};

    private final FakeLoop loop = new FakeLoop() {
        @Override
        public void runBlocking(Runnable task) {
            whenReading.run();
            if (isOutOfThreads) {
                throw new OutOfMemoryError("The system provides no thread");
            }
            super.runBlocking(task);
        }
    };
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);
    private final List<String> told = new ArrayList<>();
    private final StreamScheduler scheduler = scheduler();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private StreamScheduler scheduler() {
        link.start(new IgnoringProtocol());
        return new StreamScheduler(
                link,
                new StreamScheduler.Owner() {
                    @Override
                    public void streamsEnded() {
                        told.add("ended");
                    }

                    @Override
                    public void heldBack() {
                        told.add("held back");
                    }

                    @Override
                    public void streamsStuck() {
                        told.add("stuck");
                    }
                },
                new OddFrames(0));
    }

    /** A stream whose ends are written down. */
    private final class Sender extends StreamOutput {
        @Nullable
        ErrorCode codeAtEnd;

        Sender(int id, StreamState state, int windowBytes) {
            super(id, scheduler, state, windowBytes);
        }

        @Override
        public void closeSoon(@Nullable IOException cause) {
            told.add("close soon " + id);
        }

        @Override
        @Nullable
        ErrorCode codeAtEnd(boolean clientMaySend) {
            return clientMaySend ? codeAtEnd : null;
        }

        @Override
        void drained() {
            told.add("drained " + id);
        }
    }

    private Sender open(int id) {
        return new Sender(id, StreamState.OPEN, 65_535);
    }

    /** Something that may find the client to break a rule. */
    private interface Step {
        void run() throws Http2ViolationException;
    }

    /** Does something in a turn of the loop, so that nothing leaves before it is pulled. */
    private void inTurn(Step step) {
        loop.run(() -> link.batch(() -> {
            try {
                step.run();
            } catch (Http2ViolationException e) {
                throw new AssertionError(e);
            }
        }));
    }

    private boolean content(StreamOutput stream, String text) {
        boolean[] taken = new boolean[1];
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        inTurn(() -> taken[0] = scheduler.content(stream, bytes, 0, bytes.length, false));
        return taken[0];
    }

    private static OutputPiece.Frames head(int id, String block, @Nullable BooleanSupplier wanted) {
        ByteQueue out = new ByteQueue(64);
        int begin = FrameEncoder.beginHeaders(out);
        out.append(block.getBytes(StandardCharsets.US_ASCII));
        FrameEncoder.endHeaders(out, begin, id, false, 16_384);
        return new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_HEADERS, wanted);
    }

    private boolean submit(StreamOutput stream, OutputPiece piece) {
        boolean[] taken = new boolean[1];
        inTurn(() -> taken[0] = scheduler.submit(stream, piece, null));
        return taken[0];
    }

    /** Pulls into a buffer of that size; returns whether there may be more. */
    private boolean pull(int bytes) {
        ByteBuffer into = ByteBuffer.allocate(bytes);
        boolean more = scheduler.pull(into);
        sent.write(into.array(), 0, into.position());
        return more;
    }

    /** Pulls everything, and returns all frames that were pulled since the last call. */
    private List<String> frames() {
        while (pull(70_000)) {
            assertThat(sent.size()).isLessThan(1 << 20);
        }
        return taken();
    }

    private List<String> taken() {
        ByteBuffer in = ByteBuffer.wrap(sent.toByteArray());
        sent.reset();
        List<String> frames = new ArrayList<>();
        while (in.remaining() >= 9) {
            int length = (in.get() & 0xff) << 16 | (in.get() & 0xff) << 8 | in.get() & 0xff;
            String type = TYPES[in.get()];
            String end = (in.get() & 1) != 0 ? " END" : "";
            String frame = type + " " + in.getInt() + end;
            byte[] payload = new byte[length];
            in.get(payload);
            frames.add(
                    switch (type) {
                        case "RST_STREAM" ->
                            frame + " "
                                    + ErrorCode.nameOf(ByteBuffer.wrap(payload).getInt());
                        case "DATA", "HEADERS" -> frame + text(payload);
                        default -> frame;
                    });
        }
        assertThat(in.hasRemaining()).isFalse();
        return frames;
    }

    private static String text(byte[] payload) {
        return payload.length == 0
                ? ""
                : " "
                        + (payload.length > 20
                                ? payload.length + " bytes"
                                : new String(payload, StandardCharsets.US_ASCII));
    }

    // ---- the order

    @Test
    void sendsFramesOfTheConnectionThenHeadsThenContent() {
        Sender stream = open(1);
        content(stream, "abc");
        submit(open(3), head(3, "head", null));
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        assertThat(scheduler.controlBytes()).isEqualTo(13);

        assertThat(frames()).containsExactly("WINDOW_UPDATE 0", "HEADERS 3 head", "DATA 1 abc");
        assertThat(scheduler.controlBytes()).isZero();
        assertThat(stream.queuedBytes()).isZero();
        assertThat(stream.isDrained()).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void putsASizeUpdateIntoEachFieldBlockThatLeavesBehindTheAcknowledgementOfASmallerTable() {
        Sender stream = open(1);
        submit(stream, head(1, "before", null));
        inTurn(() -> scheduler.acknowledgeSettings(true));
        submit(open(3), head(3, " has one", null));

        assertThat(pull(9 + 15)).isTrue(); // one byte less than the head needs now
        assertThat(taken()).containsExactly("SETTINGS 0 END");
        assertThat(frames()).containsExactlyInAnyOrder("HEADERS 1  before", "HEADERS 3  has one");
        assertThat(stream.queuedBytes()).isZero();
    }

    @Test
    void cutsFramesOfTheConnectionWhereABufferIsFull() {
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));

        assertThat(pull(10)).isTrue();
        assertThat(sent.size()).isEqualTo(10);
        assertThat(scheduler.controlBytes()).isEqualTo(3);
        assertThat(pull(3)).isFalse();
        assertThat(taken()).containsExactly("WINDOW_UPDATE 0");
    }

    @Test
    void beginsNoHeadThatDoesNotFitBehindOthers() {
        submit(open(1), head(1, "x".repeat(20), null));
        submit(open(3), head(3, "y".repeat(20), null));
        submit(open(5), head(5, "z".repeat(20), null));

        assertThat(pull(58 + 28)).isTrue();
        assertThat(taken()).containsExactly("HEADERS 1 " + "x".repeat(20), "HEADERS 3 " + "y".repeat(20));
        assertThat(pull(29)).isFalse();
        assertThat(taken()).containsExactly("HEADERS 5 " + "z".repeat(20));
    }

    @Test
    void putsNothingBetweenThePartsOfAHeadThatIsLongerThanABuffer() {
        submit(open(1), head(1, "x".repeat(50), null));
        assertThat(pull(20)).isTrue();
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        assertThat(pull(38)).isTrue();
        assertThat(pull(1)).isTrue();
        assertThat(pull(13)).isFalse();

        assertThat(taken()).containsExactly("HEADERS 1 50 bytes", "WINDOW_UPDATE 0");
    }

    @Test
    void beginsNoFrameForFewBytesAtTheEndOfABuffer() {
        content(open(1), "x".repeat(2000));

        assertThat(pull(9 + 1023)).isTrue();
        assertThat(taken()).isEmpty();
        assertThat(pull(9 + 1024)).isTrue();
        assertThat(taken()).containsExactly("DATA 1 1024 bytes");
        assertThat(pull(9 + 975)).isTrue();
        assertThat(taken()).isEmpty();
        assertThat(pull(9 + 976)).isFalse();
        assertThat(taken()).containsExactly("DATA 1 976 bytes");
    }

    @Test
    void letsStreamsTakeTurnsFrameByFrame() {
        content(open(1), "x".repeat(20_000));
        content(open(3), "y".repeat(20_000));

        assertThat(frames())
                .containsExactly("DATA 1 16384 bytes", "DATA 3 16384 bytes", "DATA 1 3616 bytes", "DATA 3 3616 bytes");
    }

    @Test
    void keepsTheTurnOfAStreamForWhichThereWasNoRoom() {
        content(open(1), "x".repeat(20_000));
        content(open(3), "y".repeat(20_000));

        assertThat(pull(16_393 + 9 + 1023)).isTrue();
        assertThat(pull(16_393)).isTrue();
        assertThat(taken()).containsExactly("DATA 1 16384 bytes", "DATA 3 16384 bytes");
    }

    @Test
    void gathersContentOfAStreamForOneFrame() {
        Sender stream = open(1);
        content(stream, "abc");
        content(stream, "def");
        assertThat(stream.queuedBytes()).isEqualTo(6);

        assertThat(frames()).containsExactly("DATA 1 abcdef");
    }

    @Test
    void leavesOutFramesThatAreNoLongerWanted() {
        Sender stream = open(1);
        submit(stream, head(1, "hints", () -> false));
        assertThat(stream.queuedBytes()).isEqualTo(14);
        submit(stream, head(1, "head", () -> true));

        assertThat(frames()).containsExactly("HEADERS 1 head");
        assertThat(stream.queuedBytes()).isZero();
    }

    @Test
    void servesTheUrgentFirst() {
        Sender urgent = open(3);
        content(open(1), "x".repeat(20_000));
        content(urgent, "y".repeat(20_000));
        scheduler.prioritize(urgent, 0);

        assertThat(frames()).startsWith("DATA 3 16384 bytes", "DATA 3 3616 bytes");
    }

    // ---- windows

    @Test
    void sendsWhatAStreamsWindowAllows() {
        Sender stream = new Sender(1, StreamState.OPEN, 5);
        content(stream, "abcdefgh");
        assertThat(told).isEmpty();
        assertThat(frames()).containsExactly("DATA 1 abcde");
        assertThat(told).containsExactly("held back");
        assertThat(stream.queuedBytes()).isEqualTo(3);
        assertThat(stream.waitsForPeer()).isTrue();
        assertThat(scheduler.holdsBack(stream)).isTrue();

        inTurn(() -> scheduler.credit(stream, 2));
        assertThat(scheduler.holdsBack(stream)).isFalse();
        assertThat(frames()).containsExactly("DATA 1 fg");
        inTurn(() -> scheduler.credit(stream, 1));
        assertThat(frames()).containsExactly("DATA 1 h");
        assertThat(told).containsExactly("held back", "drained 1");
        assertThat(stream.waitsForPeer()).isFalse();

        content(stream, "i");
        assertThat(told).containsExactly("held back", "drained 1", "held back");
        assertThat(frames()).isEmpty();
    }

    @Test
    void sendsWhatTheConnectionsWindowAllows() {
        Sender first = new Sender(1, StreamState.OPEN, 100_000);
        submit(first, new OutputPiece.Large(new BytesSegment(new byte[70_000], 0, 70_000)));
        assertThat(frames()).hasSize(4).last().isEqualTo("DATA 1 " + (65_535 - 3 * 16_384) + " bytes");
        Sender second = open(3);
        content(second, "abc");
        assertThat(frames()).isEmpty();
        assertThat(told).containsExactly("held back", "held back");
        assertThat(scheduler.holdsBack(second)).isTrue();

        inTurn(() -> scheduler.credit(1));
        assertThat(frames()).hasSize(1);
        inTurn(() -> scheduler.credit(5000));
        assertThat(frames()).hasSize(2).contains("DATA 3 abc");
        assertThat(scheduler.window.bytes()).isEqualTo(5001 + 65_535 - 70_003);
    }

    @Test
    void putsEachStreamsWindowUpOrDown() {
        Sender first = new Sender(1, StreamState.OPEN, 5);
        Sender second = new Sender(3, StreamState.OPEN, 5);
        content(first, "abcdefgh");
        content(second, "abcdefgh");
        inTurn(() -> scheduler.resize(List.of(first, second), -3));
        assertThat(frames()).containsExactly("DATA 1 ab", "DATA 3 ab");
        inTurn(() -> scheduler.resize(List.of(first, second), 4));

        assertThat(frames()).containsExactly("DATA 1 cdef", "DATA 3 cdef");
    }

    @Test
    void reportsOnceWhatIsStuckIfThatIsWanted() {
        Sender stream = new Sender(1, StreamState.OPEN, 0);
        content(stream, "abc");
        assertThat(told).containsExactly("held back");
        scheduler.tellStuckStreams();
        content(stream, "def");
        content(stream, "ghi");

        assertThat(told).containsExactly("held back", "stuck");
    }

    @Test
    void reportsWhatIsStuckOnlyByTheWindowOfAll() {
        submit(
                new Sender(1, StreamState.OPEN, 100_000),
                new OutputPiece.Large(new BytesSegment(new byte[70_000], 0, 70_000)));
        scheduler.tellStuckStreams();
        frames();
        assertThat(told).containsExactly("held back", "stuck");
        scheduler.tellStuckStreams();
        frames();

        assertThat(told).containsExactly("held back", "stuck", "stuck");
    }

    @Test
    void knowsSinceWhenAStreamIsHeldBack() {
        Sender stream = new Sender(1, StreamState.OPEN, 2);
        loop.letPass(SECOND);
        content(stream, "abc");
        assertThat(scheduler.heldBackSince(stream, 2 * SECOND)).isEqualTo(2 * SECOND); // it is not
        loop.letPass(2 * SECOND);
        frames();
        assertThat(scheduler.heldBackSince(stream, 9 * SECOND)).isEqualTo(3 * SECOND);

        inTurn(() -> scheduler.credit(stream, 1));
        assertThat(scheduler.heldBackSince(stream, 9 * SECOND)).isEqualTo(9 * SECOND);
    }

    @Test
    void countsAStreamThatTakesLessThanTheLeastRateAsBehind() {
        loop.minBytesPerSecond = 10;
        Sender stream = new Sender(1, StreamState.OPEN, 20);
        content(stream, "x".repeat(50));
        loop.letPass(10 * SECOND);
        frames();
        assertThat(scheduler.heldBackSince(stream, 10 * SECOND)).isEqualTo(2 * SECOND);

        loop.minBytesPerSecond = 1;
        inTurn(() -> scheduler.credit(stream, 20));
        frames();
        assertThat(scheduler.heldBackSince(stream, 10 * SECOND)).isEqualTo(10 * SECOND);
    }

    /** The client takes as much as the window of all allows, and then wants one stream after the other. */
    private Sender waitingBehindAnother(long afterNanos) {
        loop.minBytesPerSecond = 1000;
        submit(open(1), new OutputPiece.Large(new BytesSegment(new byte[65_535], 0, 65_535)));
        frames();
        loop.letPass(afterNanos);
        Sender first = new Sender(3, StreamState.OPEN, 1_000_000);
        Sender second = open(5);
        scheduler.prioritize(first, 1);
        scheduler.prioritize(second, 1);
        submit(first, new OutputPiece.Large(new BytesSegment(new byte[100_000], 0, 100_000)));
        content(second, "abc");
        return second;
    }

    @Test
    void aStreamThatWaitsForOthersIsNotBehindWhileTheirClientTakesThem() {
        Sender second = waitingBehindAnother(0);
        for (int i = 1; i <= 20; i++) {
            loop.letPass(SECOND);
            inTurn(() -> scheduler.credit(4000));
            assertThat(frames()).containsExactly("DATA 3 4000 bytes");
            assertThat(scheduler.holdsBack(second)).isTrue();
            assertThat(scheduler.heldBackSince(second, i * SECOND)).isEqualTo(i * SECOND);
        }
    }

    @Test
    void aStreamThatWaitsForOthersIsBehindIfTheirClientTakesThemMoreSlowlyThanItMay() {
        Sender second = waitingBehindAnother(0);
        for (int i = 1; i <= 20; i++) {
            loop.letPass(SECOND);
            inTurn(() -> scheduler.credit(100));
            frames();
        }
        assertThat(scheduler.heldBackSince(second, 20 * SECOND)).isEqualTo(2 * SECOND);
    }

    @Test
    void whatOthersSendIsNoProgressOfAStreamWhoseOwnWindowIsClosed() {
        waitingBehindAnother(0);
        Sender third = new Sender(7, StreamState.OPEN, 0);
        content(third, "abc");
        loop.letPass(5 * SECOND);
        inTurn(() -> scheduler.credit(50_000));
        frames();

        assertThat(scheduler.heldBackSince(third, 5 * SECOND)).isZero();
    }

    @Test
    void tellsEachStreamHowMuchAllHaveSent() {
        Sender second = waitingBehindAnother(0);
        long before = second.sharedBytes();
        inTurn(() -> scheduler.credit(4000));
        frames();

        assertThat(second.sharedBytes() - before).isEqualTo(4000);
    }

    @Test
    void aClientIsNotBehindForTheTimeInWhichNothingWasToBeSent() {
        Sender second = waitingBehindAnother(100 * SECOND);
        loop.letPass(5 * SECOND);
        inTurn(() -> scheduler.credit(4000));
        frames();

        assertThat(scheduler.heldBackSince(second, 105 * SECOND)).isEqualTo(104 * SECOND);
    }

    // ---- ends

    @Test
    void endsAStreamWhoseClientHasEndedIt() {
        Sender stream = new Sender(1, StreamState.HALF_CLOSED_REMOTE, 100);
        stream.codeAtEnd = ErrorCode.NO_ERROR;
        content(stream, "abc");
        inTurn(() -> assertThat(scheduler.end(stream)).isTrue());

        assertThat(frames()).containsExactly("DATA 1 END abc");
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.ENDED);
        assertThat(scheduler.takeEnded()).isSameAs(stream);
        assertThat(scheduler.takeEnded()).isNull();
        inTurn(() -> assertThat(scheduler.end(stream)).isFalse());
        assertThat(content(stream, "d")).isFalse();
        assertThat(frames()).isEmpty();
    }

    @Test
    void endsAStreamBehindWhatHasLeft() {
        Sender stream = open(1);
        content(stream, "abc");
        frames();
        inTurn(() -> assertThat(scheduler.end(stream)).isTrue());

        assertThat(frames()).containsExactly("DATA 1 END");
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.HALF_CLOSED_LOCAL);
        assertThat(scheduler.takeEnded()).isNull();
    }

    @Test
    void resetsAStreamBehindItsEndIfTheClientSendsInVain() {
        Sender stream = open(1);
        stream.codeAtEnd = ErrorCode.NO_ERROR;
        content(stream, "abc");
        inTurn(() -> scheduler.end(stream));

        assertThat(frames()).containsExactly("DATA 1 END abc", "RST_STREAM 1 NO_ERROR");
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.RESET_BY_SERVER);
        assertThat(scheduler.takeEnded()).isSameAs(stream);
    }

    @Test
    void closesAStreamOnceAndDropsWhatItHasToSend(@TempDir Path folder) throws IOException {
        Sender stream = new Sender(1, StreamState.OPEN, 0);
        content(stream, "abc");
        submit(stream, new OutputPiece.Notice(failure -> told.add("told: " + failure)));
        submit(stream, new OutputPiece.Large(file(folder, "in memory", "done")));
        assertThat(stream.isClosed()).isFalse();
        told.clear();
        inTurn(() -> assertThat(scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")))
                .isTrue());

        assertThat(told).containsExactly("told: java.io.IOException: over", "done");
        assertThat(stream.isClosed()).isTrue();
        assertThat(stream.queuedBytes()).isZero();
        assertThat(frames()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(scheduler.takeEnded()).isSameAs(stream);
        inTurn(() -> assertThat(scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")))
                .isFalse());
        assertThat(frames()).isEmpty();
        assertThat(scheduler.takeEnded()).isNull();
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void dropsWhatAClientHasReset() {
        Sender stream = open(1);
        submit(stream, head(1, "head", null));
        content(stream, "abc");
        inTurn(() -> assertThat(scheduler
                        .resetByClient(stream, new IOException("reset"))
                        .outcome())
                .isEqualTo(StreamTransition.Outcome.PROCEED));

        assertThat(frames()).isEmpty();
        assertThat(stream.isClosed()).isTrue();
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.RESET_BY_CLIENT);
        assertThat(scheduler.takeEnded()).isSameAs(stream);
        inTurn(() -> assertThat(scheduler
                        .resetByClient(stream, new IOException("reset"))
                        .outcome())
                .isEqualTo(StreamTransition.Outcome.DISCARD));
    }

    @Test
    void takesTheLatestEndFirstAndReportsOnce() {
        Sender first = new Sender(1, StreamState.HALF_CLOSED_LOCAL, 10);
        Sender second = new Sender(3, StreamState.HALF_CLOSED_LOCAL, 10);
        scheduler.tellEnds();
        scheduler.receive(first, StreamEvent.RECEIVE_DATA_AND_END);
        scheduler.receive(second, StreamEvent.RECEIVE_DATA_AND_END);

        assertThat(told).containsExactly("ended");
        StreamOutput latest = scheduler.takeEnded();
        assertThat(latest).isSameAs(second);
        assertThat(second.nextEnded).isSameAs(first);
    }

    @Test
    void keepsTheStateOfAStreamWhoseClientBreaksARule() {
        Sender stream = new Sender(1, StreamState.HALF_CLOSED_REMOTE, 10);

        assertThat(scheduler.receive(stream, StreamEvent.RECEIVE_DATA).violation())
                .isNotNull();
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.HALF_CLOSED_REMOTE);
        scheduler.endInput(stream);
        assertThat(scheduler.stateOf(stream)).isEqualTo(StreamState.HALF_CLOSED_REMOTE);
        Sender other = open(3);
        scheduler.endInput(other);
        assertThat(scheduler.stateOf(other)).isEqualTo(StreamState.HALF_CLOSED_REMOTE);
    }

    @Test
    void givesCreditOnlyWhereTheClientMaySend() {
        inTurn(() -> scheduler.allow(open(1), 5));
        inTurn(() -> scheduler.allow(new Sender(3, StreamState.HALF_CLOSED_REMOTE, 5), 5));

        assertThat(frames()).containsExactly("WINDOW_UPDATE 1");
    }

    // ---- refusals

    private List<String> refused(@Nullable Sender stream, int contentBytes, int windowBytes, ErrorCode code) {
        ByteQueue head = new ByteQueue(64);
        FrameEncoder.beginHeaders(head);
        head.append((byte) 'h');
        inTurn(() -> scheduler.refuse(7, stream, head, new byte[contentBytes], windowBytes, code));
        return frames();
    }

    @Test
    void sendsTheContentOfARefusalIfTheWindowsHaveRoomForIt() {
        assertThat(refused(null, 100, 100, ErrorCode.PROTOCOL_ERROR))
                .containsExactly("HEADERS 7 h", "DATA 7 END 100 bytes", "RST_STREAM 7 PROTOCOL_ERROR");
        assertThat(scheduler.window.bytes()).isEqualTo(65_435);
        assertThat(refused(null, 101, 100, ErrorCode.PROTOCOL_ERROR))
                .containsExactly("HEADERS 7 END h", "RST_STREAM 7 PROTOCOL_ERROR");
        assertThat(refused(null, 0, 100, ErrorCode.PROTOCOL_ERROR)).startsWith("HEADERS 7 END h");
        assertThat(refused(null, 16_384, 20_000, ErrorCode.PROTOCOL_ERROR)).contains("DATA 7 END 16384 bytes");
        assertThat(refused(null, 16_385, 20_000, ErrorCode.PROTOCOL_ERROR)).startsWith("HEADERS 7 END h");
    }

    @Test
    void resetsARefusedStreamIfItsClientMaySendOrHasBrokenARule() {
        Sender open = new Sender(7, StreamState.OPEN, 100);
        assertThat(refused(open, 3, 0, ErrorCode.NO_ERROR)).endsWith("RST_STREAM 7 NO_ERROR");
        assertThat(scheduler.takeEnded()).isSameAs(open);
        assertThat(open.isClosed()).isTrue();

        Sender ended = new Sender(7, StreamState.HALF_CLOSED_REMOTE, 100);
        assertThat(refused(ended, 3, 0, ErrorCode.NO_ERROR)).containsExactly("HEADERS 7 h", "DATA 7 END \0\0\0");
        assertThat(scheduler.takeEnded()).isSameAs(ended);
        Sender broken = new Sender(7, StreamState.HALF_CLOSED_REMOTE, 2);
        assertThat(refused(broken, 3, 100, ErrorCode.PROTOCOL_ERROR))
                .containsExactly("HEADERS 7 END h", "RST_STREAM 7 PROTOCOL_ERROR");
    }

    // ---- reports to the owner

    @Test
    void tellsWhenEverythingBeforeHasLeft() {
        Sender stream = new Sender(1, StreamState.OPEN, 2);
        content(stream, "abc");
        inTurn(() -> stream.whenSent(failure -> told.add("sent " + failure)));
        frames();
        scheduler.written();
        assertThat(told).containsExactly("held back");
        inTurn(() -> scheduler.credit(stream, 1));
        frames();
        assertThat(told).doesNotContain("sent null");

        scheduler.written();
        scheduler.written();
        assertThat(told).containsOnlyOnce("sent null");
    }

    @Test
    void tellsWhyWhatWasPulledDoesNotLeave() {
        Sender stream = open(1);
        inTurn(() -> stream.whenSent(failure -> told.add("" + failure)));
        frames();
        scheduler.unwritten(new IOException("closed"));
        scheduler.written();

        assertThat(told).containsExactly("java.io.IOException: closed");
    }

    @Test
    void tellsWhenAStreamHasLeftThatHasEnded() {
        Sender stream = new Sender(1, StreamState.HALF_CLOSED_REMOTE, 10);
        inTurn(() -> scheduler.end(stream));
        frames();
        stream.whenSent(failure -> told.add("sent " + failure));
        Sender reset = open(3);
        inTurn(() -> scheduler.close(reset, ErrorCode.CANCEL, new IOException("over")));
        reset.whenSent(failure -> told.add("" + failure));

        assertThat(told).containsExactly("sent null", "java.io.IOException: The stream is closed");
    }

    @Test
    void dropsBothPiecesForAStreamThatIsClosed() {
        Sender stream = open(1);
        inTurn(() -> scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")));
        Consumer<@Nullable IOException> notice = failure -> told.add("dropped");
        inTurn(() -> assertThat(
                        scheduler.submit(stream, new OutputPiece.Notice(notice), new OutputPiece.Notice(notice)))
                .isFalse());

        assertThat(told).containsExactly("dropped", "dropped");
    }

    @Test
    void tellsAStreamThatItIsDrainedIfItWaitedForTheSocket() {
        wire.room = 0;
        scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5));
        assertThat(link.waitsForPeer()).isTrue();
        Sender stream = open(1);
        scheduler.content(stream, new byte[3], 0, 3, false);
        assertThat(stream.waitsForPeer()).isTrue();
        wire.room = 1000;
        loop.run(link::writable);

        assertThat(told).containsExactly("drained 1");
        assertThat(stream.waitsForPeer()).isFalse();
    }

    @Test
    void tellsAStreamThatItIsDrainedIfItHasSaidThatItWaits() {
        Sender stream = open(1);
        content(stream, "abc");
        wire.room = 0;
        link.send(new BytesSegment(new byte[9], 0, 9));
        assertThat(told).isEmpty();
        assertThat(stream.waitsForPeer()).isTrue();

        assertThat(frames()).containsExactly("DATA 1 abc");
        assertThat(told).containsExactly("drained 1");
        assertThat(stream.waitsForPeer()).isFalse();
    }

    // ---- outside of a turn

    private void leavesAtOnce(Step step) {
        int before = wire.written().length();
        try {
            step.run();
        } catch (Http2ViolationException e) {
            throw new AssertionError(e);
        }
        assertThat(wire.written().length()).isGreaterThan(before);
    }

    @Test
    void sendsAtOnceWhatComesOutsideOfATurn() {
        Sender stream = new Sender(1, StreamState.OPEN, 2);
        leavesAtOnce(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        leavesAtOnce(() -> scheduler.submit(stream, head(1, "head", null), null));
        leavesAtOnce(() -> scheduler.content(stream, new byte[9], 0, 9, false));
        leavesAtOnce(() -> scheduler.credit(stream, 2));
        leavesAtOnce(() -> scheduler.resize(List.of(stream), 2));
        leavesAtOnce(() -> scheduler.allow(stream, 2));
        leavesAtOnce(() -> scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")));
        ByteQueue head = new ByteQueue(64);
        FrameEncoder.beginHeaders(head);
        leavesAtOnce(() -> scheduler.refuse(7, null, head, new byte[1], 10, ErrorCode.CANCEL));
        submit(
                new Sender(9, StreamState.OPEN, 100_000),
                new OutputPiece.Large(new BytesSegment(new byte[70_000], 0, 70_000)));
        leavesAtOnce(scheduler::flush);
        leavesAtOnce(() -> scheduler.credit(5));
    }

    @Test
    void gathersUntilTheNextTurnWhatMayLeaveSoon() {
        Sender stream = open(1);
        scheduler.content(stream, new byte[] {'a'}, 0, 1, true);
        scheduler.content(stream, new byte[] {'b'}, 0, 1, true);
        assertThat(wire.writes).isEmpty();

        loop.runCommands();
        assertThat(wire.writes).singleElement().asString().endsWith("ab");
        scheduler.content(stream, new byte[] {'c'}, 0, 1, true);
        loop.runCommands();
        assertThat(wire.written()).endsWith("c");
    }

    // ---- files

    private Segment file(Path folder, String text, String whenDone) throws IOException {
        Path path = Files.writeString(folder.resolve("file"), text);
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        return FileSegment.of(
                path,
                file,
                0,
                text.length(),
                () -> {
                    told.add(whenDone);
                    try {
                        file.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                fault -> {});
    }

    @Test
    void readsAFileWhereThreadsMayWaitAndClosesItThere(@TempDir Path folder) throws IOException {
        Sender stream = open(1);
        submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        assertThat(frames()).isEmpty();
        assertThat(loop.hasBlockingTasks()).isTrue();
        loop.run(() -> link.batch(loop::runBlockingTasks));
        assertThat(stream.queuedBytes()).isEqualTo(7);

        assertThat(frames()).containsExactly("DATA 1 content");
        assertThat(told).isEmpty();
        loop.runBlockingTasks();
        assertThat(told).containsExactly("closed");
        assertThat(loop.hasBlockingTasks()).isFalse();
    }

    @Test
    void sendsAFileThatIsReadOutsideOfATurnAtOnce(@TempDir Path folder) throws IOException {
        scheduler.submit(open(1), new OutputPiece.OnDisk(file(folder, "content", "closed")), null);
        loop.runBlockingTasks();

        assertThat(wire.written()).endsWith("content");
        assertThat(told).containsExactly("closed");
    }

    @Test
    void readsNoFileForWhichTheWindowHasNoRoom(@TempDir Path folder) throws IOException {
        Sender stream = new Sender(1, StreamState.OPEN, 0);
        submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        assertThat(loop.hasBlockingTasks()).isFalse();

        inTurn(() -> scheduler.credit(stream, 3));
        loop.run(() -> link.batch(loop::runBlockingTasks));
        assertThat(frames()).containsExactly("DATA 1 con");
        inTurn(() -> scheduler.credit(stream, 3));
        assertThat(loop.hasBlockingTasks()).isFalse(); // it is read already
        assertThat(frames()).containsExactly("DATA 1 ten");
    }

    @Test
    void readsALongFilePieceByPiece(@TempDir Path folder) throws Exception {
        Sender stream = new Sender(1, StreamState.OPEN, 200_000);
        inTurn(() -> scheduler.credit(200_000));
        submit(stream, new OutputPiece.OnDisk(file(folder, "x".repeat(65_537), "closed")));
        loop.run(() -> link.batch(loop::runBlockingTasks));
        assertThat(stream.queuedBytes()).isEqualTo(65_536);
        assertThat(frames()).hasSize(4).containsOnly("DATA 1 16384 bytes");
        loop.run(() -> link.batch(loop::runBlockingTasks));

        assertThat(frames()).containsExactly("DATA 1 x");
        loop.runBlockingTasks();
        assertThat(told).containsExactly("closed");
    }

    @Test
    void closesAFileOfAResetStreamWhenItsReaderIsDone(@TempDir Path folder) throws IOException {
        Sender stream = open(1);
        submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        inTurn(() -> scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")));
        assertThat(told).isEmpty();
        loop.runBlockingTasks();

        assertThat(told).containsExactly("closed");
        assertThat(loop.hasBlockingTasks()).isFalse();
        assertThat(stream.queuedBytes()).isZero();
    }

    @Test
    void closesAFileThatNobodyReadsWhereThreadsMayWait(@TempDir Path folder) throws IOException {
        Sender stream = new Sender(1, StreamState.OPEN, 3);
        submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        loop.run(() -> link.batch(loop::runBlockingTasks));
        inTurn(() -> scheduler.close(stream, ErrorCode.CANCEL, new IOException("over")));
        assertThat(told).doesNotContain("closed");
        loop.runBlockingTasks();

        assertThat(told).containsOnlyOnce("closed");
    }

    @Test
    void closesTheStreamOfAFileThatCannotBeRead(@TempDir Path folder) throws IOException {
        Sender stream = open(1);
        submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        Files.writeString(folder.resolve("file"), "");
        loop.runBlockingTasks();
        assertThat(told).containsExactly("close soon 1");
        inTurn(() -> scheduler.close(stream, ErrorCode.INTERNAL_ERROR, new IOException("unreadable")));
        loop.runBlockingTasks();

        assertThat(told).containsExactly("close soon 1", "closed");
        assertThat(frames()).containsExactly("RST_STREAM 1 INTERNAL_ERROR");
    }

    @Test
    void closesTheStreamAndTheFileIfThereIsNoThreadToReadIt(@TempDir Path folder) throws IOException {
        isOutOfThreads = true;
        Sender stream = open(1);
        assertThat(submit(stream, new OutputPiece.OnDisk(file(folder, "content", "closed"))))
                .isTrue();
        assertThat(told).containsExactly("close soon 1");
        inTurn(() -> scheduler.close(stream, ErrorCode.INTERNAL_ERROR, new IOException("unreadable")));

        assertThat(told).startsWith("close soon 1", "closed");
        assertThat(frames()).containsExactly("RST_STREAM 1 INTERNAL_ERROR");
    }

    @Test
    void settlesWhatIsInMemoryWhenAllOfItIsInFrames(@TempDir Path folder) throws IOException {
        Sender stream = new Sender(1, StreamState.OPEN, 3);
        submit(stream, new OutputPiece.Large(file(folder, "content", "done")));
        assertThat(frames()).containsExactly("DATA 1 con");
        assertThat(told).doesNotContain("done");
        inTurn(() -> scheduler.credit(stream, 10));

        assertThat(frames()).containsExactly("DATA 1 tent");
        assertThat(told).containsOnlyOnce("done");
    }

    // ---- the server's budget

    @Test
    void countsForTheServerWhatItsClientHasNotTaken() {
        HeldOutput held = scheduler.budget;
        Sender stream = new Sender(1, StreamState.OPEN, 2);
        assertThat(held.isDrained()).isTrue();
        assertThat(held.waitsForPeer()).isFalse();
        content(stream, "abcd");
        assertThat(loop.backlog().bytes()).isEqualTo(4);
        assertThat(loop.backlog().links()).isEqualTo(1);
        assertThat(held.queuedBytes()).isEqualTo(4);
        assertThat(held.isDrained()).isFalse();
        assertThat(held.waitsForPeer()).isTrue();

        frames();
        scheduler.written();
        assertThat(loop.backlog().bytes()).isEqualTo(2);
        inTurn(() -> scheduler.credit(stream, 2));
        frames();
        scheduler.written();
        assertThat(loop.backlog().bytes()).isZero();
        assertThat(loop.backlog().links()).isZero();
        assertThat(held.isDrained()).isTrue();
        assertThat(held.waitsForPeer()).isFalse();
    }

    @Test
    void tellsTheBudgetWhenItsClientLastTookSomething() {
        Sender stream = new Sender(1, StreamState.OPEN, 2);
        loop.letPass(SECOND);
        content(stream, "abcd");
        assertThat(scheduler.budget.progressNanos()).isEqualTo(SECOND);
        loop.letPass(SECOND);
        assertThat(frames()).hasSize(1);
        assertThat(scheduler.budget.progressNanos()).isEqualTo(2 * SECOND);
        loop.letPass(SECOND);
        assertThat(frames()).isEmpty();

        assertThat(scheduler.budget.progressNanos()).isEqualTo(2 * SECOND);
        assertThat(scheduler.budget.freshNanos()).isEqualTo(3 * SECOND);
    }

    @Test
    void closesTheConnectionForTheBudget() {
        assertThat(scheduler.budget.isClosed()).isFalse();
        scheduler.budget.closeSoon(new IOException("too much"));
        loop.runCommands();

        assertThat(scheduler.budget.isClosed()).isTrue();
        assertThat(link.isClosed()).isTrue();
    }

    // ---- the end of the connection

    @Test
    void takesNothingMoreOnceItIsAbandoned() {
        Sender stream = new Sender(1, StreamState.OPEN, 1);
        content(stream, "abc");
        scheduler.written();
        assertThat(loop.backlog().bytes()).isEqualTo(3);
        inTurn(() -> stream.whenSent(failure -> told.add("" + failure)));
        scheduler.abandon(List.of(stream), new IOException("over"));

        assertThat(told).endsWith("java.io.IOException: over");
        assertThat(loop.backlog().bytes()).isZero();
        assertThat(loop.backlog().links()).isZero();
        assertThat(stream.isClosed()).isTrue();
        assertThat(content(open(3), "x")).isFalse();
        assertThat(submit(open(3), head(3, "x", null))).isFalse();
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        assertThat(refused(null, 1, 10, ErrorCode.CANCEL)).isEmpty();
        scheduler.flush();
        assertThat(wire.writes).isEmpty();
    }

    @Test
    void countsNothingOfAFileThatIsReadWhileItsConnectionEnds(@TempDir Path folder) throws IOException {
        Sender first = new Sender(1, StreamState.OPEN, 0);
        content(first, "abc");
        inTurn(() -> first.whenSent(failure -> loop.runBlockingTasks()));
        Sender second = open(3);
        submit(second, new OutputPiece.OnDisk(file(folder, "content", "closed")));
        scheduler.abandon(List.of(first, second), new IOException("over"));
        loop.runBlockingTasks();

        assertThat(told).containsOnlyOnce("closed");
        assertThat(second.queuedBytes()).isZero();
        assertThat(scheduler.budget.queuedBytes()).isZero();
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void holdsNothingForTheServerOnceItIsAbandoned() {
        scheduler.abandon(List.of(), new IOException("over"));
        synchronized (scheduler) {
            scheduler.held(5);
        }
        scheduler.budget.settle();

        assertThat(scheduler.budget.queuedBytes()).isZero();
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void sendsEverythingAheadOfTheEndAlthoughAnotherThreadIsAboutTo(@TempDir Path folder) throws IOException {
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        whenReading = () -> {
            scheduler.flushBeforeEnd();
            told.add(wire.writes.size() + " written before the end");
        };
        scheduler.submit(open(1), new OutputPiece.OnDisk(file(folder, "content", "closed")), null);

        assertThat(told).containsExactly("1 written before the end");
        assertThat(wire.writes).hasSize(1);
    }

    @Test
    void keepsNoArrayWhileItRests() {
        inTurn(() -> scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, 5)));
        scheduler.rest();
        assertThat(scheduler.control.capacity()).isPositive();
        frames();
        scheduler.rest();

        assertThat(scheduler.control.capacity()).isZero();
    }

    // ---- threads that wait

    @Test
    void waitsForNothingIfAllHasLeft() throws Exception {
        Sender stream = open(1);
        stream.awaitDrained();
        content(stream, "abc");
        stream.awaitDrained(); // which sends it

        assertThat(wire.written()).endsWith("abc");
    }

    @Test
    void neitherWaitsForAClosedStreamNorOnALoop() {
        Sender held = new Sender(1, StreamState.OPEN, 0);
        content(held, "abc");
        loop.run(() -> assertThatIOException()
                .isThrownBy(held::awaitDrained)
                .withMessage("An event loop would wait for its client; write what may wait on a worker"));
        inTurn(() -> scheduler.close(held, ErrorCode.CANCEL, new IOException("over")));
        assertThatIOException().isThrownBy(held::awaitDrained).withMessage("The stream is closed");
        Sender other = open(3);
        assertThat(other.isClosed()).isFalse();
        loop.run(() -> link.close(null));
        assertThat(other.isClosed()).isTrue();
        assertThatIOException().isThrownBy(other::awaitDrained).withMessage("The stream is closed");
    }
}
