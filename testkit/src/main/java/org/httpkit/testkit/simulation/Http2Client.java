package org.httpkit.testkit.simulation;

import static org.httpkit.testkit.RawHttp2.CONTINUATION;
import static org.httpkit.testkit.RawHttp2.DATA;
import static org.httpkit.testkit.RawHttp2.END_HEADERS;
import static org.httpkit.testkit.RawHttp2.END_STREAM;
import static org.httpkit.testkit.RawHttp2.HEADERS;
import static org.httpkit.testkit.RawHttp2.PRIORITY;
import static org.httpkit.testkit.RawHttp2.RST_STREAM;
import static org.httpkit.testkit.RawHttp2.SETTINGS;
import static org.httpkit.testkit.RawHttp2.WINDOW_UPDATE;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.httpkit.testkit.RawHttp2;

/**
 * Sends many requests at once over HTTP/2 streams, frame by frame in random order, gives credit late, resets some
 * streams at some frame, and knows what each answer must be.
 */
final class Http2Client extends SimulatedClient {
    private static final int MOST_STREAMS = 100;
    private static final int MOST_FRAME_BYTES = 1 << 14;
    private static final int CANCEL = 8;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int HUGE_WINDOW_BYTES = 1 << 30;
    private static final int USUAL_BYTES_A_CALL = 500;
    private static final int LONGEST_WAIT_NANOS = 3_000_000;
    private static final byte[] NOTHING = {};

    /** Frames that end a connection, sent behind everything else. */
    private static final List<byte[]> BAD_FRAMES = List.of(
            RawHttp2.frame(DATA, 0, 0, (byte) 1),
            RawHttp2.frame(DATA, 0, 99_999, (byte) 1),
            RawHttp2.frame(HEADERS, END_HEADERS | END_STREAM, 2, RawHttp2.request("GET", "/quick/x")),
            RawHttp2.frame(HEADERS, END_HEADERS | END_STREAM, 99_999, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF),
            RawHttp2.frame(CONTINUATION, END_HEADERS, 1),
            RawHttp2.frame(WINDOW_UPDATE, 0, 0, RawHttp2.word(0)),
            join(
                    RawHttp2.frame(WINDOW_UPDATE, 0, 0, RawHttp2.word(Integer.MAX_VALUE)),
                    RawHttp2.frame(WINDOW_UPDATE, 0, 0, RawHttp2.word(Integer.MAX_VALUE))),
            RawHttp2.frame(SETTINGS, 0, 0, (byte) 1),
            RawHttp2.frame(RST_STREAM, 0, 0, RawHttp2.word(CANCEL)));

    private final SplittableRandom random;
    private final Http2Session session = new Http2Session();
    private final BlockWriter blocks;
    private final List<Http2Call> calls;
    /** Calls that have been opened and are not over. */
    private final List<Http2Call> open = new ArrayList<>();

    /** Whether the server may send as much as it likes. */
    private final boolean generous;

    /** Whether the connection gets credit only when nothing more may come on it. */
    private final boolean stingy;

    private final boolean misbehaves;
    private int windowBytes;
    private boolean greeted;
    private boolean misbehaved;
    private int opened;
    private int nextId = 1;
    private int pings;
    private boolean looksAgain;
    /** Credit that is not given yet, by chance. */
    private int lateCredits;

    private Http2Client(SimulatedWire wire, Schedule schedule, List<Http2Call> calls) {
        super(wire, schedule, NOTHING, usualBytes(calls));
        this.random = schedule.random();
        this.calls = calls;
        this.blocks = new BlockWriter(random);
        boolean isHalfClosing = manner == Manner.HALF_CLOSING;
        boolean mayBeGenerous = isHalfClosing || schedule.oneIn(3);
        this.stingy = schedule.oneIn(3);
        this.misbehaves = manner == Manner.WELL_BEHAVED && schedule.oneIn(12);
        int dice = random.nextInt(4);
        this.generous = mayBeGenerous && (!isHalfClosing || dice > 1); // behind its end it gives no credit at all
        this.windowBytes = generous
                ? HUGE_WINDOW_BYTES
                : dice == 0 ? 0 : dice == 1 ? 1 + random.nextInt(300) : Http2Call.DEFAULT_WINDOW_BYTES;
    }

    static Http2Client make(
            SimulatedWire wire, Schedule schedule, int id, Course course, Broadcasts broadcasts, SimulatedFiles files) {
        return new Http2Client(wire, schedule, new Http2Calls(schedule, course, broadcasts, files).choose(id));
    }

    private static int usualBytes(List<Http2Call> calls) {
        return calls.size() * USUAL_BYTES_A_CALL;
    }

    // ---- sending

