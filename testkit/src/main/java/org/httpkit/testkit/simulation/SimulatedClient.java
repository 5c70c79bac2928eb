package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** A client's side of a simulated connection: sends its bytes and takes what comes, at a pace and in a manner that chance chose. */
abstract class SimulatedClient {
    /** How the client treats the server. */
    enum Manner {
        /** Takes all its answers, then ends the connection. */
        WELL_BEHAVED,
        /** Ends its side as soon as all is sent, and takes all its answers. */
        HALF_CLOSING,
        /** Resets the connection at some byte. */
        RESETTING,
        /** Silently stops sending and taking from some byte on. */
        VANISHING,
        /** Does nothing for a while from some byte on, perhaps for longer than any server waits. */
        STALLING
    }

    /** Shorter than any timeout. */
    private static final long SHORT_STALL_NANOS = 2_000_000_000L;

    private static final long LONG_STALL_NANOS = 100_000_000_000L;

    private static final byte[] NOTHING = {};

    final SimulatedWire wire;
    final Schedule schedule;
    final Manner manner;
    private ByteBuffer toSend;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    /** The number of bytes, both ways, after which the manner shows. */
    private final int patienceBytes;

    private int movedBytes;
    /** Whether the server has begun to stop before the connection was over. */
    private boolean meetsStop;

    private boolean gone;
    private boolean stalls;
    private boolean hasStalled;
    private long stallNanos;
    private int checkedBytes;
    /** How many bytes may be sent now, and of how many received ones that was said; -1 if it is to be asked again. */
    private int allowedBytes;

    private int askedBytes = -1;

    SimulatedClient(SimulatedWire wire, Schedule schedule, byte[] toSend) {
        this(wire, schedule, toSend, toSend.length);
    }

    /** @param usualBytes roughly how many bytes it will send */
    SimulatedClient(SimulatedWire wire, Schedule schedule, byte[] toSend, int usualBytes) {
        SplittableRandom random = schedule.random();
        this.wire = wire;
        this.schedule = schedule;
        this.toSend = ByteBuffer.wrap(toSend);
        int dice = random.nextInt(20);
        this.manner = dice == 0
                ? Manner.RESETTING
                : dice == 1
                        ? Manner.VANISHING
                        : dice == 2 ? Manner.STALLING : dice < 6 ? Manner.HALF_CLOSING : Manner.WELL_BEHAVED;
        this.patienceBytes = random.nextInt(2 * usualBytes + 500);
    }

    /** Whether everything was answered, as far as these bytes show. */
    abstract boolean isSatisfied(byte[] received);

    /**
     * Compares the bytes that have come with the expected ones.
     *
     * @param mayBeCut whether the server had reason to end the connection early: it was stopped, or the clock jumped
     * @throws AssertionError if it is wrong
     */
    abstract void verify(byte[] received, boolean mayBeCut);

    final int sentBytes() {
        return toSend.position();
    }

    /** Called when so much was sent as was allowed: how much is now. It is asked again when more has come, or as told. */
    int allowedBytes(byte[] received) {
        return toSend.limit();
    }

    /** What is to be sent behind what was known before; empty if there is nothing now. */
    byte[] more() {
        return NOTHING;
    }

    /** Whether there may be something more to send later on. */
    boolean mayHaveMore() {
        return false;
    }

    /** Is called when bytes have come. */
    void arrived(byte[] bytes, int count) {}

    /** Whether something has happened since it was last asked by which everything may be answered, but that more has come. */
    boolean looksAgain() {
        return false;
    }

    final void askAgain() {
        askedBytes = -1;
    }

    /** The server does not want what is left to send. */
    final void keepTheRest() {
        toSend.limit(toSend.position());
        allSent();
    }

    /** Whether the server answers everything even if the client has ended its side. */
    boolean takesHalfClosing() {
        return true;
    }

    /** Whether it gets all its answers even if the server is stopped meanwhile. */
    boolean outlivesStop() {
        return false;
    }

    /** Whether it has given up single answers, and its connection went on. */
    boolean resetsStreams() {
        return false;
    }

