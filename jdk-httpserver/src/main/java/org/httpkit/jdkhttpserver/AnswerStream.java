package org.httpkit.jdkhttpserver;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the client receives: the response body, or what follows a switch of protocols. An application may ask for it
 * before the response has begun. Belongs to one thread at a time, as the exchange does.
 */
final class AnswerStream extends OutputStream {
    private final InputStream asked;
    private @Nullable OutputStream body;
    private boolean flushesAtEnd;

    /** @param asked the request body, which closes with the application's closing of this one */
    AnswerStream(InputStream asked) {
        this.asked = asked;
    }

    /** @param isChunked whether the client gets chunks even if the length is known in the end */
    void begin(OutputStream begun, boolean isChunked) {
        body = begun;
        flushesAtEnd = isChunked;
    }

    private OutputStream body() throws IOException {
        if (body == null) {
            throw new IOException("The response headers have not been sent; call sendResponseHeaders first");
        }
        return body;
    }

    @Override
    public void write(int b) throws IOException {
        body().write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        body().write(bytes, offset, count);
    }

    @Override
    public void flush() throws IOException {
        body().flush();
    }

    @Override
    public void close() throws IOException {
        OutputStream begun = body();
        try (asked) {
            end(begun);
        }
    }

    /** Ends the response, whose request may still be read. */
    void end() throws IOException {
        end(body());
    }

    private void end(OutputStream begun) throws IOException {
        if (flushesAtEnd) {
            flushesAtEnd = false;
            try (begun) {
                begun.flush();
            }
        } else {
            begun.close();
        }
    }
}