    @Override
    byte[] more() {
        if (!greeted) {
            greeted = true;
            return greeting();
        }
        if (misbehaved) {
            return NOTHING;
        }
        if (!session.owed.isEmpty()) {
            return session.owed.remove(0);
        }
        open.removeIf(Http2Call::isOver);
        byte[] credit = schedule.oneIn(3) ? NOTHING : credit();
        if (credit.length > 0) {
            return credit;
        }
        int dice = random.nextInt(30);
        if (dice == 0 && opened > 0) {
            return oddFrame();
        }
        Http2Call chosen = open.isEmpty() ? null : open.get(random.nextInt(open.size()));
        if (chosen != null && chosen.frames >= chosen.patienceFrames) {
            return reset(chosen);
        }
        if (mayOpen() && (chosen == null || dice % 2 == 0)) {
            return open();
        }
        if (chosen != null && !chosen.ended && maySend(chosen)) {
            return data(chosen);
        }
        if (misbehaves && isAllSaid()) {
            misbehaved = true;
            session.receiveWindow += Integer.MAX_VALUE; // an exhausted window has room for the first of two updates
            return BAD_FRAMES.get(random.nextInt(BAD_FRAMES.size()));
        }
        return NOTHING;
    }

    private byte[] greeting() {
        byte[] setting = {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0};
        System.arraycopy(RawHttp2.word(windowBytes), 0, setting, 2, 4);
        session.settingsSent(() -> {});
        byte[] frames =
                join(RawHttp2.PREFACE.getBytes(StandardCharsets.ISO_8859_1), RawHttp2.frame(SETTINGS, 0, 0, setting));
        if (!generous) {
            return frames;
        }
        session.receiveWindow += HUGE_WINDOW_BYTES;
        return join(frames, RawHttp2.frame(WINDOW_UPDATE, 0, 0, RawHttp2.word(HUGE_WINDOW_BYTES)));
    }

    private boolean mayOpen() {
        return opened < calls.size() && open.size() < MOST_STREAMS && !session.isGoingAway();
    }

    private byte[] open() {
        Http2Call call = calls.get(opened++);
        schedule.tally.add(Happening.STREAM);
        call.id = nextId;
        nextId += schedule.oneIn(20) ? 4 : 2;
        call.receiveWindow = windowBytes;
        call.ended = call.body == null;
        call.frames++;
        session.calls.put(call.id, call);
        open.add(call);
        byte[] block = blocks.write(call.fields);
        int flags = call.ended ? END_STREAM : 0;
        int cut = schedule.oneIn(8) || block.length > MOST_FRAME_BYTES ? random.nextInt(block.length) : block.length;
        if (cut == block.length) {
            return RawHttp2.frame(HEADERS, flags | END_HEADERS, call.id, block);
        }
        return join(
                RawHttp2.frame(HEADERS, flags, call.id, Arrays.copyOf(block, cut)),
                RawHttp2.frame(CONTINUATION, END_HEADERS, call.id, Arrays.copyOfRange(block, cut, block.length)));
    }

    private boolean maySend(Http2Call call) {
        return call.restBytes() == 0 || (call.sendWindow > 0 && session.sendWindow > 0);
    }

    private byte[] data(Http2Call call) {
        int most = schedule.oneIn(3) ? 1 + random.nextInt(100) : MOST_FRAME_BYTES;
        int count = (int) Math.min(Math.min(call.restBytes(), most), Math.min(call.sendWindow, session.sendWindow));
        byte[] body = java.util.Objects.requireNonNull(call.body);
        byte[] content = Arrays.copyOfRange(body, call.sentBytes, call.sentBytes + count);
        call.sentBytes += count;
        call.sendWindow -= count;
        session.sendWindow -= count;
        call.frames++;
        call.ended = call.restBytes() == 0 && (count == 0 || schedule.oneIn(2));
        return RawHttp2.frame(DATA, call.ended ? END_STREAM : 0, call.id, content);
    }

    private byte[] reset(Http2Call call) {
        call.resetByClient = true;
        schedule.tally.add(Happening.STREAM_RESET);
        looksAgain = true;
        byte[] reset = RawHttp2.frame(RST_STREAM, 0, call.id, RawHttp2.word(CANCEL));
        return schedule.oneIn(2) ? join(reset, session.ping(++pings, () -> call.silenced = true)) : reset;
    }

    private byte[] oddFrame() {
        int id = calls.get(random.nextInt(opened)).id;
        return switch (random.nextInt(generous ? 3 : 4)) {
            case 0 -> RawHttp2.frame(PRIORITY, 0, id, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 7);
            case 1 -> RawHttp2.frame(200, 255, id, (byte) 1);
            case 2 -> session.ping(++pings, () -> {});
            default -> resize();
        };
    }

