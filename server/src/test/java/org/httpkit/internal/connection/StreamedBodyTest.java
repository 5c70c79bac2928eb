package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** When the loop is to leave the socket alone, and when it hears that it may go on. */
class StreamedBodyTest {
    private static final byte[] BYTES = new byte[64 * 1024];

    private int wakeUps;
    private final StreamedBody body =
            new StreamedBody(new ReentrantLock(), () -> wakeUps++, () -> {}, -1, StandardCharsets.UTF_8, false);

    @Test
    void holdsTheLoopFrom64KiBOn() {
        assertThat(body.offer(BYTES, 0, BYTES.length - 1)).isTrue();
        assertThat(body.offer(BYTES, 0, 1)).isFalse();
    }

    @Test
    void wakesTheLoopOnceWhenHalfIsRead() throws Exception {
        body.offer(BYTES, 0, BYTES.length);

        body.readNBytes(BYTES.length / 2);
        assertThat(wakeUps).isZero();
        body.readNBytes(2);
        assertThat(wakeUps).isEqualTo(1);
        assertThat(body.offer(BYTES, 0, 1)).isTrue();
    }

    /** The loop has stopped reading the socket by then: who else would have it go on? */
    @Test
    void wakesALoopThatHasOfferedMoreSinceItWasHeld() throws Exception {
        body.offer(BYTES, 0, BYTES.length);
        body.readNBytes(20_000);

        assertThat(body.offer(BYTES, 0, 1000)).as("still held").isFalse();
        body.readNBytes(body.available());
        assertThat(wakeUps).isEqualTo(1);
    }
}
