package org.httpkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;

/**
 * The body of a request. The server collects it before it calls the handler, or, if {@link Handler#streamsBody}
 * returned true, the handler reads it as it arrives. In the second case every method may block until bytes arrive,
 * and only one thread may use it.
 */
public interface RequestBody {

    /** The length in bytes: that of a collected body, or the declared length of a streamed body; -1 if unknown. */
    long length();

    /**
     * All bytes. For a collected body this is the array itself: do not change it.
     *
     * @throws IOException if a streamed body ends early, stalls for longer than the body timeout, or breaks the
     *     protocol
     */
    byte[] bytes() throws IOException;

    /**
     * The text, in the charset that {@code Content-Type} names; UTF-8 if it names none, or an unknown one.
     *
     * @throws IOException as {@link #bytes()}
     */
    String text() throws IOException;

    /** The text in a given charset. */
    default String text(Charset charset) throws IOException {
        return new String(bytes(), charset);
    }

    /**
     * The bytes as a stream. You may close it early: the server then drops the rest, or closes the connection if the
     * rest is long. A streamed body always returns the same stream.
     */
    InputStream stream();
}
