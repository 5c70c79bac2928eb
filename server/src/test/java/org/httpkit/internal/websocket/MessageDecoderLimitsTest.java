package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.httpkit.internal.websocket.MessageDecoder.Step;
import org.junit.jupiter.api.Test;

class MessageDecoderLimitsTest {
    private static final byte[] EMPTY_FIRST = {0x02, (byte) 0x80, 0, 0, 0, 0};
    private static final byte[] EMPTY_NEXT = {0x00, (byte) 0x80, 0, 0, 0, 0};
    private static final byte[] ONE_BYTE_NEXT = {0x00, (byte) 0x81, 0, 0, 0, 0, 'b'};
    private static final byte[] ONE_BYTE_LAST = {(byte) 0x80, (byte) 0x81, 0, 0, 0, 0, 'c'};

    private final MessageDecoder decoder = new MessageDecoder(4 << 20, null);

    @Test
    void takesManyEmptyFragments() throws ViolationException {
        feed(EMPTY_FIRST);
        for (int i = 1; i < 1 << 16; i++) {
            feed(EMPTY_NEXT);
        }

        assertThat(decoder.advance(ByteBuffer.wrap(ONE_BYTE_LAST.clone()))).isEqualTo(Step.BINARY);
        assertThat(decoder.bytes()).containsExactly('c');
    }

