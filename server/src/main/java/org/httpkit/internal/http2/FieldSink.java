package org.httpkit.internal.http2;

/** Receives the fields of a block as they are decoded. */
public interface FieldSink {
    /** Receives a field. The array belongs to the decoder: copy from it what you keep. */
    void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);

    /** Is called when the fields together are too large; the decoder passes on no more fields of this block. */
    void tooLarge();
}
