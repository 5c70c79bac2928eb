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
        if (waiting == null) {
            return ByteBuffer.allocate(input.remaining()).put(input).flip();
        }
        ByteBuffer joined = withRoom(waiting, input.remaining());
        int start = joined.position();
        int end = joined.limit();
        return joined.limit(end + input.remaining()).position(end).put(input).position(start);
    }

    /** Returns a buffer with room behind its limit; a new one twice as large, so that many small pieces cost few copies. */
    private static ByteBuffer withRoom(ByteBuffer waiting, int bytes) {
        if (waiting.capacity() - waiting.limit() >= bytes) {
            return waiting;
        }
        int before = waiting.remaining();
        return ByteBuffer.allocate(Math.max(before + bytes, 2 * before))
                .put(waiting)
                .flip();
    }
}
