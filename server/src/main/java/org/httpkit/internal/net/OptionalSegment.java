package org.httpkit.internal.net;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Bytes that are left out if they are no longer wanted when their turn comes. */
public final class OptionalSegment extends Segment {
    private final BytesSegment bytes;
    private final BooleanSupplier wanted;
    private boolean begun;
    private boolean leftOut;

    /**
     * Makes a segment of an array, which must be left unchanged.
     *
     * @param wanted called once, under the write claim: everything handed over from then on leaves after these bytes
     */
    public OptionalSegment(byte[] bytes, BooleanSupplier wanted) {
        this.bytes = new BytesSegment(bytes, 0, bytes.length);
        this.wanted = wanted;
    }

    @Override
    public long remainingBytes() {
        return leftOut ? 0 : bytes.remainingBytes();
    }

    @Override
    public long heldBytes() {
        return leftOut ? 0 : bytes.heldBytes();
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        if (!begun) {
            begun = true;
            leftOut = !wanted.getAsBoolean();
        }
        if (!leftOut) {
            bytes.writeTo(wire, scratch);
        }
    }
}
