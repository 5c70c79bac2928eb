package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.http.Headers;
import org.junit.jupiter.api.Test;

/** When the loop is to leave the socket alone, and when it hears that it may go on. */
class StreamedBodyTest {
    private static final byte[] BYTES = new byte[64 * 1024];

    private int wakeUps;
    private final StreamedBody body = new StreamedBody(
            new ReentrantLock(), () -> wakeUps++, () -> {}, wait -> {}, -1, Long.MAX_VALUE, Headers.empty(), false);

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

    @Test
    void whatWasDroppedIsNoEnd() throws Exception {
        body.offer(BYTES, 0, 1000);
        body.readNBytes(1000);
        body.discard();

        assertThatIOException().isThrownBy(body::read).withMessageContaining("answered");
        assertThatIOException().isThrownBy(body::bytes);
        assertThatIOException().isThrownBy(body::text);
    }

    @Test
    void whatWasDroppedOfACompleteBodyIsNoEndEither() {
        body.offer(BYTES, 0, 1000);
        body.end(Headers.empty());
        body.discard();

        assertThatIOException().isThrownBy(body::read).withMessageContaining("answered");
    }

    @Test
    void aBodyThatWasReadToItsEndStaysAtItsEnd() throws Exception {
        body.offer(BYTES, 0, 1000);
        body.end(Headers.empty());
        body.readAllBytes();
        body.discard();

        assertThat(body.read()).isEqualTo(-1);
        assertThat(body.bytes()).isEmpty();
    }

    @Test
    void wakesAReaderWhenTheRestIsDropped() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<Integer> reading = new FutureTask<>(() -> {
            begun.countDown();
            return body.read();
        });
        Thread reader = new Thread(reading);
        reader.start();
        begun.await();
        while (!body.wantsMore()) {
            Thread.onSpinWait();
        }
        body.discard();

        assertThatThrownBy(() -> reading.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        reader.join();
    }

    @Test
    void holdsNothingAtRest() throws Exception {
        body.offer(BYTES, 0, 1000);
        assertThat(body.rest()).as("something waits").isFalse();

        body.readNBytes(1000);
        assertThat(body.heldBytes()).isPositive();
        assertThat(body.rest()).isTrue();
        assertThat(body.heldBytes()).isZero();
        assertThat(body.rest()).isFalse();

        body.offer(BYTES, 0, 10);
        assertThat(body.readNBytes(10)).hasSize(10);
    }
}
