package org.httpkit.internal.coding;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decodes gzip (RFC 1952) or zlib (RFC 1950) as it is read. It checks every byte of the coded content: the content must
 * be complete, and only another gzip member may follow. Used by one thread; holds some memory outside the heap until it
 * is closed or reaches its end.
 */
public final class Inflating extends InputStream {
    /** The container format around the deflated bytes. */
    public enum Format {
        GZIP,
        ZLIB
    }

    private enum State {
        /** A member begins, or the coded content ends. */
        BETWEEN,
        /** Within deflated bytes. */
        INSIDE,
        /** At the end, or after an error. */
        OVER
    }

    private static final int BUFFER_BYTES = 8 * 1024;
    /** Bounds names and comments, which are skipped. */
    private static final int MOST_HEAD_BYTES = 64 * 1024;

    private static final int HEAD_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream coded;
    private final Format format;
    private final Inflater inflater;
    private final CRC32 checksum = new CRC32();
    private final CRC32 headChecksum = new CRC32();

    /**
     * Coded bytes from {@link #position} to {@link #limit}; within a member the inflater keeps a copy of these numbers.
     */
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private int position;
    private int limit;
    private int headBytes;
    private boolean hasMember;
    private State state = State.BETWEEN;

    public Inflating(InputStream coded, Format format) {
        this.coded = coded;
        this.format = format;
        this.inflater = new Inflater(format == Format.GZIP);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        try {
            return decode(target, offset, count);
        } catch (IOException | RuntimeException e) {
            end();
            throw e;
        }
    }

    private int decode(byte[] target, int offset, int count) throws IOException {
        while (true) {
            switch (state) {
                case OVER -> {
                    return -1;
                }
                case BETWEEN -> {
                    if (!begin()) {
                        end();
                        return -1;
                    }
                }
                case INSIDE -> {
                    int made = inflate(target, offset, count);
                    if (made > 0) {
                        return made;
                    }
                }
            }
        }
    }

    /** Begins a member. Returns false at the end of the content. */
    private boolean begin() throws IOException {
        int first = next();
        if (first < 0) {
            if (hasMember) {
                return false;
            }
            throw new EOFException("The coded content is empty");
        }
        if (hasMember && format == Format.ZLIB) {
            throw new ZipException("Bytes behind the end of the coded content");
        }
        if (format == Format.GZIP) {
            readHead(first);
        } else {
            position--; // the inflater reads the head of zlib
        }
        hasMember = true;
        inflater.reset();
        inflater.setInput(buffer, position, limit - position);
        checksum.reset();
        state = State.INSIDE;
        return true;
    }

    private int inflate(byte[] target, int offset, int count) throws IOException {
        int made;
        try {
            made = inflater.inflate(target, offset, count);
        } catch (DataFormatException e) {
            throw (IOException) new ZipException("What is coded is not deflated").initCause(e);
        }
        checksum.update(target, offset, made);
        if (inflater.finished()) {
            position = limit - inflater.getRemaining();
            if (format == Format.GZIP) {
                checkTrailer();
            }
            state = State.BETWEEN;
        } else if (inflater.needsDictionary()) {
            throw new ZipException("What is coded needs a dictionary");
        } else if (made == 0 && inflater.needsInput()) {
            if (!fill()) {
                throw new EOFException("The coded content ends early");
            }
            inflater.setInput(buffer, 0, limit);
        }
        return made;
    }

    private void readHead(int first) throws IOException {
        headChecksum.reset();
        headChecksum.update(first);
        headBytes = 1;
        if (first != 0x1f || nextOfHead() != 0x8b || nextOfHead() != 8) {
            throw new ZipException("The coded content does not begin as gzip does");
        }
        int flags = nextOfHead();
        if ((flags & RESERVED) != 0) {
            throw new ZipException("The head of gzip has flags that are not known");
        }
        skip(6); // time, hint, system
        if ((flags & EXTRA) != 0) {
            skip(nextOfHead() | (nextOfHead() << 8));
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEAD_CHECKSUM) != 0) {
            int expected = (int) headChecksum.getValue() & 0xffff;
            if ((nextOfHead() | (nextOfHead() << 8)) != expected) {
                throw new ZipException("The head of gzip is damaged");
            }
        }
    }

    private void skipText() throws IOException {
        while (nextOfHead() != 0) {
            // Skip to the zero.
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            nextOfHead();
        }
    }

    private int nextOfHead() throws IOException {
        int b = required();
        if (++headBytes > MOST_HEAD_BYTES) {
            throw new ZipException("The head of gzip is longer than " + MOST_HEAD_BYTES + " bytes");
        }
        headChecksum.update(b);
        return b;
    }

    private void checkTrailer() throws IOException {
        if (requiredInt() != (int) checksum.getValue() || requiredInt() != (int) inflater.getBytesWritten()) {
            throw new ZipException("The checksum or the length of gzip is wrong");
        }
    }

    private int requiredInt() throws IOException {
        int number = 0;
        for (int i = 0; i < 4; i++) {
            number |= required() << (8 * i);
        }
        return number;
    }

    private int required() throws IOException {
        int b = next();
        if (b < 0) {
            throw new EOFException("The coded content ends early");
        }
        return b;
    }

    private int next() throws IOException {
        return position < limit || fill() ? buffer[position++] & 0xff : -1;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, coded.read(buffer, 0, BUFFER_BYTES));
        return limit > 0;
    }

    private void end() {
        state = State.OVER;
        inflater.end();
    }

    @Override
    public void close() throws IOException {
        end();
        coded.close();
    }
}
