package org.httpkit.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import org.httpkit.server.RequestBody;

/** A request body that was there before the handler was called. Immutable. */
final class CollectedBody implements RequestBody {
    private static final byte[] NO_BYTES = {};

    private final byte[] bytes;
    private final Charset charset;

    CollectedBody(byte[] bytes, Charset charset) {
        this.bytes = bytes;
        this.charset = charset;
    }

    static CollectedBody empty() {
        return new CollectedBody(NO_BYTES, java.nio.charset.StandardCharsets.UTF_8);
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
        return new String(bytes, charset);
    }

    @Override
    public InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }
}
