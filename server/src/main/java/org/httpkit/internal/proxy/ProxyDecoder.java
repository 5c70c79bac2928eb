package org.httpkit.internal.proxy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Strips the PROXY protocol header, version 1 or 2, from the beginning of a connection. One per connection; used by one
 * thread at a time. The outcome does not depend on how the bytes were split.
 *
 * <p>It reads a byte only if the bytes before it fit, so at most the first 12 bytes, the signature of version 2, can
 * turn out not to belong to a header. It consumes nothing after the header.
 */
public final class ProxyDecoder {

    /** The result of a call. */
    public enum Step {
        /** All input is consumed, and the header may continue. */
        NEED_INPUT,
        /** {@link #header} is complete; the input's position is right after it. */
        HEADER,
        /**
         * The bytes are not a header. The input's position is where it was before the call; {@link #replay} has the
         * bytes that earlier calls consumed, which belong before it.
         */
        NO_HEADER
    }

    /** Whether a header is required. */
    public enum Mode {
        /** Refuses a connection without a header. */
        ENABLED,
        /** Leaves bytes that are not a header to the next reader. */
        OPTIONAL
    }

    private enum State {
        PREFIX,
        LINE,
        BINARY_START,
        BINARY_CONTENT,
        DONE
    }

    /**
     * The smallest limit for version 2 that the protocol permits; {@link #MOST_BINARY_LIMIT} is the longest possible
     * header.
     */
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
     * Makes a decoder for one connection.
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

    /** Size of the array that holds the header so far, in bytes. */
    public int heldBytes() {
        return bytes.length;
    }

    /**
     * Consumes input up to the next step. Must not be called after {@code HEADER}, {@code NO_HEADER} or a violation.
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

    /** The header that was read. */
    public ProxyHeader header() {
        if (header == null) {
            throw new IllegalStateException("No header was found");
        }
        return header;
    }

    /**
     * Returns the consumed bytes that are not known to be a header: after {@link Step#NO_HEADER}, or if the input ended
     * within a possible header. The buffer is new and has an array; it has at most 11 bytes after NO_HEADER.
     */
    public ByteBuffer replay() {
        return ByteBuffer.wrap(Arrays.copyOf(bytes, length));
    }

    /**
     * Whether the bytes so far, if no more arrive, are not a header and need not be one, so that the caller reads
     * {@link #replay} as something else.
     */
    public boolean endsWithoutHeader() {
        return state == State.PREFIX && mode == Mode.OPTIONAL;
    }

    /** Whether a byte continues the signature of version 2 or the word of version 1; the first byte decided which. */
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

    /**
     * Takes bytes until there are {@code whole} of them; returns whether they are complete. The array grows with the
     * bytes received, not with the announced length.
     */
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