    /** Does something, if there is something to do. */
    boolean step() {
        if (gone || stalls) {
            return false;
        }
        if (movedBytes >= patienceBytes && manner == Manner.STALLING && !hasStalled) {
            stall();
            return true;
        }
        if (movedBytes >= patienceBytes && (manner == Manner.RESETTING || manner == Manner.VANISHING)) {
            gone = true;
            if (manner == Manner.RESETTING) {
                wire.reset();
            }
            return true;
        }
        return schedule.oneIn(2) ? send() || take() : take() || send();
    }

    private void stall() {
        stalls = true;
        hasStalled = true;
        stallNanos = schedule.random().nextLong(schedule.oneIn(2) ? SHORT_STALL_NANOS : LONG_STALL_NANOS);
        schedule.after(stallNanos, () -> stalls = false);
    }

    private boolean send() {
        if (wire.isClosed() || wire.toServer.isEnded()) {
            return false;
        }
        if (!toSend.hasRemaining()) {
            byte[] next = more();
            if (next.length == 0) {
                return false;
            }
            toSend = ByteBuffer.wrap(next);
            allowedBytes = 0;
            askAgain();
        }
        if (!isAllowed()) {
            return false;
        }
        int some = schedule.oneIn(3)
                ? 1 + schedule.random().nextInt(40)
                : 1 + schedule.random().nextInt(4000);
        int count = wire.toServer.write(toSend, Math.min(some, allowedBytes - toSend.position()));
        movedBytes += count;
        if (!toSend.hasRemaining() && !mayHaveMore()) {
            allSent();
        }
        return count > 0;
    }

    private boolean isAllowed() {
        if (toSend.position() == allowedBytes && received.size() != askedBytes) {
            askedBytes = received.size();
            allowedBytes = allowedBytes(received.toByteArray());
        }
        return toSend.position() < allowedBytes && toSend.hasRemaining();
    }

    private void allSent() {
        if (manner == Manner.HALF_CLOSING) {
            wire.toServer.end();
        }
    }

    private boolean take() {
        if (wire.toClient.available() > 0) {
            byte[] some = new byte[schedule.oneIn(3) ? 1 + schedule.random().nextInt(40) : 8192];
            int count = wire.toClient.read(ByteBuffer.wrap(some), some.length);
            received.write(some, 0, count);
            arrived(some, count);
            movedBytes += count;
            return true;
        }
        if (wire.toClient.isEnded()) {
            end();
            return true;
        }
        if ((manner == Manner.WELL_BEHAVED || manner == Manner.STALLING)
                && !toSend.hasRemaining()
                && !mayHaveMore()
                && (received.size() > checkedBytes || looksAgain())) {
            checkedBytes = received.size();
            if (isSatisfied(received.toByteArray())) {
                end();
                return true;
            }
        }
        return false;
    }

    private void end() {
        gone = true;
        wire.toServer.end();
    }

    /** Is called when the server begins to stop. */
    final void serverStops() {
        meetsStop = true;
    }

    final boolean meetsStop() {
        return meetsStop;
    }

    /** To be called when the connection is over. */
    final void verify(boolean mayBeCut) {
        while (wire.toClient.available() > 0 && takesAll()) {
            take();
        }
        verify(received.toByteArray(), mayBeCut || isLate());
    }

    /** Whether it takes what its system has for it when the connection is over. */
    final boolean takesAll() {
        return manner != Manner.VANISHING && !wire.isReset();
    }

    /** Whether the server may have given it up. */
    final boolean isLate() {
        return stallNanos > SHORT_STALL_NANOS;
    }

    /** Whether an answer could not be completed, so that the server had to end the connection. */
    boolean isBroken() {
        return false;
    }

    /** Whether it must have got all its answers. */
    final boolean expectsEverything(boolean mayBeCut) {
        return !mayBeCut
                && switch (manner) {
                    case WELL_BEHAVED, STALLING -> true;
                    case HALF_CLOSING -> takesHalfClosing();
                    case RESETTING, VANISHING -> false;
                };
    }
}
