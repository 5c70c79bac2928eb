package org.httpkit.internal.connection;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Input that came before it could be used: a buffer of the connection's own, since the loop's is needed for others. */
final class WaitingInput {

    private WaitingInput() {}

    /** What waits and what came now, in one buffer; what waits itself if that is what came. */
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
