package org.httpkit.internal.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteQueueTest {

    @Test
    void growsAsBytesAreAppended() {
        ByteQueue queue = new ByteQueue(0);
        for (int i = 0; i < 1000; i++) {
            queue.append((byte) i);
        }
        queue.append(new byte[] {1, 2, 3, 4}, 1, 2);

        assertThat(queue.length()).isEqualTo(1002);
        assertThat(queue.array()[257]).isEqualTo((byte) 1);
        assertThat(queue.copyFrom(1000)).containsExactly(2, 3);
        assertThat(queue.toByteArray()).hasSize(1002);
    }

    @Test
    void keepsItsArrayWhenCleared() {
        ByteQueue queue = new ByteQueue(4);
        queue.append(new byte[100]);
        int capacity = queue.capacity();
        queue.clear();

        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.capacity()).isEqualTo(capacity);
    }

    @Test
    void truncatesToWhatItHolds() {
        ByteQueue queue = new ByteQueue(4);
        queue.appendLatin1("abcd");
        queue.truncate(2);

        assertThat(queue.toByteArray()).containsExactly('a', 'b');
        assertThatThrownBy(() -> queue.truncate(3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesToGrowWithoutBound() {
        ByteQueue queue = new ByteQueue(4);
        queue.append((byte) 0);

        assertThatThrownBy(() -> queue.ensureFree(ByteQueue.MAX_BYTES)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 99, 100, 101, 999, 1000, 12345, 1234567890123L, Long.MAX_VALUE})
    void writesDecimalDigits(long number) {
        ByteQueue queue = new ByteQueue(0);
        queue.append((byte) 'x');
        queue.appendDecimal(number);

        assertThat(text(queue)).isEqualTo("x" + number);
    }

    @Test
    void writesNoNegativeNumber() {
        assertThatThrownBy(() -> new ByteQueue(0).appendDecimal(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 15, 16, 255, 256, 0xabcdef, 0x7fffffff, 0x100000000L, Long.MAX_VALUE, -1})
    void writesHexadecimalDigits(long number) {
        ByteQueue queue = new ByteQueue(0);
        queue.append((byte) 'x');
        queue.appendHex(number);

        assertThat(text(queue)).isEqualTo("x" + Long.toHexString(number));
    }

    @Test
    void writesLatin1() {
        ByteQueue queue = new ByteQueue(0);
        queue.appendLatin1("a\u00E9\u00FF");

        assertThat(queue.toByteArray()).containsExactly('a', 0xE9, 0xFF);
    }

    private static String text(ByteQueue queue) {
        return new String(queue.array(), 0, queue.length(), StandardCharsets.US_ASCII);
    }
}
