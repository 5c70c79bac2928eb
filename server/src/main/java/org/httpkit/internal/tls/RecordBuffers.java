package org.httpkit.internal.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Buffers that a connection borrows for one read or one write of records, so that an idle connection has none. They are
 * on the heap, where the JDK's ciphers are fastest. Used by one thread at a time.
 */
final class RecordBuffers {
    /** Room for one read of a loop after the beginning of a record. */
    private static final int INPUT_BYTES = 64 * 1024 + RecordHeader.MAX_RECORD_BYTES;
    /** Room for four full records, and a short one for the head of an answer. */
    private static final int OUTPUT_BYTES = 5 * (RecordHeader.MAX_PLAINTEXT_BYTES + 512);

    private static final int KEPT = 16;
    private static final int MASK = KEPT - 1;
    private static final AtomicReferenceArray<RecordBuffers> POOL = new AtomicReferenceArray<>(KEPT);

    /** Received records. */
    final ByteBuffer received = ByteBuffer.allocate(INPUT_BYTES);
    /** Records to send. */
    final ByteBuffer made = ByteBuffer.allocate(OUTPUT_BYTES);
    /** The records to send, copied to direct memory, from which the socket takes them without another copy. */
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

    /** Takes buffers back; if the pool is full, leaves them to the garbage collector. */
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
