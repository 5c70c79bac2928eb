package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.httpkit.internal.websocket.MessageDecoder.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a decoder tells of itself and of its last step, and what is left of it in the end. */
class MessageDecoderTest {
    private final MessageInflater inflater = new MessageInflater(true);
    private final MessageDecoder decoder = new MessageDecoder(10, inflater);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "82 81 00000000 07",
                "02 80 00000000 80 81 00000000 07",
                "89 80 00000000",
                "82 81 00000000 07 89 81 00000000 07"
            })
    void isBetweenMessagesBehindAWholeFrameOrMessage(String hex) throws ViolationException {
        readAll(hex);

        assertThat(decoder.isBetweenMessages()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "82",
                "82 81",
                "82 fe 00",
                "82 81 000000",
                "82 82 00000000 07",
                "02 80 00000000",
                "02 80 00000000 89 80 00000000",
                "02 81 00000000 07 80",
                "89 81 00000000",
                "88 80 00000000"
            })
    void isNotBetweenMessagesWhileAnythingIsIncompleteOrAtTheEnd(String hex) throws ViolationException {
        readAll(hex);

        assertThat(decoder.isBetweenMessages()).isFalse();
    }

    @Test
    void copiesAPayloadThatStandsInTheInput() throws ViolationException {
        ByteBuffer in = bytes("ffff 82 82 00000000 0708 ff").position(2);

        assertThat(decoder.advance(in)).isEqualTo(Step.BINARY);

        assertThat(decoder.payloadLength()).isEqualTo(2);
        assertThat(decoder.bytes()).containsExactly(7, 8).isNotSameAs(in.array());
    }

    @Test
    void givesAwayTheArrayOfAMessageThatFillsIt() throws ViolationException {
        assertThat(decoder.advance(bytes("82 82 00000000 07"))).isEqualTo(Step.NEED_INPUT);
        assertThat(decoder.advance(bytes("08"))).isEqualTo(Step.BINARY);

        assertThat(decoder.bytes()).isSameAs(decoder.bytes());
    }

    @Test
    void takesTwiceTheLimitAndOneKibibyteOfACompressedMessage() throws ViolationException {
        assertThat(decoder.advance(bytes("c2 fe 0414 00000000"))).isEqualTo(Step.NEED_INPUT);

        MessageDecoder other = new MessageDecoder(10, new MessageInflater(true));
        assertThatThrownBy(() -> other.advance(bytes("c2 fe 0415 00000000")))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(WebSocketViolation.MESSAGE_TOO_BIG));
    }

    @Test
    void readsNothingOnceItIsReleased() throws ViolationException {
        decoder.release();
        ByteBuffer in = bytes("82 81 00000000 07");

        assertThat(decoder.advance(in)).isEqualTo(Step.NEED_INPUT);
        assertThat(in.hasRemaining()).isFalse();
    }

    @Test
    void givesUpTheWindowOfItsInflaterWhenItIsReleased() throws ViolationException {
        byte[] referring = HexFormat.of().parseHex("f200110000");
        assertThat(decoder.advance(bytes("c1 87 00000000 f248cdc9c90700"))).isEqualTo(Step.TEXT);
        assertThat(inflater.inflate(referring, 0, referring.length, new MessageBuffer(), 10))
                .isNull();

        decoder.release();

        assertThat(inflater.inflate(referring, 0, referring.length, new MessageBuffer(), 10))
                .isEqualTo(WebSocketViolation.NOT_DEFLATE);
        inflater.release();
    }

    private void readAll(String hex) throws ViolationException {
        ByteBuffer in = bytes(hex);
        while (decoder.advance(in) != Step.NEED_INPUT) {
            assertThat(decoder.payloadLength()).isLessThan(2);
        }
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
