package org.httpkit.internal.connection;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps input that came before it could be used, in a buffer for the connection alone, since other connections need the
 * loop's.
 */
final class WaitingInput {

    private WaitingInput() {}

    /** Returns the waiting and the new input in one buffer; the waiting buffer itself if it is the input. */
    @SuppressWarnings("ReferenceEquality") // whether it is the kept buffer itself
    static ByteBuffer join(@Nullable ByteBuffer waiting, ByteBuffer input) {
        if (input == waiting) {
            return input;
        }
        int before = waiting == null ? 0 : waiting.remaining();
        ByteBuffer joined = ByteBuffer.allocate(before + input.remaining());
        if (waiting != null) {
            joined.put(waiting);
        }
        return joined.put(input).flip();
    }
}
