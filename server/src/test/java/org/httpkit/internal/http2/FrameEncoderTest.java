package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.httpkit.internal.bytes.ByteQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what the documents' notation writes. */
class FrameEncoderTest {
    private final ByteQueue out = new ByteQueue(4);

    @Test
    void writesSettings() {
        FrameEncoder.settings(
                out,
                Settings.MAX_CONCURRENT_STREAMS,
                100,
                Settings.INITIAL_WINDOW_SIZE,
                1 << 20,
                Settings.ENABLE_CONNECT_PROTOCOL,
                1);
        FrameEncoder.settings(out);
        FrameEncoder.settingsAck(out);

        assertWritten(
                "SETTINGS MAX_CONCURRENT_STREAMS=100 INITIAL_WINDOW_SIZE=1048576 ENABLE_CONNECT_PROTOCOL=1",
                "SETTINGS",
                "SETTINGS ACK");
        assertThatThrownBy(() -> FrameEncoder.settings(out, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesPings() {
        FrameEncoder.ping(out, 0x0102030405060708L);
        FrameEncoder.pingAck(out, 0xFEDCBA9876543210L);

        assertWritten("PING 0102030405060708", "PING ACK FEDCBA9876543210");
    }

    @Test
    void writesTheEndsOfStreamsAndConnections() {
        FrameEncoder.rstStream(out, 0x01020304, ErrorCode.CANCEL);
        FrameEncoder.goAway(out, Integer.MAX_VALUE, ErrorCode.ENHANCE_YOUR_CALM, "calm");

        assertWritten(
                "RST_STREAM stream=16909060 code=CANCEL", "GOAWAY u31=2147483647 code=ENHANCE_YOUR_CALM \"calm\"");
    }

    @Test
    void writesCredit() {
        FrameEncoder.windowUpdate(out, 0, 1);
        FrameEncoder.windowUpdate(out, 5, Integer.MAX_VALUE);

        assertWritten("WINDOW_UPDATE u31=1", "WINDOW_UPDATE stream=5 u31=2147483647");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void writesNoCreditOfNothing(int increment) {
        assertThatThrownBy(() -> FrameEncoder.windowUpdate(out, 1, increment))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesTheHeadOfData() {
        FrameEncoder.dataHead(out, 3, 0x010203, false);
        assertWritten("DATA stream=3 length=66051");
        out.clear();
        FrameEncoder.dataHead(out, 3, 0, true);
        assertWritten("DATA stream=3 END_STREAM");
    }

    @Test
    void writesAFieldBlockInOneFrame() {
        int begin = FrameEncoder.beginHeaders(out);
        out.append(new byte[] {1, 2, 3});
        FrameEncoder.endHeaders(out, begin, 7, true, 3);
        begin = FrameEncoder.beginHeaders(out);
        FrameEncoder.endHeaders(out, begin, 9, false, 3);

        assertWritten("HEADERS stream=7 END_STREAM END_HEADERS 010203", "HEADERS stream=9 END_HEADERS");
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "6, 1", "7, 2", "9, 2"})
    void dividesALongFieldBlock(int length, int continuations) {
        FrameEncoder.pingAck(out, 0);
        int begin = FrameEncoder.beginHeaders(out);
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < length; i++) {
            out.append((byte) i);
            hex.append(HexFormat.of().toHexDigits((byte) i));
        }
        FrameEncoder.endHeaders(out, begin, 7, true, 3);

        String[] expected = new String[continuations + 2];
        expected[0] = "PING ACK 0000000000000000";
        expected[1] = "HEADERS stream=7 END_STREAM " + hex.substring(0, 6);
        for (int i = 1; i <= continuations; i++) {
            expected[i + 1] = "CONTINUATION stream=7 " + (i == continuations ? "END_HEADERS " : "")
                    + hex.substring(6 * i, Math.min(hex.length(), 6 * i + 6));
        }
        assertWritten(expected);
    }

    private void assertWritten(String... frames) {
        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .isEqualTo(HexFormat.of().formatHex(FrameNotation.bytes(frames)));
    }

    @Test
    void putsASizeUpdateInFrontOfAFieldBlock() {
        int begin = FrameEncoder.beginHeaders(out);
        out.append(new byte[] {1, 2, 3, 4, 5});
        FrameEncoder.endHeaders(out, begin, 7, true, 3);
        byte[] longer = FrameEncoder.withSizeUpdate(out.array(), out.length());

        assertThat(FrameEncoder.hasSizeUpdate(out.array())).isFalse();
        assertThat(FrameEncoder.hasSizeUpdate(longer)).isTrue();
        assertThat(longer)
                .isEqualTo(FrameNotation.bytes(
                        "HEADERS END_STREAM stream=7 20010203", "CONTINUATION END_HEADERS stream=7 0405"));
    }
}
