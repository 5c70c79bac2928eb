package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.RequestDecoder.Step;
import org.junit.jupiter.api.Test;

class DecoderPoolTest {
    private static final HeadLimits NARROW = new HeadLimits(32, 64, 3);

    private final DecoderPool scratch = new DecoderPool();

    @Test
    void lendsTheDecoderAgainThatWasGivenBack() {
        RequestDecoder decoder = scratch.borrowDecoder(HeadLimits.DEFAULT);
        RequestDecoder other = scratch.borrowDecoder(HeadLimits.DEFAULT);
        assertThat(other).isNotSameAs(decoder);

        scratch.giveBack(decoder);

        assertThat(scratch.borrowDecoder(HeadLimits.DEFAULT)).isSameAs(decoder);
        assertThat(scratch.borrowDecoder(HeadLimits.DEFAULT)).isNotSameAs(decoder);
    }

    @Test
    void lendsItWithTheLimitsOfWhoBorrowsIt() throws ViolationException {
        ByteBuffer longer = buffer("GET /" + "a".repeat(32) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        RequestDecoder decoder = scratch.borrowDecoder(HeadLimits.DEFAULT);
        assertThat(decoder.advance(longer)).isEqualTo(Step.HEAD);
        assertThat(decoder.advance(longer)).isEqualTo(Step.END);
        scratch.giveBack(decoder);

        assertThatThrownBy(() -> scratch.borrowDecoder(NARROW).advance(longer.rewind()))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(Violation.REQUEST_LINE_TOO_LONG));
    }

    @Test
    void lendsItWithoutTheHeadThatItRead() throws ViolationException {
        ByteBuffer in = buffer("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        RequestDecoder decoder = scratch.borrowDecoder(HeadLimits.DEFAULT);
        decoder.advance(in);
        decoder.advance(in);

        scratch.giveBack(decoder);

        assertThatThrownBy(decoder::head).isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
