package org.httpkit.internal.exchange;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * A request body with a content coding, decoded as the handler reads it, up to a limit. One thread reads it; any thread
 * may {@link #release} it.
 */
final class DecodedBody extends FilterInputStream implements RequestBody {
    /** The coded bytes, with a note of why they could not be read. */
    static final class Source extends FilterInputStream {
        private @Nullable IOException failure;

        Source(InputStream coded) {
            super(coded);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            try {
                return in.read(target, offset, count);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    /** The use of the decoder, whose memory must not be freed while a thread decodes. */
    private enum Use {
        FREE,
        DECODING,
        /** The thread that decodes frees it. */
        RELEASED_WHILE_DECODING,
        RELEASED
    }

    private final Source coded;
    private final Headers headers;
    private final long mostBytes;

    // The reader.
    private long takenBytes;
    private boolean ended;
    private @Nullable IOException failure;

    private final AtomicReference<Use> use = new AtomicReference<>(Use.FREE);

    /**
     * @param decoded reads from the coded stream and decodes it
     * @param headers the request's fields, which name the charset
     * @param mostBytes the limit on decoded bytes
     */
    DecodedBody(Source coded, InputStream decoded, Headers headers, long mostBytes) {
        super(decoded);
        this.coded = coded;
        this.headers = headers;
        this.mostBytes = mostBytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (count == 0) {
            return 0;
        }
        if (ended) {
            return -1;
        }
        if (failure != null) {
            throw failure;
        }
        if (!use.compareAndSet(Use.FREE, Use.DECODING)) {
            throw new IOException("The body has been closed, or its request has been answered");
        }
        try {
            int taken = decode(target, offset, count);
            ended = taken < 0;
            return taken;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            if (!use.compareAndSet(Use.DECODING, Use.FREE)) {
                use.set(Use.RELEASED);
                free();
            } else if (ended || failure != null) {
                release();
            }
        }
    }

    private int decode(byte[] target, int offset, int count) throws IOException {
        int taken;
        try {
            taken = in.read(target, offset, count);
        } catch (IOException e) {
            if (coded.failure != null) {
                throw coded.failure;
            }
            throw RefusedBodyException.untold(
                    Status.BAD_REQUEST, "The body is not in the coding that it names (RFC 9110 section 8.4)", e);
        }
        takenBytes += Math.max(0, taken);
        if (takenBytes > mostBytes) {
            throw RefusedBodyException.untold(
                    Status.CONTENT_TOO_LARGE, RefusedBodyException.largerThan(mostBytes), null);
        }
        return taken;
    }

    @Override
    public long skip(long count) throws IOException {
        long left = count;
        byte[] dropped = new byte[(int) Math.min(8192, Math.max(0, count))];
        while (left > 0) {
            int taken = read(dropped, 0, (int) Math.min(left, dropped.length));
            if (taken < 0) {
                break;
            }
            left -= taken;
        }
        return count - Math.max(0, left);
    }

    @Override
    public int available() {
        return 0;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {
        release();
    }

    /** Frees the decoder's memory. A reader that continues gets an exception, unless it has read everything. */
    void release() {
        Use before = use.getAndUpdate(now ->
                now == Use.DECODING || now == Use.RELEASED_WHILE_DECODING ? Use.RELEASED_WHILE_DECODING : Use.RELEASED);
        if (before == Use.FREE) {
            free();
        }
    }

    private void free() {
        try {
            in.close();
        } catch (Throwable e) { // of a decoder that others wrote
            // The body has been read, or nobody wants it.
        }
    }

    // ---- as a body

    /** Always unknown: the length shows only when the body has been read. */
    @Override
    public long length() {
        return -1;
    }

    @Override
    public byte[] bytes() throws IOException {
        return readAllBytes();
    }

    @Override
    public String text() throws IOException {
        return new String(bytes(), Charsets.of(headers));
    }

    @Override
    public InputStream stream() {
        return this;
    }
}
