package org.httpkit.internal.http1;

import static org.httpkit.internal.bytes.Ascii.CR;
import static org.httpkit.internal.bytes.Ascii.LF;
import static org.httpkit.internal.bytes.Ascii.SP;

import java.nio.ByteBuffer;
import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;

/**
 * Finds the data in a chunked body (RFC 9112 section 7.1), byte by byte around the data. Chunk extensions are checked and
 * ignored. Confined to its loop thread.
 */
final class ChunkedBody {
    enum Next {
        NEED_INPUT,
        /** {@link #remaining} bytes of data come next. */
        DATA,
        /** The last chunk has ended; the trailer section comes next. */
        LAST
    }

    private enum State {
        SIZE,
        MORE_SIZE,
        WHITESPACE_AFTER_SIZE,
        EXTENSION_START,
        EXTENSION_NAME,
        WHITESPACE_AFTER_NAME,
        EXTENSION_VALUE,
        TOKEN_VALUE,
        QUOTED_VALUE,
        QUOTED_PAIR,
        AFTER_QUOTED,
        WHITESPACE_AFTER_VALUE,
        LINE_FEED,
        DATA,
        DATA_LINE_FEED
    }

    /** Longest chunk size line, CRLF included. */
    static final int MAX_LINE_BYTES = 4096;
    /**
     * Most bytes of all chunk size lines of a body together, not counting 16 digits and the CRLF of each: this limits
     * leading zeros and extensions.
     */
    static final int MAX_EXTENSION_BYTES = 16384;

    private static final int USUAL_DIGITS = 16;

    private State state = State.SIZE;
    private int lineBytes;
    private int digits;
    private int extensionBytes;
    private long remaining;

    /** How many bytes of the current chunk's data are still to come; 0 until its size line is complete. */
    long remaining() {
        return state == State.DATA ? remaining : 0;
    }

    /** Counts data as read. */
    void read(int length) {
        remaining -= length;
    }

    /** Consumes input up to the next data. */
    Next advance(ByteBuffer in) throws ViolationException {
        if (state == State.DATA && remaining > 0) {
            return in.hasRemaining() ? Next.DATA : Next.NEED_INPUT;
        }
        while (in.hasRemaining()) {
            byte b = in.get();
            switch (state) {
                case SIZE, MORE_SIZE -> size(b);
                case WHITESPACE_AFTER_SIZE -> extensionOrWhitespace(b, Violation.INVALID_CHUNK_SIZE);
                case WHITESPACE_AFTER_VALUE -> extensionOrWhitespace(b, Violation.INVALID_CHUNK_EXTENSION);
                case EXTENSION_START -> extensionStart(b);
                case EXTENSION_NAME -> extensionName(b);
                case WHITESPACE_AFTER_NAME -> whitespaceAfterName(b);
                case EXTENSION_VALUE -> extensionValue(b);
                case TOKEN_VALUE -> tokenValue(b);
                case QUOTED_VALUE -> quotedValue(b);
                case QUOTED_PAIR -> quotedPair(b);
                case AFTER_QUOTED -> afterValue(b);
                case LINE_FEED -> {
                    require(b == LF, Violation.BARE_CR);
                    extensionBytes += lineBytes - Math.min(digits, USUAL_DIGITS);
                    lineBytes = 0;
                    digits = 0;
                    if (remaining == 0) {
                        return Next.LAST;
                    }
                    state = State.DATA;
                    return in.hasRemaining() ? Next.DATA : Next.NEED_INPUT;
                }
                case DATA -> {
                    require(b == CR, b == LF ? Violation.BARE_LF : Violation.MISSING_CHUNK_END);
                    state = State.DATA_LINE_FEED;
                }
                case DATA_LINE_FEED -> {
                    require(b == LF, Violation.BARE_CR);
                    state = State.SIZE;
                }
            }
        }
        return Next.NEED_INPUT;
    }

