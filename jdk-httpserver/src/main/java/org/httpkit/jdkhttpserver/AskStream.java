package org.httpkit.jdkhttpserver;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * What the client sends: the request body, or what follows a switch of protocols. It cannot be read any more once it is
 * closed. Belongs to one thread at a time, as the exchange does.
 */
final class AskStream extends FilterInputStream {
    private boolean closed;

    AskStream(InputStream body) {
        super(body);
    }

    /** Reads from this stream from now on. */
    void continueWith(InputStream next) {
        in = next;
        closed = false;
    }

    private InputStream open() throws IOException {
        if (closed) {
            throw new IOException("The stream is closed");
        }
        return in;
    }

    @Override
    public int read() throws IOException {
        return open().read();
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        return open().read(bytes, offset, count);
    }

    @Override
    public long skip(long count) throws IOException {
        return open().skip(count);
    }

    @Override
    public int available() throws IOException {
        return open().available();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        super.close();
    }
}
