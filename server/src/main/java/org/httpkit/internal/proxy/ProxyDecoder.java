package org.httpkit.internal.proxy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the PROXY protocol header, version 1 or 2, off the beginning of a connection. One per connection; used by one thread at
 * a time. The outcome is the same however the bytes were split.
 *
 * <p>A byte is looked at only once those before it fit, so at most the first 12 bytes, the signature of version 2, can turn out
 * to be none of a header. Nothing behind the header is consumed.
 */
public final class ProxyDecoder {

    /** What a call came to. */
    public enum Step {
        /** All input is consumed, and the header may go on. */
        NEED_INPUT,
        /** {@link #header} is there; the input stands right behind it. */
        HEADER,
        /**
         * What came is no header. The input stands where it stood when the call began; bytes that earlier calls consumed are in
         * {@link #replay} and belong before it.
         */
        NO_HEADER
    }

    /** Whether there must be a header. */
    public enum Mode {
        /** A connection without a header is refused. */
        ENABLED,
        /** Other bytes than those of a header are left to whoever reads on. */
        OPTIONAL
    }

    private enum State {
        PREFIX,
        LINE,
        BINARY_START,
        BINARY_CONTENT,
        DONE
    }

    /** The least that must be accepted of version 2, and the most there can be. */
    public static final int LEAST_BINARY_LIMIT = 536;

    public static final int MOST_BINARY_LIMIT = BinaryHeader.START_BYTES + 65535;

    private static final byte[] LINE_PREFIX = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private final Mode mode;
    private final int maxBinaryBytes;

    private State state = State.PREFIX;
    private byte[] bytes = NOTHING;
    private int length;
    /** The length of the whole binary header, once it is known. */
    private int wholeLength;

    private @Nullable ProxyHeader header;

    /**
     * A decoder for one connection.
     *
     * @param maxBinaryBytes longest header of version 2 accepted, in bytes, from 536 to 65551
     */
    public ProxyDecoder(Mode mode, int maxBinaryBytes) {
        if (maxBinaryBytes < LEAST_BINARY_LIMIT || maxBinaryBytes > MOST_BINARY_LIMIT) {
            throw new IllegalArgumentException("maxBinaryBytes is " + maxBinaryBytes + "; it must be from "
                    + LEAST_BINARY_LIMIT + " to " + MOST_BINARY_LIMIT);
        }
        this.mode = mode;
        this.maxBinaryBytes = maxBinaryBytes;
    }

    /** The array of what has come of the header. */
    public int heldBytes() {
        return bytes.length;
    }

    /**
     * Consumes input up to the next step; not to be called after a header, a missing one or a violation.
     *
     * @throws ProxyViolationException if the peer broke a rule; the offending byte is the last one consumed
     */
    public Step advance(ByteBuffer in) throws ProxyViolationException {
        int start = in.position();
        int kept = length;
        while (in.hasRemaining()) {
            byte b = in.get();
            switch (state) {
                case PREFIX -> {
                    if (!fitsPrefix(b)) {
                        return noHeader(in, start, kept);
                    }
                    append(b);
                    state = stateBehindPrefix();
                }
                case LINE -> {
                    append(b);
                    if (HeaderLine.isComplete(bytes, length)) {
                        return found(HeaderLine.parse(bytes, length));
                    }
                }
                case BINARY_START -> {
                    append(b);
                    BinaryHeader.checkStart(bytes, length);
                    if (length == BinaryHeader.START_BYTES) {
                        wholeLength = BinaryHeader.wholeLength(bytes);
                        if (wholeLength > maxBinaryBytes) {
                            throw ProxyViolation.HEADER_TOO_LONG.exception();
                        }
                        if (wholeLength == length) {
                            return found(BinaryHeader.parse(bytes, length));
                        }
                        state = State.BINARY_CONTENT;
                    }
                }
                case BINARY_CONTENT -> {
                    append(b);
                    if (takeUpTo(wholeLength, in)) {
                        return found(BinaryHeader.parse(bytes, length));
                    }
                }
                case DONE -> throw new IllegalStateException("Advanced after the end");
            }
        }
        return Step.NEED_INPUT;
    }

    /** The header found. */
    public ProxyHeader header() {
        if (header == null) {
            throw new IllegalStateException("No header was found");
        }
        return header;
    }

    /**
     * The bytes consumed that are not known to be a header: after {@link Step#NO_HEADER}, or if the input ended within what may
     * have become one. A new buffer with an array; at most 11 bytes after NO_HEADER.
     */
    public ByteBuffer replay() {
        return ByteBuffer.wrap(Arrays.copyOf(bytes, length));
    }

    /** Whether not one byte has been consumed. */
    public boolean isUntouched() {
        return length == 0 && state == State.PREFIX;
    }

    /** Whether what has come, if it is all, is no header and need not be one: {@link #replay} is to be read as something else. */
    public boolean endsWithoutHeader() {
        return state == State.PREFIX && mode == Mode.OPTIONAL;
    }

    /** Whether a byte goes on with the signature of version 2 or the word of version 1, as the first byte decided. */
    private boolean fitsPrefix(byte b) {
        byte first = length == 0 ? b : bytes[0];
        return b == (first == LINE_PREFIX[0] ? LINE_PREFIX : BinaryHeader.SIGNATURE)[length];
    }

    private State stateBehindPrefix() {
        if (bytes[0] == LINE_PREFIX[0]) {
            return length == LINE_PREFIX.length ? State.LINE : State.PREFIX;
        }
        return length == BinaryHeader.SIGNATURE.length ? State.BINARY_START : State.PREFIX;
    }

    private Step noHeader(ByteBuffer in, int start, int kept) throws ProxyViolationException {
        return switch (mode) {
            case ENABLED -> throw ProxyViolation.MISSING_HEADER.exception();
            case OPTIONAL -> {
                in.position(start);
                length = kept;
                state = State.DONE;
                yield Step.NO_HEADER;
            }
        };
    }

    private Step found(ProxyHeader found) {
        header = found;
        bytes = NOTHING;
        length = 0;
        state = State.DONE;
        return Step.HEADER;
    }

    private void append(byte b) {
        ensureFree(1);
        bytes[length++] = b;
    }

    /** Takes what there is of so many bytes; whether they are complete. Grows with what came, not with what was announced. */
    private boolean takeUpTo(int whole, ByteBuffer in) {
        int count = Math.min(whole - length, in.remaining());
        ensureFree(count);
        in.get(bytes, length, count);
        length += count;
        return length == whole;
    }

    private void ensureFree(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, Math.max(HeaderLine.MAX_BYTES, 2 * length)));
        }
    }
}
