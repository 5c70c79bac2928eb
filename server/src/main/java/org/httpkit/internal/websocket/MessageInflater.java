package org.httpkit.internal.websocket;

import java.util.Arrays;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the compressed messages of one client (RFC 7692 section 7.2.2). Used by one thread at a time.
 *
 * <p>The first compressed message creates the native inflater. If the client keeps no context, it is freed after each
 * message, else by {@link #release}. The limit applies during inflation: a message that inflates beyond it takes no
 * more memory than the limit.
 *
 * <p>A client may end a block with the BFINAL bit (section 7.2.3.4). The data behind it begins a new DEFLATE stream
 * with an empty window: a compressor that ends its stream loses its window too. Because each such block costs a reset,
 * a message may have at most 1024 of them.
 */
public final class MessageInflater {
    /** The bytes that the sender left out at the end of the message (RFC 7692 section 7.2.1). */
    private static final byte[] TAIL = {0x00, 0x00, (byte) 0xFF, (byte) 0xFF};

    private static final byte[] NOTHING = {};

    private static final int MAX_FINAL_BLOCKS = 1024;

    private final boolean clientKeepsContext;
    private @Nullable Inflater inflater;
    private boolean insideStream; // whether the stream has taken input since it began
    private int finalBlocks;
    /** The array from which the inflater takes its input, up to the end; empty while it takes none. */
    private byte[] input = NOTHING;

    private int inputEnd;
    private boolean paused;

    /** @param clientKeepsContext false if {@code client_no_context_takeover} was agreed */
    public MessageInflater(boolean clientKeepsContext) {
        this.clientKeepsContext = clientKeepsContext;
    }

    /** Inflates a whole part of a message, as below. */
    @Nullable
    WebSocketViolation inflate(byte[] bytes, int offset, int count, MessageBuffer into, int maxMessageBytes) {
        return inflate(bytes, offset, count, into, maxMessageBytes, Long.MAX_VALUE);
    }

    /**
     * Inflates a part of a message onto the end of the buffer. Returns null, or its violation; then the buffer has the
     * bytes before the fault.
     *
     * @param pauseLength how long the buffer may become: see {@link #isPaused}
     */
    @Nullable
    WebSocketViolation inflate(
            byte[] bytes, int offset, int count, MessageBuffer into, int maxMessageBytes, long pauseLength) {
        Inflater current = inflater;
        if (current == null) {
            current = new Inflater(true);
            inflater = current;
        }
        take(current, bytes, offset, count);
        insideStream = true;
        return goOn(current, into, maxMessageBytes, pauseLength);
    }

    /**
     * Whether inflation paused because the buffer reached its length; the inflater then keeps the rest of the input.
     */
    boolean isPaused() {
        return paused;
    }

    /** How many bytes of input it keeps. */
    int keptBytes() {
        return paused ? input.length : 0;
    }

    /** Continues with the input that it keeps. */
    @Nullable
    WebSocketViolation inflateMore(MessageBuffer into, int maxMessageBytes, long pauseLength) {
        return goOn(Objects.requireNonNull(inflater), into, maxMessageBytes, pauseLength);
    }

    private void take(Inflater current, byte[] bytes, int offset, int count) {
        input = bytes;
        inputEnd = offset + count;
        current.setInput(bytes, offset, count);
    }

    private @Nullable WebSocketViolation goOn(
            Inflater current, MessageBuffer into, int maxMessageBytes, long pauseLength) {
        while (into.length() < pauseLength) {
            into.reserve(1, maxMessageBytes + 1L); // one byte beyond the limit shows that the message is too big
            int room = (int) Math.min(into.room(), pauseLength - into.length());
            int before = into.length();
            boolean sound = inflateSome(current, into, room);
            if (into.length() > maxMessageBytes) {
                return end(WebSocketViolation.MESSAGE_TOO_BIG);
            }
            if (!sound || current.needsDictionary()) {
                return end(WebSocketViolation.NOT_DEFLATE);
            }
            if (current.finished()) {
                int rest = current.getRemaining();
                current.reset();
                take(current, input, inputEnd - rest, rest);
                insideStream = rest > 0;
                if (++finalBlocks > MAX_FINAL_BLOCKS) {
                    return end(WebSocketViolation.TOO_MANY_FINAL_BLOCKS);
                }
            }
            if (current.needsInput() && into.length() - before < room) {
                return end(null); // room left over means that no output is pending
            }
        }
        int rest = current.getRemaining();
        take(current, Arrays.copyOfRange(input, inputEnd - rest, inputEnd), 0, rest); // its array belongs to the loop
        paused = true;
        return null;
    }

    private @Nullable WebSocketViolation end(@Nullable WebSocketViolation violation) {
        input = NOTHING;
        paused = false;
        return violation;
    }

    private static boolean inflateSome(Inflater current, MessageBuffer into, int room) {
        long before = current.getBytesWritten();
        try {
            into.wrote(current.inflate(into.array(), into.length(), room));
            return true;
        } catch (DataFormatException notDeflate) {
            into.wrote((int) (current.getBytesWritten() - before));
            return false;
        }
    }

    /** Inflates the rest, which needs the end of the message; returns like {@link #inflate}. */
    @Nullable
    WebSocketViolation finishMessage(MessageBuffer into, int maxMessageBytes) {
        WebSocketViolation violation = insideStream ? inflate(TAIL, 0, TAIL.length, into, maxMessageBytes) : null;
        finalBlocks = 0;
        if (!clientKeepsContext) {
            release();
        }
        return violation;
    }

    /** Frees the native memory; may be called more than once. */
    public void release() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
        insideStream = false;
        input = NOTHING;
        paused = false;
    }
}
