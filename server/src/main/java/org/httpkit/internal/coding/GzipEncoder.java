package org.httpkit.internal.coding;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses one content after another with gzip (RFC 1952). It holds about 256 KiB outside the heap until {@link
 * #free}. Used by one thread at a time.
 */
public final class GzipEncoder {
    private static final int BUFFER_BYTES = 8 * 1024;
    private static final byte[] NOTHING = {};
    /** Magic, deflate, no flags, no time, no hint, an unknown system. */
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];

    /** Begins a content. The next may begin only when this stream is closed or receives no more writes. */
    public OutputStream begin(OutputStream coded, int level) {
        deflater.reset();
        deflater.setLevel(level);
        checksum.reset();
        return new Gzip(coded);
    }

    /** Frees the native memory. The encoder must not be used afterwards. */
    public void free() {
        deflater.end();
    }

    /** One content. */
    private final class Gzip extends OutputStream {
        private final OutputStream coded;
        /** Empty once written. */
        private byte[] head = HEAD;

        private boolean closed;

        Gzip(OutputStream coded) {
            this.coded = coded;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            if (closed) {
                throw new IOException("The coding is complete");
            }
            if (count == 0) {
                return; // the deflater would ask for input forever
            }
            writeHead();
            checksum.update(bytes, offset, count);
            deflater.setInput(bytes, offset, count);
            while (!deflater.needsInput()) {
                pass(deflater.deflate(buffer, 0, BUFFER_BYTES, Deflater.NO_FLUSH));
            }
        }

        @Override
        public void flush() throws IOException {
            if (!closed && head.length == 0) {
                int count;
                do {
                    count = deflater.deflate(buffer, 0, BUFFER_BYTES, Deflater.SYNC_FLUSH);
                    pass(count);
                } while (count == BUFFER_BYTES); // room left over means that the marker is out
            }
            coded.flush();
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            writeHead();
            deflater.finish();
            while (!deflater.finished()) {
                pass(deflater.deflate(buffer, 0, BUFFER_BYTES));
            }
            putInt(0, (int) checksum.getValue());
            putInt(4, (int) deflater.getBytesRead());
            pass(8);
        }

        private void writeHead() throws IOException {
            if (head.length > 0) {
                coded.write(head, 0, head.length);
                head = NOTHING;
            }
        }

        private void pass(int count) throws IOException {
            if (count > 0) {
                coded.write(buffer, 0, count);
            }
        }

        private void putInt(int at, int number) {
            for (int i = 0; i < 4; i++) {
                buffer[at + i] = (byte) (number >>> (8 * i));
            }
        }
    }
}
