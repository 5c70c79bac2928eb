package org.httpkit.internal.net;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.httpkit.internal.bytes.ByteQueue;

/**
 * Buffers lent for the making of one write: bytes are gathered on the heap and leave through a direct buffer. Used by one
 * thread at a time.
 */
public final class Scratch {
    /** Bytes taken to the socket in one call: 64 KiB and the head of an answer. */
    static final int WRITE_BYTES = 66 * 1024;

    /** From so much on an answer may fill the system's buffer without anybody's having to wait, so that nobody knows. */
    static final int LARGE_ANSWER_BYTES = 256 << 10;

    private static final int KEPT = 16;
    private static final int MASK = KEPT - 1;
    private static final int LARGEST_KEPT_BYTES = 256 * 1024;
    private static final AtomicReferenceArray<Scratch> POOL = new AtomicReferenceArray<>(KEPT);

    /** What is to be sent, gathered by its maker. */
    public final ByteQueue bytes = new ByteQueue(4096);

    /** Whether the answer that the bytes are a piece of becomes a large one with them. */
    private boolean makesLarge;

    /** Bytes of what had waited that the socket has taken. */
    long taken;

    /** When the disk was asked for what is written now. */
    private long diskAskedNanos;

    final ByteBuffer direct = ByteBuffer.allocateDirect(WRITE_BYTES);

    /** Buffers for somebody who keeps them. */
    public Scratch() {}

    /** The answer that the bytes are a piece of has grown to so many with them. */
    public void grewTo(long answerBytes) {
        makesLarge = answerBytes >= LARGE_ANSWER_BYTES && answerBytes - bytes.length() < LARGE_ANSWER_BYTES;
    }

    void askDisk(long nowNanos) {
        diskAskedNanos = nowNanos;
    }

    /** How long the disk has taken, or the threads that wait for it. */
    long sinceDiskWasAsked(long nowNanos) {
        return nowNanos - diskAskedNanos;
    }

    /** Whether that made it a large one; only once. */
    boolean takeMakesLarge() {
        boolean made = makesLarge;
        makesLarge = false;
        return made;
    }

    /** Borrows a scratch from the pool, or makes one if all are lent. */
    public static Scratch borrow() {
        int start = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT; i++) {
            int slot = (start + i) & MASK;
            if (POOL.getPlain(slot) != null) {
                Scratch taken = POOL.getAndSet(slot, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return new Scratch();
    }

    /** Gives a borrowed scratch back; one that has grown large, or finds the pool full, is left to the collector. */
    public static void giveBack(Scratch scratch) {
        if (scratch.bytes.capacity() > LARGEST_KEPT_BYTES) {
            return;
        }
        scratch.bytes.clear();
        scratch.makesLarge = false;
        int start = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT; i++) {
            int slot = (start + i) & MASK;
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, scratch)) {
                return;
            }
        }
    }
}
