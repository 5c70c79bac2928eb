package org.httpkit.brotli;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.httpkit.server.ContentCoding;

/**
 * The content coding {@code br} (RFC 7932), by brotli4j. The server finds it by itself when the jar is on the class path.
 *
 * <p>Responses are coded with quality 5 and a window of 256 KiB, which takes about as long as gzip and gives 3 to 5 % less. A response
 * being coded holds about 1 MiB outside of the heap, four times as much as with gzip: consider a lower {@link
 * org.httpkit.server.Compression#maxCoders}. Request bodies may use a window of up to 4 MiB; a larger one is refused, since a decoder
 * holds all of its window.
 */
public final class BrotliCoding implements ContentCoding {
    private static final int QUALITY = 5;
    private static final int WINDOW_BITS = 18;
    private static final int BUFFER_BYTES = 8192;

    /**
     * Loads the native library.
     *
     * @throws UnsatisfiedLinkError if there is none for this system: add the artifact {@code native-<system>} of brotli4j
     */
    public BrotliCoding() {
        Brotli4jLoader.ensureAvailability();
    }

    @Override
    public String name() {
        return "br";
    }

    @Override
    public OutputStream encode(OutputStream coded) throws IOException {
        return new BrotliOutputStream(coded, Encoder.Parameters.create(QUALITY, WINDOW_BITS), BUFFER_BYTES);
    }

    @Override
    public InputStream decode(InputStream coded) throws IOException {
        return new BrotliDecoder(new WindowCheck(coded));
    }
}
