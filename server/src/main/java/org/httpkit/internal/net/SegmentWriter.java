package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.httpkit.internal.bytes.ByteQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes and counts the segments that wait for one peer. Confined to the holder of the write claim, which the {@link
 * OutboundQueue} chooses, except where marked "any thread".
 *
 * <p>It is a part of the queue by inheritance, to save one object per connection.
 */
abstract class SegmentWriter {
    private static final VarHandle ARRIVED;
    private static final VarHandle QUEUED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ARRIVED = lookup.findVarHandle(SegmentWriter.class, "arrived", Segment.class);
            QUEUED = lookup.findVarHandle(SegmentWriter.class, "queuedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The progress of the claim's holder. */
    enum Progress {
        /** The socket has taken everything. */
        ALL,
        /** The socket is full, or it is the turn of others. */
        MORE_LATER,
        /** The next segment may wait for a disk, and this thread must not. */
        WOULD_BLOCK
    }

    /** Bytes that may wait for the loop's write although the peer would take them. */
    static final int SOON_BYTES = 8 * 1024;

    /** The system's share is limited because there are many large answers, and may have to be limited more. */
    private static final byte MANY_LARGE = -1;

    final LinkOutput link;

    // Any thread.
    /** Segments handed over, the latest first. */
    private volatile @Nullable Segment arrived;

    private volatile long queuedBytes;
    /** The reason why nothing can leave any more. */
    volatile @Nullable IOException failure;

    // The claim holder.
    /** Segments taken over from the arrived ones, the oldest first. */
    private @Nullable Segment head;

    /** The most that the system may take for this link, as a power of two; 0 means no limit. */
    private byte systemGrant;

    SegmentWriter(LinkOutput link) {
        this.link = link;
    }

    // ---- any thread

    /** Whether a thread holds the write claim. */
    abstract boolean isClaimed();

    /** Bytes of heap that wait for the peer. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** Whether segments have arrived that the holder has not taken over yet. */
    boolean hasArrivals() {
        return arrived != null;
    }

    /** Hands a segment over to the holder of the claim. */
    void push(Segment segment) {
        Segment before;
        do {
            before = arrived;
            segment.next = before;
        } while (!ARRIVED.compareAndSet(this, before, segment));
    }

    /** Counts {@code bytes} more held bytes. */
    void hold(long bytes) {
        QUEUED.getAndAdd(this, bytes);
    }

    /** Also a fault: of a buffer whose memory is no longer there, for example, or of ours. */
    void fail(Throwable fault) {
        if (fault instanceof IOException cause) {
            fail(cause);
        } else {
            link.report(fault);
            fail(new IOException("What was to be sent cannot be written", fault));
        }
    }

    void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
            link.closeSoon(cause);
        }
    }

    // ---- the holder of the claim

    /**
     * Writes until nothing waits. After a failure it writes nothing.
     *
     * @param begins whether what is next has not been tried before: a large answer counts as one, however many turns it
     *     takes
     */
    Progress writeAll(Scratch scratch, boolean begins) {
        assert isClaimed();
        try {
            return failure != null ? Progress.ALL : flushed(write(scratch, begins), scratch);
        } catch (Throwable e) { // whatever it is: the claim must not be kept
            fail(e);
            return Progress.ALL;
        }
    }

    /** The peer has taken everything only if the transport holds nothing of it. */
    private Progress flushed(Progress progress, Scratch scratch) throws IOException {
        Progress all = progress == Progress.ALL && !link.wire.flush() ? Progress.MORE_LATER : progress;
        scratch.taken -= countHeld();
        return all;
    }

    /** Counts what the transport holds like what waits here; by how many bytes that has grown. */
    private long countHeld() {
        long change = link.wire.heldChange();
        if (change != 0) {
            hold(change);
            if (change > 0) {
                link.backlog().grew(link, change);
            } else {
                link.backlog().shrank(link, -change);
            }
        }
        return change;
    }

    private Progress write(Scratch scratch, boolean begins) throws IOException {
        Segment next = first();
        limitSystemBuffer(begins && next != null && next.isLargeFor(link.wire));
        long takenBefore = scratch.taken;
        for (Segment segment = first(); segment != null; segment = first()) {
            if (scratch.taken - takenBefore >= Segment.TURN_BYTES) {
                return Progress.MORE_LATER;
            }
            if (segment instanceof BytesSegment shortOne && shortOne.isFollowedByBytes(scratch.direct.capacity())) {
                if (!writeTogether(scratch)) {
                    return Progress.MORE_LATER;
                }
                continue;
            }
            if (segment.mayBlock() && link.mustNotBlock()) {
                return link.wire.flush() ? Progress.WOULD_BLOCK : Progress.MORE_LATER; // no disk before there is room
            }
            if (segment instanceof BytesSegment shortOne
                    && segment.next instanceof BufferSegment large
                    && shortOne.isFollowedByDirect(large, scratch.direct.capacity())
                    && !(large.mayBlock() && link.mustNotBlock())) {
                writeWithDirect(shortOne, large, scratch);
            }
            long held = segment.heldBytes();
            long remaining = segment.remainingBytes();
            try {
                segment.writeTo(link.wire, scratch);
            } finally { // it may have written some bytes before it failed
                scratch.taken += remaining - segment.remainingBytes();
                giveBack(segment, held - segment.heldBytes());
            }
            if (segment.remainingBytes() > 0) {
                return Progress.MORE_LATER;
            }
            head = segment.next;
            segment.done(null);
        }
        return Progress.ALL;
    }

    /** Writes a short array and a direct buffer behind it in one go, as far as that goes. */
    private void writeWithDirect(BytesSegment first, BufferSegment second, Scratch scratch) throws IOException {
        long heldBefore = second.heldBytes();
        long remaining = first.remainingBytes() + second.remainingBytes();
        ByteBuffer copy = scratch.direct.clear();
        first.copyTo(copy);
        second.writeBehind(copy.flip(), link.wire);
        long held = first.heldBytes();
        first.skip(copy.position());
        scratch.taken += remaining - first.remainingBytes() - second.remainingBytes();
        giveBack(first, held - first.heldBytes());
        giveBack(second, heldBefore - second.heldBytes());
    }

    /** Writes the short arrays at the head of the queue in one go; false if the socket did not take them all. */
    private boolean writeTogether(Scratch scratch) throws IOException {
        ByteBuffer direct = scratch.direct.clear();
        Segment last = head;
        while (last instanceof BytesSegment bytes && bytes.copyTo(direct)) {
            last = last.next;
        }
        int length = direct.flip().remaining();
        int written = link.wire.write(direct);
        scratch.taken += written;
        int left = written;
        while (head instanceof BytesSegment bytes && (left > 0 || bytes.remainingBytes() == 0)) {
            long held = bytes.heldBytes();
            left -= bytes.skip(left);
            giveBack(bytes, held - bytes.heldBytes());
            if (bytes.remainingBytes() == 0) {
                head = bytes.next;
                bytes.done(null);
            }
        }
        return written == length;
    }

    /**
     * Writes gathered bytes and a segment behind them, in as few writes as can be, and clears the bytes: what the socket does not take
     * waits, and is counted. No other segment must wait. Throws nothing: the claim must not be kept.
     */
    Progress writeFirst(Scratch scratch, Segment segment) {
        assert isClaimed();
        BytesSegment gathered;
        try {
            gathered = new BytesSegment(scratch.bytes.array(), 0, scratch.bytes.length());
            gathered.next = segment;
            hold(gathered.heldBytes() + segment.heldBytes());
            head = gathered;
        } catch (Throwable e) {
            fail(e);
            scratch.bytes.clear();
            doneWhereItMay(segment, Objects.requireNonNull(failure));
            return Progress.ALL;
        }
        Progress progress = writeAll(scratch, true);
        try {
            if (progress != Progress.ALL) {
                head = head == gathered ? gathered.withBytesOfItsOwn() : head;
                count(segment);
            }
        } catch (Throwable e) {
            fail(e);
            progress = Progress.ALL;
        }
        scratch.bytes.clear();
        return progress;
    }

    /** Writes gathered bytes ahead of all segments and clears them; false if the socket does not take all: the rest waits. */
    boolean writeFirst(Scratch scratch) {
        assert isClaimed();
        ByteQueue bytes = scratch.bytes;
        try {
            int sent = failure == null ? writeNow(bytes, scratch) : bytes.length();
            if (sent < bytes.length()) {
                Segment rest = new BytesSegment(bytes.copyFrom(sent), 0, bytes.length() - sent);
                hold(rest.heldBytes());
                rest.next = head;
                head = rest;
            }
            boolean flushed = failure != null || link.wire.flush();
            scratch.taken -= countHeld();
            bytes.clear();
            return (head == null && flushed) || failure != null;
        } catch (Throwable e) {
            fail(e);
            bytes.clear();
            return true;
        }
    }

    /** Returns how many bytes the socket has taken. */
    private int writeNow(ByteQueue bytes, Scratch scratch) throws IOException {
        limitSystemBuffer(scratch.takeMakesLarge());
        int sent = 0;
        while (sent < bytes.length()) {
            int length = Math.min(scratch.direct.capacity(), bytes.length() - sent);
            int written = link.wire.write(bytes.array(), sent, length, scratch.direct);
            sent += written;
            if (written < length) {
                break;
            }
        }
        return sent;
    }

    private @Nullable Segment first() {
        if (head == null && arrived != null) {
            head = Segment.reversed((Segment) ARRIVED.getAndSet(this, null));
        }
        return head;
    }

    void discardAll(IOException cause) {
        assert isClaimed();
        link.wire.discard();
        long unused = countHeld();
        for (Segment segment = first(); segment != null; segment = first()) {
            giveBack(segment, segment.heldBytes());
            head = segment.next;
            doneWhereItMay(segment, cause);
        }
    }

    private void doneWhereItMay(Segment segment, IOException cause) {
        if (segment.mayBlockWhenDone() && link.mustNotBlock()) {
            try {
                link.runBlocking(() -> done(segment, cause));
                return;
            } catch (Throwable e) {
                link.report(e); // there is no thread for it: then here, since the claim must not be kept
            }
        }
        done(segment, cause);
    }

    private void done(Segment segment, IOException cause) {
        try {
            segment.done(cause);
        } catch (Throwable e) {
            link.report(e); // the segments behind it need their calls, too
        }
    }

    // ---- what waits, counted for the whole server

    void count(Segment segment) {
        if (!segment.counted) {
            segment.counted = true;
            link.backlog().grew(link, segment.heldBytes());
        }
    }

    /**
     * Counts the segments that were not counted because they would leave soon, and now have to wait. All of them are at
     * the head.
     */
    void countFirst() {
        assert isClaimed();
        long bytes = 0;
        for (Segment segment = head; segment != null && bytes <= SOON_BYTES; segment = segment.next) {
            count(segment);
            bytes += segment.heldBytes();
        }
    }

    private void giveBack(Segment segment, long bytes) {
        if (bytes != 0) {
            if (segment.counted) {
                link.backlog()
                        .shrank(link, bytes); // first: a link that holds nothing any more has given back what it held
            }
            boolean isLast = (long) QUEUED.getAndAdd(this, -bytes) == bytes;
            if (isLast && failure != null) {
                link.backlog().settled();
            }
        }
    }

    /** The system's buffers are not in our count: a thousand peers that read little may take all that it has for everybody. */
    private void limitSystemBuffer(boolean large) {
        if (systemGrant > 0) {
            return;
        }
        if (link.backlog().isCrowded()) {
            int grant = link.backlog().grantSystemBytes();
            systemGrant = (byte) Integer.numberOfTrailingZeros(grant);
            link.wire.limitSystemBuffer(grant);
        } else if (large && systemGrant == 0 && link.backlog().isOneOfManyLarge(link.nanos())) {
            systemGrant = MANY_LARGE;
            link.wire.limitSystemBuffer(OutputBudget.LARGE_SYSTEM_BYTES);
        }
    }

    /** Nothing waits: when there is something to send again, it gets its share again. */
    void takeBackGrant() {
        assert isClaimed();
        if (systemGrant > 0) {
            link.backlog().takeBackSystemBytes(1 << systemGrant);
        }
        systemGrant = 0;
    }
}
