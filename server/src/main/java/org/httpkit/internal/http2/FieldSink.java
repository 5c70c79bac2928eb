package org.httpkit.internal.http2;

/** What takes the fields of a block as they are decoded. */
public interface FieldSink {
    /** A field. The array is the decoder's: what is to be kept of it is copied. */
    void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);

    /** The fields are too large together: of this block no more are told. */
    void tooLarge();
}
