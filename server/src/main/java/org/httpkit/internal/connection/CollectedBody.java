package org.httpkit.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.httpkit.server.RequestBody;

/** A request body that was there before the handler was called. Immutable. */
final class CollectedBody implements RequestBody {
    static final CollectedBody EMPTY = new CollectedBody(new byte[0], StandardCharsets.UTF_8);

    private final byte[] bytes;
    private final Charset charset;

    CollectedBody(byte[] bytes, Charset charset) {
        this.bytes = bytes;
        this.charset = charset;
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
