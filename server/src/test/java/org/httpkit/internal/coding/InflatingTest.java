package org.httpkit.internal.coding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.httpkit.internal.coding.Inflating.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InflatingTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

    /** Gives a few bytes at a time, as a network does. */
    private static InputStream cut(byte[] bytes, int most) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int count) {
                return super.read(target, offset, Math.min(count, most));
            }
        };
    }

    private static byte[] decoded(byte[] coded, Format format, int most) throws IOException {
        try (InputStream in = new Inflating(cut(coded, most), format)) {
            byte[] all = in.readAllBytes();
            assertThat(in.read()).isEqualTo(-1);
            return all;
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(coded)) {
            out.write(content);
        }
        return coded.toByteArray();
    }

    private static byte[] zlib(byte[] content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(coded)) {
            out.write(content);
        }
        return coded.toByteArray();
    }

    @Test
    void readsWhatTheLibraryMakesHoweverItIsCut() throws IOException {
        Random random = new Random(1950);
        for (int round = 0; round < 60; round++) {
            byte[] content = new byte[random.nextInt(60_000)];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) random.nextInt(round % 2 == 0 ? 3 : 256);
            }
            for (int most : new int[] {1, 7, 100_000}) {
                assertThat(decoded(gzip(content), Format.GZIP, most)).isEqualTo(content);
                assertThat(decoded(zlib(content), Format.ZLIB, most)).isEqualTo(content);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void readsSeveralMembersAsOne(int most) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        coded.write(gzip(HELLO));
        coded.write(gzip(new byte[0]));
        coded.write(gzip(HELLO));

        assertThat(decoded(coded.toByteArray(), Format.GZIP, most))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("hellohello");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000})
    void passesByWhatAHeadMayHave(int most) throws IOException {
        byte[] plain = gzip(HELLO);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        coded.write(new byte[] {0x1f, (byte) 0x8b, 8, 1 + 2 + 4 + 8 + 16, 1, 2, 3, 4, 5, 6});
        coded.write(new byte[] {3, 0, 'a', 'b', 'c'});
        coded.write("a name\0a comment\0".getBytes(StandardCharsets.US_ASCII));
        CRC32 checksum = new CRC32();
        checksum.update(coded.toByteArray());
        coded.write((int) checksum.getValue());
        coded.write((int) checksum.getValue() >>> 8);
        coded.write(plain, 10, plain.length - 10);

        assertThat(decoded(coded.toByteArray(), Format.GZIP, most)).isEqualTo(HELLO);
        byte[] damaged = coded.toByteArray();
        damaged[5] ^= 1;
        assertThatThrownBy(() -> decoded(damaged, Format.GZIP, most)).hasMessageContaining("head of gzip is damaged");
    }

    @Test
    void refusesWhatIsNotWhole() throws IOException {
        for (Format format : Format.values()) {
            byte[] coded = format == Format.GZIP ? gzip(HELLO) : zlib(HELLO);
            for (int length = 0; length < coded.length; length++) {
                byte[] part = Arrays.copyOf(coded, length);
                assertThatThrownBy(() -> decoded(part, format, 1000))
                        .as("%s, %s bytes", format, length)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void refusesWhatIsDamagedOrGoesOn() throws IOException {
        for (Format format : Format.values()) {
            byte[] coded = format == Format.GZIP ? gzip(HELLO) : zlib(HELLO);
            byte[] longer = Arrays.copyOf(coded, coded.length + 1);
            byte[] wrongChecksum = coded.clone();
            wrongChecksum[coded.length - 8 + (format == Format.ZLIB ? 4 : 0)] ^= 1;
            byte[] wrongEnd = coded.clone();
            wrongEnd[coded.length - 1] ^= 1;
            for (byte[] broken : new byte[][] {longer, wrongChecksum, wrongEnd, HELLO}) {
                assertThatThrownBy(() -> decoded(broken, format, 1000))
                        .as("%s", format)
                        .isInstanceOf(IOException.class);
            }
        }
        byte[] unknownFlag = gzip(HELLO);
        unknownFlag[3] = 0x20;
        assertThatThrownBy(() -> decoded(unknownFlag, Format.GZIP, 1000)).hasMessageContaining("flags");
    }

    @Test
    void refusesANameWithoutAnEnd() {
        byte[] coded = new byte[100_000];
        Arrays.fill(coded, (byte) 'n');
        System.arraycopy(new byte[] {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0}, 0, coded, 0, 10);

        assertThatThrownBy(() -> decoded(coded, Format.GZIP, 1000)).hasMessageContaining("longer than");
    }

    /** Each byte of damage leads to an exception or to the same bytes, since there is a checksum. */
    @Test
    void neverMakesAnythingElseOfDamagedGzip() throws IOException {
        byte[] content =
                "All work and no play makes Jack a dull boy. ".repeat(20).getBytes(StandardCharsets.US_ASCII);
        byte[] coded = gzip(content);
        Random random = new Random(1952);
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = coded.clone();
            damaged[random.nextInt(coded.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(decoded(damaged, Format.GZIP, 1 + random.nextInt(50)))
                        .isEqualTo(content);
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("[A-Z].*");
            }
        }
    }
}
