package org.httpkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;

/**
 * The body of a request. Collected before the handler is called, or read as it arrives if {@link Handler#streamsBody} asked
 * for that: then every method here may block until the bytes have come, and only one thread may use it.
 */
public interface RequestBody {

    /** The length in bytes if it is known: that of a collected body, or the declared one of a streamed body; else -1. */
    long length();

    /**
     * All bytes. Of a collected body this is the array itself: don't change it.
     *
     * @throws IOException if a streamed body ends early, stalls for longer than the body timeout, or breaks the protocol
     */
    byte[] bytes() throws IOException;

    /**
     * The text, in the charset that {@code Content-Type} names, UTF-8 if it names none or one that is unknown here.
     *
     * @throws IOException as {@link #bytes()}
     */
    String text() throws IOException;

    /** The text in a given charset. */
    default String text(Charset charset) throws IOException {
        return new String(bytes(), charset);
    }

    /**
     * The bytes as a stream. Closing it early is fine: what is left is discarded, or the connection closed if that is much.
     * The stream of a streamed body is always the same one.
     */
    InputStream stream();
}
