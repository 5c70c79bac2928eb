package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.internal.bytes.ByteQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bytes on their way to one peer, in the order they were handed over. Safe from any thread.
 *
 * <p>Whoever has bytes adds one to {@link #claim}. If it was zero, he holds the write claim: he writes until the queue is
 * empty or the socket is full. When it is empty he takes off what he has seen of the claim, and has let go once that makes
 * zero. When the socket is full he leaves the claim standing, and the loop goes on with it as soon as there is room. So bytes
 * leave from the thread that made them, order is kept, and nobody waits for anybody.
 *
 * <p>Bytes that need not leave at once can be left to the loop, as well: he who finds the claim at zero leaves it standing, and
 * {@link #run} goes on with it, or earlier whoever has bytes that are not to wait.
 *
 * <p>A loop that finds a file next, whose disk may stall, leaves the claim standing for a thread that may wait ({@link
 * #goOnBlocking}).
 */
final class OutboundQueue implements Runnable {
    private static final VarHandle CLAIM;
    private static final VarHandle ARRIVED;
    private static final VarHandle QUEUED;
    private static final VarHandle WAITERS;
    private static final VarHandle LEFT_TO_LOOP;
    private static final VarHandle FLUSH_DUE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CLAIM = lookup.findVarHandle(OutboundQueue.class, "claim", int.class);
            ARRIVED = lookup.findVarHandle(OutboundQueue.class, "arrived", Segment.class);
            QUEUED = lookup.findVarHandle(OutboundQueue.class, "queuedBytes", long.class);
            LEFT_TO_LOOP = lookup.findVarHandle(OutboundQueue.class, "leftToLoop", boolean.class);
            FLUSH_DUE = lookup.findVarHandle(OutboundQueue.class, "flushDue", boolean.class);
            WAITERS = lookup.findVarHandle(OutboundQueue.class, "waiters", Waiter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How far the holder of the claim has got. */
    private enum Progress {
        /** The socket has taken everything. */
        ALL,
        /** The socket is full, or others are to have their turn. */
        MORE_LATER,
        /** What comes next may wait for a disk, and this thread must not. */
        WOULD_BLOCK
    }

    /** What has brought the claim to the thread that writes. */
    private enum Turn {
        /** Nothing waited. */
        FIRST,
        /** What waited goes on: there is room in the socket. */
        ROOM,
        /** What waited goes on, on a thread that may wait for a disk. */
        DISK
    }

    /** A thread that wants to go on when the queue is empty. */
    private record Waiter(Thread thread, @Nullable Waiter next) {}

    /** What may wait for the loop to write it, although the peer would take it. */
    private static final int SOON_BYTES = 8 * 1024;

    /** What the system is to take is limited as there are many large answers, and may have to be limited more. */
    private static final byte MANY_LARGE = -1;

    private final LinkOutput link;

    // Any thread.
    private volatile int claim;
    /** Segments handed over, the latest first. */
    private volatile @Nullable Segment arrived;

    private volatile long queuedBytes;
    private volatile @Nullable Waiter waiters;
    private volatile @Nullable IOException failure;

    // The claim holder.
    /** Segments taken over from the arrived ones, the oldest first. */
    private @Nullable Segment head;

    /** Whether the claim is left standing for the loop. Set by the holder as his last act; whoever clears it goes on as the holder. */
    private volatile boolean leftToLoop;

    /** What the system is to take at most for this link, as a power of two; 0 is as much as it likes. */
    private byte systemGrant;

    /** Whether the claim stands until the loop gets to {@link #run}. Whoever clears it goes on as the holder. */
    private volatile boolean flushDue;

    /** Whether the claim is with a thread that may wait for a disk, or about to be. Written by the holder. */
    private volatile boolean blocking;

    OutboundQueue(LinkOutput link) {
        this.link = link;
    }

    /** Bytes of heap held by what waits for the peer. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** Whether the socket has taken everything that was handed over. */
    boolean isEmpty() {
        return claim == 0;
    }

    /** Whether the peer has to take something, or a disk has to give something, before more can leave. */
    boolean waitsForPeer() {
        return leftToLoop || blocking;
    }

    /** Whether the loop is to go on when the socket has room. */
    boolean isLeftToLoop() {
        return leftToLoop;
    }

    /**
     * Sends the gathered bytes and clears them: what the socket does not take at once is copied and waits.
     *
     * @return false if the link is closed and the bytes went nowhere
     */
    boolean send(Scratch scratch) {
        ByteQueue bytes = scratch.bytes;
        if (failure != null) {
            bytes.clear();
            return false;
        }
        if (!tryClaim()) {
            Segment copy = new BytesSegment(bytes.toByteArray(), 0, bytes.length());
            bytes.clear();
            append(copy, scratch);
            return true;
        }
        sendClaimed(scratch);
        return failure == null;
    }

    /**
     * Takes the write claim if nothing waits and nobody writes: what others hand over from now on comes behind the bytes that
     * {@link #sendClaimed} must then bring.
     */
    boolean tryClaim() {
        return CLAIM.compareAndSet(this, 0, 1);
    }

    /** Whether segments have been handed over that nobody has looked at yet. */
    boolean hasArrivals() {
        return arrived != null;
    }

    /**
     * Sends the gathered bytes and clears them, and the segment behind them, in as few writes as can be.
     *
     * @return false if the link is closed; the segment has then been told
     */
    boolean send(Scratch scratch, Segment segment) {
        if (scratch.bytes.isEmpty()) {
            return send(segment, scratch);
        }
        if (failure != null || !tryClaim()) {
            send(scratch);
            return send(segment, scratch);
        }
        sendClaimed(scratch, segment);
        return true;
    }

    /** The same under the claim taken before, which is let go of. */
    void sendClaimed(Scratch scratch, Segment segment) {
        BytesSegment gathered = new BytesSegment(scratch.bytes.array(), 0, scratch.bytes.length());
        gathered.next = segment;
        QUEUED.getAndAdd(this, gathered.heldBytes() + segment.heldBytes());
        head = gathered; // with the claim just taken there is no other
        Progress progress = Progress.ALL;
        try {
            progress = failure != null ? Progress.ALL : writeAll(scratch, true);
        } catch (Throwable e) {
            fail(e);
        }
        if (progress != Progress.ALL && head == gathered) {
            head = gathered.withBytesOfItsOwn();
        }
        scratch.bytes.clear();
        if (progress == Progress.ALL) {
            drain(1, scratch);
        } else {
            count(segment);
            leave(progress, scratch, false);
        }
    }

    /** Sends the gathered bytes, clears them, and lets go of the claim taken before. */
    void sendClaimed(Scratch scratch) {
        ByteQueue bytes = scratch.bytes;
        try {
            int sent = failure == null ? writeNow(bytes, scratch) : bytes.length();
            if (sent < bytes.length()) {
                Segment rest = new BytesSegment(bytes.copyFrom(sent), 0, bytes.length() - sent);
                QUEUED.getAndAdd(this, rest.heldBytes());
                rest.next = head;
                head = rest;
            }
        } catch (Throwable e) {
            fail(e);
        }
        bytes.clear();
        if (head != null && failure == null) {
            leave(Progress.MORE_LATER, scratch, false);
        } else {
            drain(1, scratch);
        }
    }

    /**
     * Hands a segment over: it is written as far as the socket takes it now, and waits otherwise.
     *
     * @return false if the link is closed; the segment has then been told
     */
    boolean send(Segment segment, Scratch scratch) {
        IOException cause = failure;
        if (cause != null) {
            segment.done(cause);
            return false;
        }
        append(segment, scratch);
        return true;
    }

    /**
     * Hands a segment over that need not leave at once: the loop writes it, in one go with what else comes until then.
     *
     * @return false if it has to be sent now, because much waits already or something is not left to the loop
     */
    boolean trySendSoon(Segment segment) {
        if (failure != null || queuedBytes + segment.heldBytes() > SOON_BYTES) {
            return false;
        }
        if (claim != 0 && !flushDue) {
            return false; // behind what is being written, or waits for room already
        }
        QUEUED.getAndAdd(this, segment.heldBytes());
        push(segment);
        if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            flushDue = true;
            link.execute(this);
        }
        return true;
    }

    /** Writes what was left to the loop to be written soon. Loop thread. */
    @Override
    public void run() {
        flush(link.loopScratch());
    }

    /** Writes what was left to the loop to be written soon, if it has not got to it yet. */
    void flush(Scratch scratch) {
        if (flushDue && FLUSH_DUE.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        }
    }

    /** The same with buffers of its own. */
    void flush() {
        if (flushDue) {
            Scratch scratch = Scratch.borrow();
            try {
                flush(scratch);
            } finally {
                Scratch.giveBack(scratch);
            }
        }
    }

    /** The socket has room again. Loop thread. */
    void resume(Scratch scratch) {
        if (LEFT_TO_LOOP.compareAndSet(this, true, false)) {
            drain(claim, scratch, Turn.ROOM);
        }
    }

    /** Gives up: what waits is told, what comes is refused. Loop thread. */
    void abandon(IOException cause, Scratch scratch) {
        fail(cause);
        if (LEFT_TO_LOOP.compareAndSet(this, true, false) || FLUSH_DUE.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        } else if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            drain(1, scratch);
        } // else the holder sees the failure before he lets go, or as he leaves the rest to the loop
        wakeWaiters();
    }

    /**
     * Blocks until the peer has taken everything, and no thread reads what was handed over any more.
     *
     * @throws IOException if the link is closed, or the caller is a loop, which must not wait
     */
    void awaitEmpty() throws IOException, InterruptedException {
        flush();
        while (claim != 0 && failure == null) {
            if (link.mustNotBlock()) {
                throw new IOException("An event loop would wait for its client; write what may wait on a worker");
            }
            Waiter waiter = new Waiter(Thread.currentThread(), waiters);
            if (!WAITERS.compareAndSet(this, waiter.next, waiter)) {
                continue;
            }
            // Registered before this last look, so that a wake-up in between is not missed.
            if (claim != 0 && failure == null) {
                LockSupport.park(this);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        IOException cause = failure;
        if (cause != null) {
            throw cause;
        }
    }

    private void append(Segment segment, Scratch scratch) {
        QUEUED.getAndAdd(this, segment.heldBytes());
        if (claim != 0) {
            count(segment); // it will hardly leave at once
        }
        push(segment);
        if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            drain(1, scratch);
        } else {
            flush(scratch);
        }
    }

    private void push(Segment segment) {
        Segment before;
        do {
            before = arrived;
            segment.next = before;
        } while (!ARRIVED.compareAndSet(this, before, segment));
    }

    private void drain(int seen, Scratch scratch) {
        drain(seen, scratch, Turn.FIRST);
    }

    private void drain(int seen, Scratch scratch, Turn turn) {
        boolean waited = turn != Turn.FIRST;
        scratch.taken = 0;
        while (true) {
            Progress progress = Progress.ALL;
            try {
                progress = failure != null ? Progress.ALL : writeAll(scratch, turn == Turn.FIRST);
            } catch (Throwable e) { // whatever it is: the claim must not be kept
                fail(e);
            }
            if (turn == Turn.DISK) {
                link.excuse(scratch.sinceDiskWasAsked(link.freshNanos()));
                blocking = false;
            }
            if (progress != Progress.ALL) {
                leave(progress, scratch, waited);
                return;
            }
            if (failure != null) {
                discardAll(failure);
                takeBackGrant();
            }
            if (waited) {
                waited = false;
                takeBackGrant();
                link.backlog().remove(link); // while the claim is ours: its next holder may add the link again
            }
            seen = (int) CLAIM.getAndAdd(this, -seen) - seen;
            if (seen == 0) {
                wakeWaiters();
                return;
            }
            if (turn == Turn.DISK) {
                scratch.askDisk(link.freshNanos());
                blocking = true;
            }
        }
    }

    /** @param begins whether what is next has not been tried before: a large answer counts as one, however many turns it takes */
    private Progress writeAll(Scratch scratch, boolean begins) throws IOException {
        Segment next = first();
        limitSystemBuffer(begins && next != null && isLarge(next));
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
                return Progress.WOULD_BLOCK;
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
            } finally { // it may have written something before it fails
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

    // ---- what waits, counted for the whole server

    private void count(Segment segment) {
        if (!segment.counted) {
            segment.counted = true;
            link.backlog().grew(link, segment.heldBytes());
        }
    }

    /** What was not counted as it was to leave soon has to wait now. It is at the head: there is no more of it than that. */
    private void countFirst() {
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

    // ---- writing

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

    /** Also with a short head before it. */
    private static boolean isLarge(Segment segment) {
        long bytes = segment.remainingBytes();
        Segment behind = segment.next;
        return bytes + (behind == null ? 0 : behind.remainingBytes()) >= Scratch.LARGE_ANSWER_BYTES;
    }

    /** Nothing waits: when there is something to send again, it gets its share again. */
    private void takeBackGrant() {
        if (systemGrant > 0) {
            link.backlog().takeBackSystemBytes(1 << systemGrant);
        }
        systemGrant = 0;
    }

    private int writeNow(ByteQueue bytes, Scratch scratch) throws IOException {
        limitSystemBuffer(scratch.takeMakesLarge());
        int sent = 0;
        while (sent < bytes.length()) {
            int length = Math.min(scratch.direct.capacity(), bytes.length() - sent);
            scratch.direct.clear().put(bytes.array(), sent, length).flip();
            int written = link.wire.write(scratch.direct);
            sent += written;
            if (written < length) {
                break;
            }
        }
        return sent;
    }

    private @Nullable Segment first() {
        if (head == null && arrived != null) {
            head = reversed((Segment) ARRIVED.getAndSet(this, null));
        }
        return head;
    }

    private static @Nullable Segment reversed(@Nullable Segment latest) {
        Segment oldest = null;
        while (latest != null) {
            Segment before = latest.next;
            latest.next = oldest;
            oldest = latest;
            latest = before;
        }
        return oldest;
    }

    private void discardAll(IOException cause) {
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
            link.report(e); // those behind it have to be told, too
        }
    }

    /** @param waited whether the link has waited since before, so that what was taken is all the progress there is */
    private void leave(Progress progress, Scratch scratch, boolean waited) {
        try {
            if (waited) {
                link.noteTaken(scratch.taken);
            } else {
                link.beginWaiting();
            }
            link.backlog().add(link);
            countFirst();
        } catch (Throwable e) { // for want of memory, most likely: the claim must not be kept
            giveUp(e);
            return;
        }
        switch (progress) {
            case MORE_LATER -> leaveToLoop(scratch);
            case WOULD_BLOCK -> leaveToBlockingThread(scratch);
            case ALL -> throw new IllegalStateException("Nothing is left");
        }
    }

    /** Leaves the claim to the loop, which finds it when it closes the link. */
    private void giveUp(Throwable fault) {
        failure = ClosedException.INTERNAL_ERROR;
        leftToLoop = true;
        link.closeSoon(ClosedException.INTERNAL_ERROR);
        link.report(fault);
    }

    private void leaveToBlockingThread(Scratch scratch) {
        blocking = true;
        long askedNanos = link.freshNanos();
        try {
            link.runBlocking(() -> goOnBlocking(askedNanos));
        } catch (Throwable e) { // there is no thread: the connection has to go
            blocking = false;
            fail(e);
            drain(claim, scratch, Turn.ROOM);
        }
    }

    /** Goes on as the holder of the claim, on a thread that may wait. */
    private void goOnBlocking(long askedNanos) {
        Scratch scratch;
        try {
            scratch = Scratch.borrow();
        } catch (Throwable e) { // for want of memory
            blocking = false;
            giveUp(e);
            return;
        }
        try {
            scratch.askDisk(askedNanos);
            drain(claim, scratch, Turn.DISK);
        } finally {
            Scratch.giveBack(scratch);
        }
        link.wroteBlocking();
    }

    private void leaveToLoop(Scratch scratch) {
        leftToLoop = true;
        // The link may have been closed meanwhile. Whoever of the two takes this back tells what waits.
        if (failure != null && LEFT_TO_LOOP.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        } else {
            link.awaitRoom();
        }
    }

    /** Also a fault: of a buffer whose memory is no longer there, for example, or of ours. */
    private void fail(Throwable fault) {
        if (fault instanceof IOException cause) {
            fail(cause);
        } else {
            link.report(fault);
            fail(new IOException("What was to be sent cannot be written", fault));
        }
    }

    private void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
            link.closeSoon(cause);
        }
    }

    /** Lets the threads go on that wait for the queue to empty. */
    private void wakeWaiters() {
        if (waiters == null) {
            return;
        }
        for (Waiter waiter = (Waiter) WAITERS.getAndSet(this, null); waiter != null; waiter = waiter.next) {
            LockSupport.unpark(waiter.thread);
        }
    }
}
