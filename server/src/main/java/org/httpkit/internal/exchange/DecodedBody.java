package org.httpkit.internal.exchange;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.RequestBody;
import org.jspecify.annotations.Nullable;

/** A request body with a content coding, decoded as the handler reads it, up to a limit. Used by one thread. */
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

    private final Source coded;
    private final Headers headers;
    private final long mostBytes;
    private long takenBytes;
    private boolean closed;

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
        int taken;
        try {
            taken = in.read(target, offset, count);
        } catch (IOException e) {
            IOException why = closed ? e : coded.failure;
            if (why != null) {
                throw why;
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
    public void close() throws IOException {
        closed = true;
        try {
            in.close();
        } finally {
            coded.close();
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
