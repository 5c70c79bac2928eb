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

    /** Inflates a part of a message onto the end of the buffer. */
    void inflate(byte[] bytes, int offset, int count, MessageBuffer into, int maxMessageBytes) throws ViolationException {
        Inflater current = inflater;
        if (current == null) {
            current = new Inflater(true);
            inflater = current;
        }
        try {
            current.setInput(bytes, offset, count);
            insideStream = true;
            while (true) {
                into.reserve(1, maxMessageBytes + 1L); // one byte beyond the limit shows that the message is too big
                int written = current.inflate(into.array(), into.length(), into.room());
                into.wrote(written);
                if (into.length() > maxMessageBytes) {
                    throw ViolationException.of(WebSocketViolation.MESSAGE_TOO_BIG);
                }
                if (current.finished()) {
                    int rest = current.getRemaining();
                    startAnew(current);
                    if (rest == 0) {
                        return;
                    }
                    current.setInput(bytes, offset + count - rest, rest);
                    insideStream = true;
                } else if (current.needsDictionary()) {
                    throw ViolationException.of(WebSocketViolation.NOT_DEFLATE);
                } else if (current.needsInput() && into.room() > 0) {
                    return; // with room left there is no output pending
                }
            }
        } catch (DataFormatException notDeflate) {
            throw ViolationException.of(WebSocketViolation.NOT_DEFLATE);
        }
    }

    private void startAnew(Inflater current) throws ViolationException {
        current.reset();
        insideStream = false;
        if (++finalBlocks > MAX_FINAL_BLOCKS) {
            throw ViolationException.of(WebSocketViolation.TOO_MANY_FINAL_BLOCKS);
        }
    }

    /** Inflates what only the end of the message brings to light. */
    void finishMessage(MessageBuffer into, int maxMessageBytes) throws ViolationException {
        if (insideStream) {
            inflate(TAIL, 0, TAIL.length, into, maxMessageBytes);
        }
        finalBlocks = 0;
        if (!clientKeepsContext) {
            release();
        }
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
