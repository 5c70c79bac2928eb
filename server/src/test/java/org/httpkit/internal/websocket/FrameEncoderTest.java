package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.httpkit.internal.bytes.ByteQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEncoderTest {
    @Test
    void writesTheExampleOfTheStandard() {
        assertThat(hex(FrameEncoder.text("Hello"))).isEqualTo("81 05 48 65 6c 6c 6f");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 82 00",
        "125, 82 7d",
        "126, 82 7e 00 7e",
        "65535, 82 7e ff ff",
        "65536, 82 7f 00 00 00 00 00 01 00 00"
    })
    void writesEachLengthInItsShortestForm(int length, String head) {
        byte[] payload = new byte[length + 2];
        Arrays.fill(payload, (byte) 7);

        byte[] frame = FrameEncoder.binary(payload, 1, length);

        int headLength = frame.length - length;
        assertThat(hex(Arrays.copyOf(frame, headLength))).isEqualTo(head);
        assertThat(Arrays.copyOfRange(frame, headLength, frame.length))
                .isEqualTo(Arrays.copyOfRange(payload, 1, 1 + length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 125, 126, 65_535, 65_536})
    void appendsTheSameFrameBehindWhatWasGathered(int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 'x');
        ByteQueue gathered = new ByteQueue(1);
        gathered.append((byte) 9);

        FrameEncoder.append(gathered, Opcode.TEXT, payload);

        assertThat(gathered.array()[0]).isEqualTo((byte) 9);
        assertThat(gathered.copyFrom(1)).isEqualTo(FrameEncoder.message(Opcode.TEXT, payload));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "f\u00fcr", "\u20ac", "\u65e5\u672c\u8a9e", "a\ud83d\ude00b", "\u0000", "\u0141A"})
    void writesTextAsUtf8(String text) {
        byte[] frame = FrameEncoder.text(text);

        assertThat(frame[0]).isEqualTo((byte) 0x81);
        assertThat(new String(frame, 2, frame.length - 2, UTF_8)).isEqualTo(text);
        assertThat((int) frame[1]).isEqualTo(frame.length - 2);
    }

    @Test
    void writesAnUnpairedSurrogateAsAQuestionMark() {
        assertThat(hex(FrameEncoder.text("a\ud83db"))).isEqualTo("81 03 61 3f 62");
    }

    @Test
    void leavesTheCallersBufferAsItIs() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        buffer.put(2, (byte) 5).put(3, (byte) 6).position(2).limit(4);

        assertThat(hex(FrameEncoder.binary(buffer))).isEqualTo("82 02 05 06");
        assertThat(buffer.position()).isEqualTo(2);
        assertThat(buffer.limit()).isEqualTo(4);
    }

    @Test
    void writesAMessageInFragments() {
        byte[] bytes = {1, 2, 3};

        assertThat(hex(FrameEncoder.fragment(Opcode.BINARY, false, bytes, 0, 1)))
                .isEqualTo("02 01 01");
        assertThat(hex(FrameEncoder.fragment(Opcode.CONTINUATION, false, bytes, 1, 1)))
                .isEqualTo("00 01 02");
        assertThat(hex(FrameEncoder.fragment(Opcode.CONTINUATION, true, bytes, 2, 1)))
                .isEqualTo("80 01 03");
    }

    @Test
    void refusesAControlFrameAsAFragment() {
        assertThatThrownBy(() -> FrameEncoder.fragment(Opcode.PING, true, new byte[0], 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesPingsAndPongs() {
        assertThat(hex(FrameEncoder.ping(new byte[] {9, 8}, 1, 1))).isEqualTo("89 01 08");
        assertThat(hex(FrameEncoder.pong(new byte[125], 0, 125))).startsWith("8a 7d 00");
    }

    @Test
    void refusesAPingOfMoreThan125Bytes() {
        assertThatThrownBy(() -> FrameEncoder.ping(new byte[126], 0, 126))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("126 bytes; 0 to 125 are allowed");
    }

    @Test
    void writesCloseFrames() {
        assertThat(hex(FrameEncoder.close(new ClosePayload(1000, "")))).isEqualTo("88 02 03 e8");
        assertThat(hex(FrameEncoder.close(new ClosePayload(4999, "ab")))).isEqualTo("88 04 13 87 61 62");
        assertThat(hex(FrameEncoder.close(ClosePayload.EMPTY))).isEqualTo("88 00");
    }

    @Test
    void cutsACloseReasonBetweenCharacters() {
        assertThat(reasonOf("a".repeat(123))).isEqualTo("a".repeat(123));
        assertThat(reasonOf("a".repeat(124))).isEqualTo("a".repeat(123));
        assertThat(reasonOf("a".repeat(122) + "\u20ac")).isEqualTo("a".repeat(122));
        assertThat(reasonOf("a".repeat(121) + "\ud83d\ude00")).isEqualTo("a".repeat(121));
        assertThat(reasonOf("a".repeat(119) + "\ud83d\ude00x")).isEqualTo("a".repeat(119) + "\ud83d\ude00");
    }

    @Test
    void hasAReasonThatFitsForEachViolation() {
        for (WebSocketViolation violation : WebSocketViolation.values()) {
            assertThat(violation.reason()).matches("\\p{ASCII}{1,123}");
            assertThat(violation.rule()).matches("RFC \\d{4} section [\\d.]+");
            assertThat(FrameEncoder.close(new ClosePayload(violation.closeCode(), violation.reason())))
                    .hasSize(4 + violation.reason().length());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1004, 1006, 1015, 2000})
    void refusesACloseCodeThatMayNotBeSent(int code) {
        assertThatThrownBy(() -> FrameEncoder.close(new ClosePayload(code, "")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String reasonOf(String reason) {
        byte[] frame = FrameEncoder.close(new ClosePayload(1000, reason));
        return new String(frame, 4, frame.length - 4, UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }
}
