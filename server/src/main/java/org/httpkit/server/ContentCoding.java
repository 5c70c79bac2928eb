package org.httpkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A content coding (RFC 9110 section 8.4.1) that the server can use beside gzip, as {@code br} or {@code zstd}. Found by {@link
 * java.util.ServiceLoader}. Safe from any thread; what it makes is used by one thread at a time.
 *
 * <p>What it holds has to be bounded, whatever the bytes are: an encoder by its settings, a decoder by refusing windows that are too large.
 * How much comes out of a decoder is limited by who reads it.
 */
public interface ContentCoding {

    /** The token that the fields have for it, in lower case. */
    String name();

    /**
     * A stream that codes what is written and passes it on. Its {@code flush} passes on all that was written so far, in a form that the
     * client can decode; its {@code close} completes the coding and frees what it holds. It may close the stream behind it.
     */
    OutputStream encode(OutputStream coded) throws IOException;

    /**
     * A stream of what is decoded. It reads no more than it has to, throws an IOException if what it reads is no such coding, ends early or
     * goes on behind its end, and frees what it holds when it is closed. It may close the stream behind it.
     */
    InputStream decode(InputStream coded) throws IOException;
}
