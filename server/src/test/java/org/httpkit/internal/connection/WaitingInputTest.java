package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Input that is kept because it came too early. */
final class WaitingInputTest {
    private static ByteBuffer ascii(String text) {
        return StandardCharsets.US_ASCII.encode(text);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes.duplicate()).toString();
    }

    @Test
    void joinsWhatIsLeftOfTheWaitingInputAndAllOfTheNew() {
        ByteBuffer waiting = WaitingInput.join(null, ascii("abc"));
        waiting.get();
        ByteBuffer more = ascii("-de").position(1);
        ByteBuffer joined = WaitingInput.join(waiting, more);

        assertThat(text(joined)).isEqualTo("bcde");
        assertThat(more.hasRemaining()).isFalse();
        joined.get();
        assertThat(text(WaitingInput.join(joined, ascii("f")))).isEqualTo("cdef");
        assertThat(WaitingInput.join(joined, joined)).isSameAs(joined);
    }

    @Test
    void leavesTheInputToItsOwner() {
        byte[] loops = {1, 2, 3};
        ByteBuffer waiting = WaitingInput.join(null, ByteBuffer.wrap(loops));
        loops[0] = 9;

        assertThat(waiting).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void copiesTheWaitingInputSeldomHoweverSmallThePiecesAre() {
        @Nullable ByteBuffer waiting = null;
        int buffers = 0;
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer joined = WaitingInput.join(waiting, ByteBuffer.wrap(new byte[] {(byte) i}));
            buffers += joined == waiting ? 0 : 1;
            waiting = joined;
        }

        assertThat(buffers).isLessThan(20);
        assertThat(waiting.remaining()).isEqualTo(20_000);
        for (int i = 0; i < 20_000; i++) {
            assertThat(waiting.get()).isEqualTo((byte) i);
        }
    }
}
