package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.http.Headers;
import org.httpkit.internal.connection.Http2Body.State;
import org.httpkit.internal.exchange.StreamedBody;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.Http2ViolationException;
import org.junit.jupiter.api.Test;

/** How a body comes in frames, and which credit its client gets. */
final class Http2BodyTest {
    private int wakeUps;

    private static RequestHead head(long length) {
        String field = length < 0 ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n";
        return RequestHead.of(("POST / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static Http2Body collected(long length, long maxBytes) {
        return Http2Body.collected(head(length), maxBytes, 0);
    }

    private StreamedBody reader() {
        return new StreamedBody(
                new ReentrantLock(), () -> wakeUps++, () -> {}, wait -> {}, -1, Long.MAX_VALUE, Headers.empty(), false);
    }

    /** A frame of DATA with that much content; returns the credit. */
    private static int frame(Http2Body body, int bytes) throws Http2ViolationException {
        body.frame(bytes, bytes);
        body.piece(new byte[bytes + 1], 1, bytes);
        return body.frameEnded(bytes);
    }

    @Test
    void collectsTheContentOfItsFrames() throws Exception {
        Http2Body body = collected(-1, 100);
        body.frame(3, 2);
        body.piece(new byte[] {0, 7, 8, 0}, 1, 2);
        body.frameEnded(3);

        assertThat(body.bytes()).containsExactly(7, 8);
        assertThat(body.receivedBytes()).isEqualTo(2);
        assertThat(body.heldBytes()).isGreaterThanOrEqualTo(2);
        assertThat(body.state()).isEqualTo(State.COLLECTING);
        assertThat(body.isReaderWaiting()).isFalse();
    }

    @Test
    void isTooLargeFromOneByteAboveTheLimitOn() throws Exception {
        Http2Body body = collected(-1, 10);
        frame(body, 10);
        assertThat(body.isTooLarge()).isFalse();
        frame(body, 1);
        assertThat(body.isTooLarge()).isTrue();
    }

    @Test
    void hasTheAnnouncedLengthOrBreaksARule() throws Exception {
        Http2Body body = collected(10, 100);
        frame(body, 9);
        assertThatThrownBy(body::end).isInstanceOf(Http2ViolationException.class);
        frame(body, 1);
        body.end();
        assertThatThrownBy(() -> frame(body, 1)).isInstanceOf(Http2ViolationException.class);
    }

    @Test
    void creditsHalfAWindowAtATime() throws Exception {
        Http2Body body = collected(-1, 1 << 20);

        assertThat(frame(body, 16_384)).isZero();
        assertThat(frame(body, 16_382)).isZero();
        assertThat(frame(body, 1)).isEqualTo(32_767);
        assertThat(frame(body, 16_384)).isZero();
        assertThat(frame(body, 16_384)).isEqualTo(32_768);
    }

    @Test
    void refusesMoreThanTheWindow() throws Exception {
        Http2Body body = Http2Body.streamed(head(-1), reader(), 0);
        for (int i = 0; i < 3; i++) {
            body.frame(16_384, 16_384);
        }
        body.frame(16_383, 16_383);

        assertThatThrownBy(() -> body.frame(1, 1)).isInstanceOf(Http2ViolationException.class);
    }

    @Test
    void widensTheWindowForALongBody() throws Exception {
        Http2Body body = collected(100_000, 1 << 20);
        assertThat(body.widen()).isEqualTo(100_000 - 65_535);
        for (int i = 0; i < 6; i++) {
            body.frame(16_384, 16_384);
        }
        body.frame(1_696, 1_696);

        assertThat(collected(10_000_000, 1 << 24).widen()).isEqualTo((1 << 20) - 65_535);
        assertThat(collected(65_535, 1 << 20).widen()).isZero();
        assertThat(collected(-1, 1 << 20).widen()).isZero();
        assertThat(Http2Body.streamed(head(100_000), reader(), 0).widen()).isZero();
    }

    @Test
    void creditsAReaderAsItTakesWhatHasCome() throws Exception {
        StreamedBody reader = reader();
        Http2Body body = Http2Body.streamed(head(-1), reader, 0);
        assertThat(body.state()).isEqualTo(State.STREAMING);
        assertThat(frame(body, 16_384)).isZero();
        assertThat(frame(body, 16_384)).isEqualTo(32_768);
        assertThat(frame(body, 16_384)).isZero();
        assertThat(frame(body, 16_384)).isZero(); // the reader has enough
        assertThat(body.heldBytes()).isGreaterThanOrEqualTo(65_536);

        reader.readNBytes(65_536);

        assertThat(wakeUps).isEqualTo(1);
        assertThat(body.readerTook()).isEqualTo(32_768);
    }

    @Test
    void completesTheBodyOfItsReader() throws Exception {
        StreamedBody reader = reader();
        Http2Body body = Http2Body.streamed(head(-1), reader, 0);
        frame(body, 3);
        body.endStreamed(Headers.of("A", "b"));

        assertThat(reader.readAllBytes()).hasSize(3);
        assertThat(body.bytes()).isEmpty();
    }

    @Test
    void failsTheBodyOfItsReader() throws Exception {
        StreamedBody reader = reader();
        Http2Body body = Http2Body.streamed(head(-1), reader, 0);
        body.fail(new IOException("gone"));
        frame(body, 3);
        body.endStreamed(Headers.empty());

        assertThatThrownBy(reader::readAllBytes).hasMessage("gone");
        assertThat(body.state()).isEqualTo(State.DISCARDING);
        assertThat(body.heldBytes()).isZero();
        assertThat(body.isReaderWaiting()).isFalse();
    }

    @Test
    void dropsTheRestOfABodyWithoutCredit() throws Exception {
        StreamedBody reader = reader();
        Http2Body body = Http2Body.streamed(head(-1), reader, 0);
        frame(body, 16_384);
        body.discard();

        assertThat(frame(body, 16_384)).isZero();
        assertThat(frame(body, 16_384)).isZero();
        assertThat(body.heldBytes()).isZero();
        assertThatThrownBy(reader::readAllBytes).hasMessageContaining("has been answered");
        Http2Body unread = collected(-1, 100);
        unread.discard();
        frame(unread, 5);
        assertThat(unread.isTooLarge()).isFalse();
        assertThat(unread.bytes()).isEmpty();
    }
}