    @Test
    void refusesTooManyEmptyFragments() throws ViolationException {
        feed(EMPTY_FIRST);
        for (int i = 1; i < 1 << 16; i++) {
            feed(EMPTY_NEXT);
        }

        assertThatThrownBy(() -> feed(EMPTY_NEXT))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(WebSocketViolation.TOO_MANY_EMPTY_FRAGMENTS));
    }

    @Test
    void countsEmptyFragmentsPerMessage() throws ViolationException {
        for (int message = 0; message < 3; message++) {
            feed(EMPTY_FIRST);
            for (int i = 1; i < 40_000; i++) {
                feed(EMPTY_NEXT);
            }
            assertThat(decoder.advance(ByteBuffer.wrap(ONE_BYTE_LAST.clone()))).isEqualTo(Step.BINARY);
        }
    }

    @Test
    void takesAMessageOfAMillionFragmentsOfOneByte() throws ViolationException {
        feed(EMPTY_FIRST);
        byte[] thousand = new byte[1000 * ONE_BYTE_NEXT.length];
        for (int i = 0; i < 1000; i++) {
            System.arraycopy(ONE_BYTE_NEXT, 0, thousand, i * ONE_BYTE_NEXT.length, ONE_BYTE_NEXT.length);
        }
        for (int i = 0; i < 1000; i++) {
            feed(thousand);
        }

        assertThat(decoder.advance(ByteBuffer.wrap(ONE_BYTE_LAST.clone()))).isEqualTo(Step.BINARY);
        assertThat(decoder.payloadLength()).isEqualTo(1_000_001);
        assertThat(new String(decoder.bytes(), US_ASCII)).matches("b{1000000}c");
    }

    @Test
    void makesRoomForWhatWasReceivedNotForWhatWasDeclared() {
        MessageBuffer buffer = new MessageBuffer();

        buffer.append(new byte[10], 0, 10, 4 << 20);
        assertThat(buffer.array()).hasSize(256 - 16); // with its header a power of two
        buffer.append(new byte[1000], 0, 1000, 4 << 20);
        assertThat(buffer.array()).hasSize(1010);
        buffer.append(new byte[1], 0, 1, 4 << 20);
        assertThat(buffer.array()).hasSize(2 * 1010 + 16);
    }

    @Test
    void makesNoRoomForWhatJustFits() {
        MessageBuffer buffer = new MessageBuffer();

        buffer.append(new byte[100], 0, 100, 4 << 20);
        buffer.append(new byte[140], 0, 140, 4 << 20);

        assertThat(buffer.length()).isEqualTo(240);
        assertThat(buffer.array()).hasSize(240);
    }

    @Test
    void makesNoRoomBeyondTheEndOfTheMessage() {
        MessageBuffer buffer = new MessageBuffer();

        buffer.append(new byte[1000], 0, 1000, 1500);
        buffer.append(new byte[10], 0, 10, 1500);

        assertThat(buffer.array()).hasSize(1500);
    }

    @Test
    void stopsInflatingAtTheLimit() {
        byte[] bomb = bomb(256 << 20);
        ByteBuffer frame = ByteBuffer.allocate(bomb.length + 14);
        frame.put((byte) 0xC2)
                .put((byte) 0xFF)
                .putLong(bomb.length)
                .putInt(0)
                .put(bomb)
                .flip();
        MessageInflater inflater = new MessageInflater(true);
        MessageDecoder inflating = new MessageDecoder(4 << 20, inflater);

        assertThatThrownBy(() -> inflating.advance(frame))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(WebSocketViolation.MESSAGE_TOO_BIG));
        inflating.release();
    }

    /** 4 KB that inflate to 4 MiB kept a loop busy for 12 to 18 milliseconds. */
    @Test
    void inflatesLittleAtOnceIfSomebodyElseIsToInflate() throws ViolationException {
        byte[] bomb = bomb(4 << 20);
        ByteBuffer frame = ByteBuffer.allocate(bomb.length + 8);
        frame.put((byte) 0x42)
                .put((byte) 0xFE)
                .putShort((short) bomb.length)
                .putInt(0)
                .put(bomb)
                .flip();
        MessageDecoder inflating = MessageDecoder.forLoop(4 << 20, new MessageInflater(true));

        assertThat(inflating.advance(frame)).isEqualTo(Step.INFLATE);

        assertThat(inflating.heldBytes()).isLessThan(2L * 16 * 1024 + bomb.length);
        for (long held = inflating.heldBytes(); inflating.inflateMore(); held = inflating.heldBytes()) {
            assertThat(inflating.advance(frame)).isEqualTo(Step.INFLATE);
            assertThat(inflating.heldBytes()).isLessThanOrEqualTo(2 * held + (1 << 19));
        }
        assertThat(inflating.advance(frame)).isEqualTo(Step.NEED_INPUT);
        assertThat(inflating.heldBytes()).isGreaterThanOrEqualTo(4 << 20);
        inflating.release();
    }

    @Test
    void inflatesAnOrdinaryMessageAtOnce() throws ViolationException {
        StringBuilder numbers = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            numbers.append(i * i % 7919);
        }
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(numbers.toString().getBytes(StandardCharsets.US_ASCII));
        byte[] out = new byte[20_000];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        byte[] message = Arrays.copyOf(out, length - 4);
        ByteBuffer frame = ByteBuffer.allocate(message.length + 8);
        frame.put((byte) 0xC2)
                .put((byte) 0xFE)
                .putShort((short) message.length)
                .putInt(0)
                .put(message)
                .flip();
        MessageDecoder inflating = MessageDecoder.forLoop(4 << 20, new MessageInflater(true));

        assertThat(inflating.advance(frame)).isEqualTo(Step.BINARY);
        inflating.release();
    }

    @Test
    void inflatesNoMoreThanOneByteBeyondTheLimit() {
        byte[] bomb = bomb(1 << 20);
        MessageBuffer into = new MessageBuffer();
        MessageInflater inflater = new MessageInflater(true);

        assertThat(inflater.inflate(bomb, 0, bomb.length, into, 5000)).isEqualTo(WebSocketViolation.MESSAGE_TOO_BIG);

        assertThat(into.length()).isEqualTo(5001);
        assertThat(into.array()).hasSize(5001);
        inflater.release();
    }

    @Test
    void ignoresAllInputAfterAViolation() throws ViolationException {
        assertThatThrownBy(() -> feed(new byte[] {(byte) 0x83})).isInstanceOf(ViolationException.class);

        feed(new byte[] {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0});
    }

    @Test
    void holdsNoPayloadOnceInputIsNeeded() throws ViolationException {
        ByteBuffer in = ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, 7});
        assertThat(decoder.advance(in)).isEqualTo(Step.BINARY);
        assertThat(decoder.bytes()).containsExactly(7);

        assertThat(decoder.advance(in)).isEqualTo(Step.NEED_INPUT);
        assertThat(decoder.bytes()).isEmpty();
    }

    @Test
    void handsOutAWholeMessageItCollectedWithoutCopying() throws ViolationException {
        feed(new byte[] {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 7});
        assertThat(decoder.advance(ByteBuffer.wrap(new byte[] {8}))).isEqualTo(Step.BINARY);

        byte[] kept = decoder.bytes();
        feed(new byte[] {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 9});
        assertThat(kept).containsExactly(7, 8);
    }

    @Test
    void allocatesNothingForABinaryMessageInOneRead() throws ViolationException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer in = ByteBuffer.allocate(40);
        in.put(0, (byte) 0x82).put(1, (byte) 0xA2).put(2, (byte) 1);
        threads.getCurrentThreadAllocatedBytes();

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            in.position(0);
            if (decoder.advance(in) != Step.BINARY || decoder.advance(in) != Step.NEED_INPUT) {
                throw new AssertionError("not a message");
            }
        }

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    @Test
    void throwsViolationsWithoutStackTrace() {
        ViolationException exception = ViolationException.of(WebSocketViolation.NOT_MASKED);

        assertThat(exception.getStackTrace()).isEmpty();
        assertThat(exception).isSameAs(ViolationException.of(WebSocketViolation.NOT_MASKED));
        assertThat(exception).hasMessage("Frame not masked (RFC 6455 section 5.1)");
    }

    private void feed(byte[] bytes) throws ViolationException {
        assertThat(decoder.advance(ByteBuffer.wrap(bytes.clone())) == Step.NEED_INPUT)
                .isTrue();
    }

    private static byte[] bomb(int inflatedLength) {
        Deflater deflater = new Deflater(9, true);
        byte[] zeros = new byte[1 << 20];
        byte[] out = new byte[inflatedLength / 900 + 1000];
        int length = 0;
        for (int done = 0; done < inflatedLength; done += zeros.length) {
            deflater.setInput(zeros);
            length += deflater.deflate(out, length, out.length - length, Deflater.NO_FLUSH);
        }
        length += deflater.deflate(out, length, out.length - length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }
}
