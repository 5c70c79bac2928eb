package org.httpkit.internal.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.httpkit.internal.proxy.ProxyDecoder.Mode;
import org.httpkit.internal.proxy.ProxyDecoder.Step;
import org.httpkit.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be read from a header, and the checksum in it. */
class ProxyHeaderTest {
    private static final int CHECKSUM_AT = 16 + 12 + 5 + 3;

    @Test
    void tellsTheCommonValues() throws ProxyViolationException {
        ProxyHeader header = decode(Fixture.bytes("\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\\x21\\x00\\x00\\x12"
                + "\\x01\\x00\\x02h2\\x02\\x00\\x04a.io\\x05\\x00\\x03id1"));
        assertThat(header.alpn()).isEqualTo("h2");
        assertThat(header.authority()).isEqualTo("a.io");
        assertThat(header.isTls()).isFalse();
        assertThat(header.isVerified()).isFalse();
        assertThat(header.tlsVersion()).isNull();
        assertThat(header.tlv(0xE0)).isNull();
    }

    @Test
    void takesNoCertificateForVerifiedWithoutOne() throws ProxyViolationException {
        ProxyHeader header = decode(
                Fixture.bytes("\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\\x21\\x00\\x00\\x08\\x20\\x00\\x05\\x01{\\x00*4}"));
        assertThat(header.isTls()).isTrue();
        assertThat(header.isVerified()).isFalse();
        assertThat(header.tlsCommonName()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\x00\\x00\\x00\\x01", "\\x00\\x00\\x02\\x00", "\\x00\\x04\\x00\\x00", "\\x80\\x00\\x00\\x00"})
    void takesNoCertificateForVerifiedThatFailed(String result) throws ProxyViolationException {
        ProxyHeader header = decode(
                Fixture.bytes("\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\\x21\\x00\\x00\\x08\\x20\\x00\\x05\\x07" + result));
        assertThat(header.isVerified()).isFalse();
    }

    @Test
    void takesAValueAboutTlsNotForTls() throws ProxyViolationException {
        ProxyHeader header = decode(
                Fixture.bytes("\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\\x21\\x00\\x00\\x08\\x20\\x00\\x05\\x06{\\x00*4}"));
        assertThat(header.isTls()).isFalse();
        assertThat(header.isVerified()).isTrue();
    }

    @Test
    void acceptsTheChecksumOfTheWholeHeader() throws ProxyViolationException {
        assertThat(decode(withChecksum()).tlvs()).hasSize(3);
    }

    @Test
    void refusesAnyChangedBitUnderAChecksum() {
        byte[] whole = withChecksum();
        for (int bit = 8 * 16; bit < 8 * whole.length; bit++) {
            byte[] changed = whole.clone();
            changed[bit >> 3] ^= (byte) (1 << (bit & 7));
            boolean isType = bit >> 3 == CHECKSUM_AT - 3; // then it is no checksum any more
            if (!isType) {
                assertThatThrownBy(() -> decode(changed)).isInstanceOf(ProxyViolationException.class);
            }
        }
    }

    @Test
    void namesTheSectionOfTheRuleAndHasNoStack() {
        assertThatThrownBy(() -> decode(Fixture.bytes("PROXY TCP4 a b 1 2\\r\\n")))
                .hasMessage("An address is not one of the protocol family named (PROXY protocol section 2.1)")
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
        assertThat(ProxyViolation.INVALID_ADDRESS.section()).isEqualTo("PROXY protocol section 2.1");
        assertThat(ProxyViolation.INVALID_ADDRESS.reason())
                .isEqualTo("An address is not one of the protocol family named");
    }

    @Test
    void hasValuesThatAreEqualByTypeAndBytes() throws ProxyViolationException {
        Tlv alpn = Tlv.readAll(new byte[] {1, 0, 1, 'a'}, 0, 4).get(0);
        Tlv same = Tlv.readAll(new byte[] {9, 1, 0, 1, 'a'}, 1, 5).get(0);
        Tlv otherType = Tlv.readAll(new byte[] {2, 0, 1, 'a'}, 0, 4).get(0);
        Tlv otherValue = Tlv.readAll(new byte[] {1, 0, 1, 'b'}, 0, 4).get(0);

        assertThat(alpn).isEqualTo(same).hasSameHashCodeAs(same).hasToString("0x01 (1 bytes)");
        assertThat(alpn).isNotEqualTo(otherType).isNotEqualTo(otherValue).isNotEqualTo("a");
        assertThat(List.of(otherType.hashCode(), otherValue.hashCode())).doesNotContain(alpn.hashCode());
    }

    private static byte[] withChecksum() {
        byte[] bytes = Fixture.bytes("\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\\x21\\x11\\x00\\x1c\\xc0\\x00\\x02\\x01"
                + "\\xc6\\x33\\x64\\x07\\xdc\\x04\\x01\\xbb\\x01\\x00\\x02h2\\x03\\x00\\x04{\\x00*4}\\x02\\x00\\x01a");
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        ByteBuffer.wrap(bytes).putInt(CHECKSUM_AT, (int) sum.getValue());
        return bytes;
    }

    private static ProxyHeader decode(byte[] bytes) throws ProxyViolationException {
        ProxyDecoder decoder = new ProxyDecoder(Mode.ENABLED, 536);
        assertThat(decoder.advance(ByteBuffer.wrap(bytes))).isEqualTo(Step.HEADER);
        return decoder.header();
    }
}
