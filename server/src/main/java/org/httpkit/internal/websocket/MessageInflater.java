package org.httpkit.internal.websocket;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the compressed messages of one client (RFC 7692 section 7.2.2). Confined to its loop thread.
 *
 * <p>The native inflater is made for the first compressed message. If the client keeps no context it is freed after each
 * message, else by {@link #release}. Output is bounded while it is made: a message that inflates beyond the limit costs no
 * more than the limit.
 *
 * <p>A client may end a block with the BFINAL bit (section 7.2.3.4). The data behind it begins a new DEFLATE stream with an
 * empty window: a compressor that ends its stream has lost its window, too. As each such block costs a reset, a message may
 * have 1024 of them.
 */
public final class MessageInflater {
    /** What the sender left out at the end of the message (RFC 7692 section 7.2.1). */
    private static final byte[] TAIL = {0x00, 0x00, (byte) 0xFF, (byte) 0xFF};

    private static final int MAX_FINAL_BLOCKS = 1024;

    private final boolean clientKeepsContext;
    private @Nullable Inflater inflater;
    private boolean insideStream; // whether input was taken since the stream began
    private int finalBlocks;

    /** @param clientKeepsContext false if {@code client_no_context_takeover} was agreed */
    public MessageInflater(boolean clientKeepsContext) {
        this.clientKeepsContext = clientKeepsContext;
    }

    /**
     * Inflates a part of a message onto the end of the buffer; returns null, or what is wrong with it. Then the buffer has what
     * came before the fault.
     */
    @Nullable
    WebSocketViolation inflate(byte[] bytes, int offset, int count, MessageBuffer into, int maxMessageBytes) {
        Inflater current = inflater;
        if (current == null) {
            current = new Inflater(true);
            inflater = current;
        }
        current.setInput(bytes, offset, count);
        insideStream = true;
        while (true) {
            into.reserve(1, maxMessageBytes + 1L); // one byte beyond the limit shows that the message is too big
            boolean sound = inflateSome(current, into);
            if (into.length() > maxMessageBytes) {
                return WebSocketViolation.MESSAGE_TOO_BIG;
            }
            if (!sound || current.needsDictionary()) {
                return WebSocketViolation.NOT_DEFLATE;
            }
            if (current.finished()) {
                int rest = current.getRemaining();
                current.reset();
                current.setInput(bytes, offset + count - rest, rest);
                insideStream = rest > 0;
                if (++finalBlocks > MAX_FINAL_BLOCKS) {
                    return WebSocketViolation.TOO_MANY_FINAL_BLOCKS;
                }
            }
            if (current.needsInput() && into.room() > 0) {
                return null; // with room left there is no output pending
            }
        }
    }

    private static boolean inflateSome(Inflater current, MessageBuffer into) {
        long before = current.getBytesWritten();
        try {
            into.wrote(current.inflate(into.array(), into.length(), into.room()));
            return true;
        } catch (DataFormatException notDeflate) {
            into.wrote((int) (current.getBytesWritten() - before));
            return false;
        }
    }

    /** Inflates what only the end of the message brings to light; returns like {@link #inflate}. */
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
    }
}
