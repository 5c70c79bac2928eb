package org.httpkit.internal.net;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.httpkit.internal.bytes.ByteQueue;

/**
 * Buffers that a thread borrows for one write: it gathers bytes on the heap, and they leave through a direct buffer.
 * Used by one thread at a time.
 */
public final class Scratch {
    /** Bytes taken to the socket in one call: 64 KiB and the head of an answer. */
    static final int WRITE_BYTES = 66 * 1024;

    /**
     * An answer of at least this size may fill the system's buffer without any wait, so that the server does not
     * notice.
     */
    static final int LARGE_ANSWER_BYTES = 256 << 10;

    private static final int KEPT = 16;
    private static final int MASK = KEPT - 1;
    private static final int LARGEST_KEPT_BYTES = 256 * 1024;
    private static final AtomicReferenceArray<Scratch> POOL = new AtomicReferenceArray<>(KEPT);

    /** The gathered bytes to send. */
    public final ByteQueue bytes = new ByteQueue(4096);

    /** Whether these bytes make their answer a large one. */
    private boolean makesLarge;

    /** How many waiting bytes the socket has taken. */
    long taken;

    /** When the disk was asked for the bytes that are being written. */
    private long diskAskedNanos;

    final ByteBuffer direct = ByteBuffer.allocateDirect(WRITE_BYTES);

    /** Makes buffers for an owner that keeps them. */
    public Scratch() {}

    /** Notes that the answer has grown to this size with these bytes. */
    public void grewTo(long answerBytes) {
        makesLarge = answerBytes >= LARGE_ANSWER_BYTES && answerBytes - bytes.length() < LARGE_ANSWER_BYTES;
    }

    void askDisk(long nowNanos) {
        diskAskedNanos = nowNanos;
    }

    /** How long the disk, or the queue for its threads, has taken. */
    long sinceDiskWasAsked(long nowNanos) {
        return nowNanos - diskAskedNanos;
    }

    /** Returns, once only, whether that made the answer a large one. */
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

    /** Gives a borrowed scratch back; leaves it to the garbage collector if it has grown large or the pool is full. */
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
