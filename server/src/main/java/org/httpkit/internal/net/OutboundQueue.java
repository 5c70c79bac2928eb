package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
    /** Whether the claim is left standing for the loop. Set by the holder as his last act; whoever clears it goes on as the holder. */
    private volatile boolean leftToLoop;

    /** Whether the claim stands until the loop gets to {@link #run}. Whoever clears it goes on as the holder. */
    private volatile boolean flushDue;

    /** Whether the claim is with a thread that may wait for a disk, or about to be. Written by the holder. */
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

    /** Whether the peer has to take something, or a disk has to give something, before more can leave. */
    boolean waitsForPeer() {
        return leftToLoop || blocking;
    }

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

    /** Takes the write claim if nothing waits and nobody writes: what others hand over comes behind what its holder writes. */
    boolean tryClaim() {
        return CLAIM.compareAndSet(this, 0, 1);
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

    /** Sends both under the claim taken before, which is let go of. */
    void sendClaimed(Scratch scratch, Segment segment) {
        assert isClaimed();
        Progress progress = writeFirst(scratch, segment);
        if (progress == Progress.ALL) {
            drain(1, scratch);
        } else {
            count(segment);
            leave(progress, scratch, false);
        }
    }

    /** Sends the gathered bytes, clears them, and lets go of the claim taken before. */
    void sendClaimed(Scratch scratch) {
        assert isClaimed();
        if (!writeFirst(scratch)) {
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
        if (failure != null || queuedBytes() + segment.heldBytes() > SOON_BYTES) {
            return false;
        }
        if (claim != 0 && !flushDue) {
            return false; // behind what is being written, or waits for room already
        }
        hold(segment.heldBytes());
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
        assert link.loop.isHeldByCaller();
        flush(link.loopScratch());
    }

    /** Writes what was left to the loop to be written soon, if it has not got to it yet. */
    void flush(Scratch scratch) {
        if (flushDue && FLUSH_DUE.compareAndSet(this, true, false)) {
            drain(claim, scratch);
        }
    }

    /** Writes it through borrowed buffers. Any thread. */
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

    /** There is room. Loop thread. */
    void resume(Scratch scratch) {
        assert link.loop.isHeldByCaller();
        if (LEFT_TO_LOOP.compareAndSet(this, true, false)) {
            drain(claim, scratch, WriteOccasion.ROOM);
        }
    }

    /** Has the transport say that this is the end, if nothing waits and nobody writes. Loop thread. */
    void farewell(Scratch scratch, boolean flush) {
        assert link.loop.isHeldByCaller();
        if (flush) {
            flush(scratch);
        }
        if (failure == null && tryClaim()) {
            try {
                boolean unused = link.wire.farewell();
            } catch (Throwable e) {
                // The peer has gone, or there is no memory for it: then it ends without a word.
            }
            drain(1, scratch);
        }
    }

    /** Gives up: what waits is told, what comes is refused. Loop thread. */
    void abandon(IOException cause, Scratch scratch) {
        assert link.loop.isHeldByCaller();
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
            DrainWaiter waiter = new DrainWaiter(Thread.currentThread(), waiters);
            if (!WAITERS.compareAndSet(this, waiter.next(), waiter)) {
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
        hold(segment.heldBytes());
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
                link.backlog().remove(link); // while the claim is ours: its next holder may add the link again
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

    /** @param waited whether the link has waited since before, so that what was taken is all the progress there is */
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
        assert isClaimed();
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
            drain(claim, scratch, WriteOccasion.ROOM);
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
            drain(claim, scratch, WriteOccasion.DISK);
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

    /** Lets the threads go on that wait for the queue to empty. */
    private void wakeWaiters() {
        if (waiters != null) {
            DrainWaiter.wake((DrainWaiter) WAITERS.getAndSet(this, null));
        }
    }
}
