package org.httpkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A content coding (RFC 9110 section 8.4.1) that the server can use besides gzip, such as {@code br} or {@code zstd}.
 * The server finds it by {@link java.util.ServiceLoader}. Safe from any thread; one thread at a time uses each
 * stream.
 *
 * <p>Streams must bound what they hold, no matter what the bytes are: an encoder by its settings, a decoder by
 * refusing windows that are too large. The server limits how much it reads from a decoder.
 */
public interface ContentCoding {

    /** The coding's token in header fields, in lower case. */
    String name();

    /**
     * A stream that encodes what is written and passes it on. {@code flush} passes on everything written so far, in a
     * form that the client can decode. {@code close} completes the coding and frees the stream's memory; it may close
     * the underlying stream.
     */
    OutputStream encode(OutputStream coded) throws IOException;

    /**
     * A stream of decoded content. It reads no more than it needs. It throws an IOException if its input is
     * malformed, ends early or continues after its end. {@code close} frees its memory, and may close the underlying
     * stream.
     */
    InputStream decode(InputStream coded) throws IOException;
}
