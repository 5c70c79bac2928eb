package org.httpkit.internal.coding;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Makes gzip (RFC 1952) of one content after the other. It holds some 256 KiB outside of the heap until its {@link #free}. Used by one
 * thread at a time.
 */
public final class GzipEncoder {
    private static final int BUFFER_BYTES = 8 * 1024;
    private static final byte[] NOTHING = {};
    /** Magic, deflate, no flags, no time, no hint, an unknown system. */
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];

    /** Begins with a content. Until its stream is closed, or nobody writes to it any more, no other may begin. */
    public OutputStream begin(OutputStream coded, int level) {
        deflater.reset();
        deflater.setLevel(level);
        checksum.reset();
        return new Gzip(coded);
    }

    /** Frees what it holds. Nothing may be coded any more. */
    public void free() {
        deflater.end();
    }

    /** One content. */
    private final class Gzip extends OutputStream {
        private final OutputStream coded;
        /** Empty once it was written. */
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
                return; // the deflater would ask for input for ever
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
                } while (count == BUFFER_BYTES); // with room left, the marker is out
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
