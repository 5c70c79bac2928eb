package org.httpkit.internal.http2;

import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.HeadBuilder;
import org.jspecify.annotations.Nullable;

/** Working memory for one field block at a time: a connection borrows it from the beginning of a block to its end. Confined to its loop. */
public final class BlockScratch {
    private static final int USUAL_STRING_BYTES = 512;

    private final HeadBuilder head = new HeadBuilder();
    private final RequestAssembler request = new RequestAssembler(head);
    private final TrailerAssembler trailers = new TrailerAssembler(head);
    private ByteQueue strings = new ByteQueue(USUAL_STRING_BYTES);

    private BlockScratch() {}

    /** The receiver of a request's fields. */
    public RequestAssembler request() {
        return request;
    }

    /** The receiver of trailer fields. */
    public TrailerAssembler trailers() {
        return trailers;
    }

    /** The queue in which a decoder assembles strings. */
    public ByteQueue strings() {
        return strings;
    }

    /** Size of its arrays, in bytes. */
    public int heldBytes() {
        return head.heldBytes() + request.heldBytes() + strings.capacity();
    }

    /** The spare memory of one loop. It makes more if several connections are within a block. Confined to its loop. */
    public static final class Pool {
        private @Nullable BlockScratch spare;

        public Pool() {}

        /** Lends memory to a connection. */
        public BlockScratch borrow() {
            BlockScratch lent = spare;
            spare = null;
            return lent != null ? lent : new BlockScratch();
        }

        /** Takes memory back. */
        public void giveBack(BlockScratch scratch) {
            if (scratch.strings.capacity() > PseudoFields.LARGEST_KEPT_BYTES) {
                scratch.strings = new ByteQueue(USUAL_STRING_BYTES);
            }
            spare = scratch;
        }
    }
}