    /** Changes the windows of all streams: an increase counts at once, a decrease when the server knows it. */
    private byte[] resize() {
        int before = windowBytes;
        windowBytes = schedule.oneIn(3) ? 0 : random.nextInt(100_000);
        int change = windowBytes - before;
        if (change > 0) {
            open.forEach(call -> call.receiveWindow += change);
            session.settingsSent(() -> {});
        } else {
            List<Http2Call> concerned = List.copyOf(open);
            concerned.forEach(call -> call.pendingResizes++);
            session.settingsSent(() -> concerned.forEach(call -> {
                call.receiveWindow += change;
                call.pendingResizes--;
            }));
        }
        byte[] setting = {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0};
        System.arraycopy(RawHttp2.word(windowBytes), 0, setting, 2, 4);
        return RawHttp2.frame(SETTINGS, 0, 0, setting);
    }

    // ---- credit

    /** A WINDOW_UPDATE frame, if one is due now; by chance it will be later. */
    private byte[] credit() {
        if (generous) {
            return NOTHING;
        }
        if (session.owedBytes > 0 && (!stingy || session.receiveWindow <= 0)) {
            int increment = session.owedBytes;
            session.owedBytes = 0;
            return update(increment, 0, () -> session.receiveWindow += increment);
        }
        for (Http2Call call : open) {
            int wanted = call.lacks();
            if (wanted > 0) {
                int increment = schedule.oneIn(4) ? Math.max(wanted, 20_000) : wanted + random.nextInt(5000);
                call.owedBytes = 0;
                call.creditBytes += increment;
                return update(increment, call.id, () -> {
                    call.receiveWindow += increment;
                    call.creditBytes -= increment;
                });
            }
        }
        return NOTHING;
    }

    private byte[] update(int increment, int id, Runnable given) {
        byte[] frame = RawHttp2.frame(WINDOW_UPDATE, 0, id, RawHttp2.word(increment));
        if (schedule.oneIn(3)) {
            lateCredits++;
            schedule.after(random.nextInt(LONGEST_WAIT_NANOS), () -> {
                lateCredits--;
                session.owed.add(frame);
                given.run();
            });
            return NOTHING;
        }
        given.run();
        return frame;
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(first);
        out.writeBytes(second);
        return out.toByteArray();
    }

    // ---- receiving

    @Override
    void arrived(byte[] bytes, int count) {
        session.take(bytes, count);
    }

    private boolean isAllSaid() {
        return (opened == calls.size() || session.isGoingAway())
                && open.stream().allMatch(call -> call.ended || call.isOver());
    }

    @Override
    boolean mayHaveMore() {
        return !greeted || (!misbehaved && (misbehaves || !isAllSaid() || !session.owed.isEmpty() || lateCredits > 0));
    }

    @Override
    boolean looksAgain() {
        boolean looks = looksAgain;
        looksAgain = false;
        return looks;
    }

    @Override
    boolean isSatisfied(byte[] received) {
        return !misbehaves && isAllSaid() && open.stream().allMatch(Http2Call::isOver);
    }

    @Override
    boolean takesHalfClosing() {
        return generous && calls.stream().noneMatch(call -> call.webSocket || call.expected.isStream());
    }

    @Override
    boolean resetsStreams() {
        return calls.stream().anyMatch(call -> call.resetByClient);
    }

    @Override
    boolean outlivesStop() {
        return manner != Manner.STALLING && session.isGreeted(); // otherwise it is not known to speak HTTP/2
    }

    @Override
    void verify(byte[] received, boolean mayBeCut) {
        boolean wanted = expectsEverything(mayBeCut) && !misbehaves;
        if (session.isOtherProtocol()) {
            require(!expectsEverything(mayBeCut), "The preface of HTTP/2 was taken for something else");
            return;
        }
        if (session.isGoingAway()) {
            schedule.tally.add(Happening.GOAWAY);
        }
        // A connection whose field block was incomplete when the server held too much is ended for that.
        boolean heldTooMuch = mayBeCut && session.errorCode() == ENHANCE_YOUR_CALM;
        require(session.errorCode() < 0 || misbehaved || heldTooMuch, "GOAWAY with code " + session.errorCode());
        require(
                !misbehaves || !expectsEverything(mayBeCut) || session.isGoingAway(),
                "A bad frame was not answered by GOAWAY");
        // A client that has ended its side reads to the end; others leave when they have their answers.
        boolean readsAll = wanted && manner == Manner.HALF_CLOSING && !session.isGoingAway();
        require(!readsAll || session.isAnswered(), "A PING or SETTINGS frame was not answered");
        boolean cut = mayBeCut || misbehaved || manner == Manner.HALF_CLOSING || manner == Manner.RESETTING;
        for (Http2Call call : calls) {
            if (call.isOpened()) {
                call.verify(cut, cut || session.isGoingAway() || meetsStop(), wanted);
            } else {
                require(!wanted || session.isGoingAway(), "The client could not send " + call);
            }
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
