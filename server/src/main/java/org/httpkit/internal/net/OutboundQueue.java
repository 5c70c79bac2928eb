package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.internal.bytes.ByteQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bytes on their way to one peer, in the order in which they were handed over. Safe from any thread.
 *
 * <p>A thread with bytes adds one to {@link #claim}. If it was zero, the thread holds the write claim: it writes until
 * the queue is empty or the socket is full. If the queue is empty, it subtracts the claim that it has seen; zero means
 * that it has released it. If the socket is full, it leaves the claim standing, and the loop continues when there is
 * room. So bytes leave from the thread that made them, in order, and no thread waits for another.
 *
 * <p>Bytes that need not leave at once can be left to the loop too: a thread that finds the claim at zero leaves it
 * standing, and {@link #run} continues with it, or earlier a thread with bytes that must not wait.
 *
 * <p>A loop that comes to a file, whose disk may stall, leaves the claim standing for a thread that may wait ({@link
 * #goOnBlocking}).
 */
final class OutboundQueue extends SegmentWriter implements Runnable {
    private static final VarHandle CLAIM;
    private static final VarHandle WAITERS;
    private static final VarHandle LEFT_TO_LOOP;
    private static final VarHandle FLUSH_DUE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CLAIM = lookup.findVarHandle(OutboundQueue.class, "claim", int.class);
            LEFT_TO_LOOP = lookup.findVarHandle(OutboundQueue.class, "leftToLoop", boolean.class);
            FLUSH_DUE = lookup.findVarHandle(OutboundQueue.class, "flushDue", boolean.class);
            WAITERS = lookup.findVarHandle(OutboundQueue.class, "waiters", DrainWaiter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Any thread.
    private volatile int claim;
    private volatile @Nullable DrainWaiter waiters;

    // The claim holder.
    /** Whether the claim stands for the loop. The holder sets it last; the thread that clears it is the holder. */
    private volatile boolean leftToLoop;

    /** Whether the claim stands until {@link #run}. The thread that clears it is the next holder. */
    private volatile boolean flushDue;

    /** Whether a thread that may wait for a disk has the claim, or soon will. Written by the holder. */
    private volatile boolean blocking;

    OutboundQueue(LinkOutput link) {
        super(link);
    }

    boolean isEmpty() {
        return claim == 0;
    }

    @Override
    boolean isClaimed() {
        return claim != 0;
    }

    /** Whether the peer must take bytes, or a disk must deliver some, before more can leave. */
    boolean waitsForPeer() {
        return leftToLoop || blocking;
    }

    boolean isLeftToLoop() {
        return leftToLoop;
    }

    /**
     * Sends the gathered bytes and clears them: bytes that the socket does not take at once are copied and wait.
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

    /** Takes the write claim if nothing waits and no thread writes: other output leaves after the holder's. */
    boolean tryClaim() {
        return CLAIM.compareAndSet(this, 0, 1);
    }

    /**
     * Sends the gathered bytes and clears them, and then the segment, in as few writes as possible.
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

    /** Sends both under the claim taken before, and releases it. */
    void sendClaimed(Scratch scratch, Segment segment) {
        assert isClaimed();
        Progress progress = writeFirst(scratch, segment);
        if (progress == Progress.ALL) {
            drain(1, scratch);
        } else {
            leave(progress, scratch, false);
        }
    }

    /** Sends the gathered bytes, clears them, and releases the claim taken before. */
    void sendClaimed(Scratch scratch) {
        assert isClaimed();
        if (!writeFirst(scratch)) {
            leave(Progress.MORE_LATER, scratch, false);
        } else {
            drain(1, scratch);
        }
    }

    /**
     * Hands a segment over: writes it as far as the socket takes it now; the rest waits.
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
     * Hands a segment over that need not leave at once: the loop writes it, together with later ones.
     *
     * @return false if it must be sent now, because much waits already or other output is not left to the loop
     */
    boolean trySendSoon(Segment segment) {
        if (failure != null || queuedBytes() + segment.heldBytes() > SOON_BYTES) {
            return false;
        }
        if (claim != 0 && !flushDue) {
            return false; // behind a running write, or behind output that waits for room
        }
        hold(segment.heldBytes());
        push(segment);
        if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            flushDue = true;
            link.execute(this);
        }
        return true;
    }

    /** Writes the output that was left to the loop. Loop thread. */
    @Override
    public void run() {
        assert link.loop.isHeldByCaller();
        flush(link.loopScratch());
    }

    /** Writes the output that was left to the loop, if the loop has not written it yet. */
    void flush(Scratch scratch) {
        if (flushDue && FLUSH_DUE.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        }
    }

    /** Writes that output through borrowed buffers. Any thread. */
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

    /** Is called when there is room. Loop thread. */
    void resume(Scratch scratch) {
        assert link.loop.isHeldByCaller();
        if (LEFT_TO_LOOP.compareAndSet(this, true, false)) {
            drain(claim, scratch, WriteOccasion.ROOM);
        }
    }

    /** Makes the transport announce the end, if nothing waits and no thread writes. Loop thread. */
    void farewell(Scratch scratch, boolean flush) {
        assert link.loop.isHeldByCaller();
        if (flush) {
            flush(scratch);
        }
        if (failure == null && tryClaim()) {
            try {
                boolean unused = link.wire.farewell();
            } catch (Throwable e) {
                // The peer has gone, or memory is short: then it ends silently.
            }
            drain(1, scratch);
        }
    }

    /** Gives up: waiting segments receive the cause, new ones are refused. Loop thread. */
    void abandon(IOException cause, Scratch scratch) {
        assert link.loop.isHeldByCaller();
        fail(cause);
        if (LEFT_TO_LOOP.compareAndSet(this, true, false) || FLUSH_DUE.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        } else if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            drain(1, scratch);
        } // else the holder sees the failure before it releases the claim, or when it leaves the rest
        wakeWaiters();
    }

    /**
     * Blocks until the peer has taken everything, and no thread reads the segments any more.
     *
     * @throws IOException if the link is closed, or if the caller is a loop, which must not wait
     */
    void awaitEmpty() throws IOException, InterruptedException {
        flush();
        while (claim != 0 && failure == null) {
            if (link.mustNotBlock()) {
                throw new IOException("An event loop would wait for its client; write what may wait on a worker");
            }
            DrainWaiter waiter = new DrainWaiter(Thread.currentThread(), waiters);
            if (!WAITERS.compareAndSet(this, waiter.next(), waiter)) {
                continue;
            }
            // Registered before this last check, so that a wake-up in between is not missed.
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
        hold(segment.heldBytes());
        if (claim != 0) {
            count(segment); // it will probably not leave at once
        }
        push(segment);
        if ((int) CLAIM.getAndAdd(this, 1) == 0) {
            drain(1, scratch);
        } else {
            flush(scratch);
        }
    }

    private void drain(int seen, Scratch scratch) {
        drain(seen, scratch, WriteOccasion.FIRST);
    }

    private void drain(int seen, Scratch scratch, WriteOccasion occasion) {
        assert isClaimed();
        boolean waited = occasion != WriteOccasion.FIRST;
        scratch.taken = 0;
        while (true) {
            Progress progress = writeAll(scratch, occasion == WriteOccasion.FIRST);
            if (occasion == WriteOccasion.DISK) {
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
                link.backlog().remove(link); // while this thread has the claim: its next holder may add the link again
            }
            seen = (int) CLAIM.getAndAdd(this, -seen) - seen;
            if (seen == 0) {
                wakeWaiters();
                return;
            }
            if (occasion == WriteOccasion.DISK) {
                scratch.askDisk(link.freshNanos());
                blocking = true;
            }
        }
    }

    /** @param waited whether the link was already waiting, so that only the bytes taken are progress */
    private void leave(Progress progress, Scratch scratch, boolean waited) {
        assert isClaimed();
        try {
            if (waited) {
                link.noteTaken(scratch.taken);
            } else {
                link.beginWaiting();
            }
            link.backlog().add(link);
            countFirst();
        } catch (Throwable e) { // probably for lack of memory: the claim must not be kept
            giveUp(e);
            return;
        }
        switch (progress) {
            case MORE_LATER -> leaveToLoop(scratch);
            case WOULD_BLOCK -> leaveToBlockingThread(scratch);
            case ALL -> throw new IllegalStateException("Nothing is left");
        }
    }

    /** Leaves the claim to the loop, which finds it when it closes the link, or if it has done so, in {@link #run}. */
    private void giveUp(Throwable fault) {
        assert isClaimed();
        failure = ClosedException.INTERNAL_ERROR;
        flushDue = true;
        link.closeSoon(ClosedException.INTERNAL_ERROR);
        link.execute(this);
        link.report(fault);
    }

    private void leaveToBlockingThread(Scratch scratch) {
        blocking = true;
        long askedNanos = link.freshNanos();
        try {
            link.runBlocking(() -> goOnBlocking(askedNanos));
        } catch (Throwable e) { // there is no thread: the connection must close
            blocking = false;
            fail(e);
            drain(claim, scratch, WriteOccasion.ROOM);
        }
    }

    /** Continues as the holder of the claim, on a thread that may wait. */
    private void goOnBlocking(long askedNanos) {
        Scratch scratch;
        try {
            scratch = Scratch.borrow();
        } catch (Throwable e) { // for lack of memory
            blocking = false;
            giveUp(e);
            return;
        }
        try {
            scratch.askDisk(askedNanos);
            drain(claim, scratch, WriteOccasion.DISK);
        } finally {
            Scratch.giveBack(scratch);
        }
        link.wroteBlocking();
    }

    private void leaveToLoop(Scratch scratch) {
        leftToLoop = true;
        // The link may have closed. The thread that takes this back informs the segments.
        if (failure != null && LEFT_TO_LOOP.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        } else {
            link.awaitRoom();
        }
    }

    /** Wakes the threads that wait for the queue to empty. */
    private void wakeWaiters() {
        if (waiters != null) {
            DrainWaiter.wake((DrainWaiter) WAITERS.getAndSet(this, null));
        }
    }
}
