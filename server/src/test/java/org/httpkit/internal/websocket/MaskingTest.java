package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;

class MaskingTest {
    @Test
    void masksEachByteWithTheKeyByteOfItsPosition() {
        Random random = Seeds.random();
        for (int length = 0; length < 40; length++) {
            for (int offset = 0; offset < 9; offset++) {
                for (int position = 0; position < 5; position++) {
                    int key = random.nextInt();
                    byte[] bytes = new byte[offset + length + 3];
                    random.nextBytes(bytes);
                    byte[] expected = bytes.clone();
                    for (int i = 0; i < length; i++) {
                        int keyByte = key >>> (24 - 8 * ((position + i) & 3));
                        expected[offset + i] = (byte) (expected[offset + i] ^ keyByte);
                    }

                    Masking.apply(bytes, offset, length, key, position);

                    assertThat(bytes)
                            .as("length %d, offset %d, position %d", length, offset, position)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void knowsPositionsBeyondTheRangeOfAnInt() {
        byte[] bytes = new byte[4];

        Masking.apply(bytes, 0, 4, 0x01020304, (1L << 40) + 1);

        assertThat(bytes).containsExactly(2, 3, 4, 1);
    }
}