    private void size(byte b) throws ViolationException {
        int digit = Ascii.hexValue(b);
        if (digit >= 0) {
            digits++;
            count();
            require(remaining <= Long.MAX_VALUE >> 4, Violation.CHUNK_SIZE_OVERFLOW);
            remaining = remaining << 4 | digit;
            state = State.MORE_SIZE;
        } else {
            require(state == State.MORE_SIZE, b == LF ? Violation.BARE_LF : Violation.INVALID_CHUNK_SIZE);
            afterPart(b, State.WHITESPACE_AFTER_SIZE, Violation.INVALID_CHUNK_SIZE);
        }
    }

    private void extensionStart(byte b) throws ViolationException {
        if (!Ascii.isWhitespace(b)) {
            requirePart(Ascii.isTokenChar(b), b);
            state = State.EXTENSION_NAME;
        }
        count();
    }

    private void extensionName(byte b) throws ViolationException {
        if (b == '=') {
            count();
            state = State.EXTENSION_VALUE;
        } else if (Ascii.isTokenChar(b)) {
            count();
        } else {
            afterPart(b, State.WHITESPACE_AFTER_NAME, Violation.INVALID_CHUNK_EXTENSION);
        }
    }

    private void whitespaceAfterName(byte b) throws ViolationException {
        if (b == '=') {
            count();
            state = State.EXTENSION_VALUE;
        } else {
            extensionOrWhitespace(b, Violation.INVALID_CHUNK_EXTENSION);
        }
    }

    private void extensionValue(byte b) throws ViolationException {
        if (b == '"') {
            state = State.QUOTED_VALUE;
        } else if (!Ascii.isWhitespace(b)) {
            requirePart(Ascii.isTokenChar(b), b);
            state = State.TOKEN_VALUE;
        }
        count();
    }

    private void tokenValue(byte b) throws ViolationException {
        if (Ascii.isTokenChar(b)) {
            count();
        } else {
            afterValue(b);
        }
    }

    private void afterValue(byte b) throws ViolationException {
        afterPart(b, State.WHITESPACE_AFTER_VALUE, Violation.INVALID_CHUNK_EXTENSION);
    }

    private void quotedValue(byte b) throws ViolationException {
        if (b == '"') {
            state = State.AFTER_QUOTED;
        } else if (b == '\\') {
            state = State.QUOTED_PAIR;
        } else {
            requirePart(b == Ascii.HTAB || !Ascii.isControl(b), b);
        }
        count();
    }

    private void quotedPair(byte b) throws ViolationException {
        requirePart(b == Ascii.HTAB || !Ascii.isControl(b), b);
        state = State.QUOTED_VALUE;
        count();
    }

    /** Checks the byte after a size, a name or a value: white space, the next extension, or the end of the line. */
    private void afterPart(byte b, State whitespace, Violation otherwise) throws ViolationException {
        if (b == CR) {
            state = State.LINE_FEED;
        } else if (b == SP || b == Ascii.HTAB) {
            count();
            state = whitespace;
        } else {
            extensionOrWhitespace(b, otherwise);
        }
    }

    /**
     * Checks the byte after white space: only a semicolon is allowed (or the equals sign, which the caller handles).
     */
    private void extensionOrWhitespace(byte b, Violation otherwise) throws ViolationException {
        if (b == ';') {
            state = State.EXTENSION_START;
        } else {
            require(Ascii.isWhitespace(b), b == LF ? Violation.BARE_LF : otherwise);
        }
        count();
    }

    private void count() throws ViolationException {
        lineBytes++;
        require(lineBytes <= MAX_LINE_BYTES - 2, Violation.CHUNK_LINE_TOO_LONG);
        require(
                extensionBytes + lineBytes - Math.min(digits, USUAL_DIGITS) <= MAX_EXTENSION_BYTES,
                Violation.CHUNK_EXTENSIONS_TOO_LARGE);
    }

    private static void requirePart(boolean allowed, byte b) throws ViolationException {
        require(allowed, b == LF ? Violation.BARE_LF : Violation.INVALID_CHUNK_EXTENSION);
    }

    private static void require(boolean kept, Violation violation) throws ViolationException {
        if (!kept) {
            throw violation.exception();
        }
    }
}
