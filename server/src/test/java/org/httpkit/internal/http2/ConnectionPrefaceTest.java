package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.internal.http2.ConnectionPreface.Match;
import org.httpkit.testing.Splits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionPrefaceTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final ConnectionPreface preface = new ConnectionPreface();

    @Test
    void recognizesThePrefaceAtAnySplit() {
        for (List<byte[]> pieces : Splits.of(bytes(PREFACE), 9113)) {
            ConnectionPreface fresh = new ConnectionPreface();
            Match match = Match.NEED_INPUT;
            for (byte[] piece : pieces) {
                assertThat(match).isEqualTo(Match.NEED_INPUT);
                ByteBuffer in = ByteBuffer.wrap(piece);
                match = fresh.advance(in);
                assertThat(in.hasRemaining()).isFalse();
            }
            assertThat(match).isEqualTo(Match.COMPLETE);
        }
    }

    @Test
    void leavesWhatComesBehind() {
        ByteBuffer in = ByteBuffer.wrap(bytes(PREFACE + "more"));

        assertThat(preface.advance(in)).isEqualTo(Match.COMPLETE);
        assertThat(in.remaining()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "POST", "PRI * HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nXX"})
    void leavesTheFirstByteThatIsAnotherAndHandsBackTheOthers(String text) {
        for (List<byte[]> pieces : Splits.of(bytes(text), 9113)) {
            ConnectionPreface fresh = new ConnectionPreface();
            StringBuilder handedBack = new StringBuilder();
            Match match = Match.NEED_INPUT;
            for (byte[] piece : pieces) {
                ByteBuffer in = ByteBuffer.wrap(piece);
                if (match == Match.NEED_INPUT) {
                    match = fresh.advance(in);
                    if (match == Match.OTHER) {
                        handedBack.append(new String(fresh.matched(), StandardCharsets.ISO_8859_1));
                    }
                }
                handedBack.append(StandardCharsets.ISO_8859_1.decode(in));
            }
            assertThat(match).isEqualTo(Match.OTHER);
            assertThat(handedBack).hasToString(text);
        }
    }

    @Test
    void saysWhatIsWrongWithAnother() {
        assertThat(ConnectionPreface.violation()).isEqualTo(Http2Violation.INVALID_PREFACE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
