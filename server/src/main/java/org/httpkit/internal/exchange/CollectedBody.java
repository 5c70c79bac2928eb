package org.httpkit.internal.exchange;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.httpkit.http.Headers;
import org.httpkit.server.RequestBody;

/** A request body that was complete before the handler was called. Immutable. */
final class CollectedBody implements RequestBody {
    static final CollectedBody EMPTY = new CollectedBody(new byte[0], Headers.empty());

    private final byte[] bytes;
    /** The request's fields, which name the charset; read only when the handler asks for text. */
    private final Headers headers;

    CollectedBody(byte[] bytes, Headers headers) {
        this.bytes = bytes;
        this.headers = headers;
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public String text() {
        return new String(bytes, Charsets.of(headers));
    }

    @Override
    public InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }
}
