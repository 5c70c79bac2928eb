package org.httpkit.internal.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.httpkit.internal.proxy.ProxyDecoder.Mode;
import org.junit.jupiter.api.Test;

/** What a decoder asks of its caller, and tells of itself. */
class ProxyDecoderTest {
    private final ProxyDecoder decoder = new ProxyDecoder(Mode.OPTIONAL, ProxyDecoder.LEAST_BINARY_LIMIT);

    @Test
    void takesALimitFromWhatTheProtocolAsksForToWhatItCanSay() {
        assertThatCode(() -> new ProxyDecoder(Mode.ENABLED, 536)).doesNotThrowAnyException();
        assertThatCode(() -> new ProxyDecoder(Mode.ENABLED, 65551)).doesNotThrowAnyException();
        assertThatThrownBy(() -> new ProxyDecoder(Mode.ENABLED, 535))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBinaryBytes is 535; it must be from 536 to 65551");
        assertThatThrownBy(() -> new ProxyDecoder(Mode.ENABLED, 65552)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mayEndWithoutAHeaderOnlyIfNoneIsRequired() throws ProxyViolationException {
        ProxyDecoder requiring = new ProxyDecoder(Mode.ENABLED, ProxyDecoder.LEAST_BINARY_LIMIT);
        decoder.advance(bytes("PROX"));
        requiring.advance(bytes("PROX"));

        assertThat(decoder.endsWithoutHeader()).isTrue();
        assertThat(requiring.endsWithoutHeader()).isFalse();
        decoder.advance(bytes("Y "));
        assertThat(decoder.endsWithoutHeader()).isFalse();
    }

    @Test
    void hasNoHeaderBeforeItHasFoundOne() throws ProxyViolationException {
        assertThatThrownBy(decoder::header).isInstanceOf(IllegalStateException.class);

        decoder.advance(bytes("PROXY UNKNOWN\r\n"));
        assertThat(decoder.header().version()).isEqualTo(1);
    }

    @Test
    void isNotToBeUsedBehindTheHeader() throws ProxyViolationException {
        decoder.advance(bytes("PROXY UNKNOWN\r\n"));

        assertThatThrownBy(() -> decoder.advance(bytes("G"))).isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
