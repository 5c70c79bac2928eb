package org.httpkit.internal.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Buffers lent for one read or one write of records, so that an idle connection has none. They are on the heap, where the JDK's
 * ciphers are quickest. Used by one thread at a time.
 */
final class RecordBuffers {
    /** What a loop reads at once, behind the beginning of a record. */
    private static final int INPUT_BYTES = 64 * 1024 + RecordHeader.MAX_RECORD_BYTES;
    /** Four full records, and a short one for the head of an answer. */
    private static final int OUTPUT_BYTES = 5 * (RecordHeader.MAX_PLAINTEXT_BYTES + 512);

    private static final int KEPT = 16;
    private static final int MASK = KEPT - 1;
    private static final AtomicReferenceArray<RecordBuffers> POOL = new AtomicReferenceArray<>(KEPT);

    /** Records that were received. */
    final ByteBuffer received = ByteBuffer.allocate(INPUT_BYTES);
    /** Records to be sent. */
    final ByteBuffer made = ByteBuffer.allocate(OUTPUT_BYTES);
    /** The same on their way to the socket, which takes them from there without another copy. */
    final ByteBuffer direct = ByteBuffer.allocateDirect(OUTPUT_BYTES);

    private RecordBuffers() {}

    static RecordBuffers borrow() {
        int start = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT; i++) {
            int slot = (start + i) & MASK;
            if (POOL.getPlain(slot) != null) {
                RecordBuffers taken = POOL.getAndSet(slot, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return new RecordBuffers();
    }

    /** Takes them back; if the pool is full, they are left to the collector. */
    static void giveBack(RecordBuffers buffers) {
        int start = (int) Thread.currentThread().getId();
        for (int i = 0; i < KEPT; i++) {
            int slot = (start + i) & MASK;
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, buffers)) {
                return;
            }
        }
    }
}
