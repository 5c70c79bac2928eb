package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The bytes of a file that is opened when the first of them is read: a response may be made and then sent without. */
final class FileStream extends InputStream {
    /** Opens the file. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    private final Source source;
    private @Nullable InputStream opened;

    FileStream(Source source) {
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        return opened().read();
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        return opened().read(target, offset, count);
    }

    @Override
    public void close() throws IOException {
        if (opened != null) {
            opened.close();
        }
    }

    private InputStream opened() throws IOException {
        InputStream known = opened;
        if (known == null) {
            known = source.open();
            opened = known;
        }
        return known;
    }
}
