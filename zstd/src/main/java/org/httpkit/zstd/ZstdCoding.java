package org.httpkit.zstd;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.httpkit.server.ContentCoding;

/**
 * The content coding {@code zstd} (RFC 8878), by zstd-jni. The server finds it by itself when the jar is on the class path.
 *
 * <p>Responses are coded with level 3 and a window of 512 KiB, which takes half the time of gzip or less and gives 5 to 10 % more. A response
 * being coded holds up to 1 MiB outside of the heap, four times as much as with gzip: consider a lower {@link
 * org.httpkit.server.Compression#maxCoders}. Request bodies may use a window of up to 8 MiB (RFC 9659); a larger one is refused.
 */
public final class ZstdCoding implements ContentCoding {
    private static final int LEVEL = 3;
    private static final int WINDOW_LOG = 19;
    private static final int MOST_WINDOW_LOG = 23;

    /**
     * Loads the native library.
     *
     * @throws UnsatisfiedLinkError if there is none for this system
     */
    public ZstdCoding() {
        Native.load();
    }

    @Override
    public String name() {
        return "zstd";
    }

    @Override
    public OutputStream encode(OutputStream coded) throws IOException {
        return new ZstdOutputStreamNoFinalizer(coded, LEVEL).setWindowLog(WINDOW_LOG);
    }

    @Override
    public InputStream decode(InputStream coded) throws IOException {
        return new ZstdInputStreamNoFinalizer(coded).setLongMax(MOST_WINDOW_LOG);
    }
}
