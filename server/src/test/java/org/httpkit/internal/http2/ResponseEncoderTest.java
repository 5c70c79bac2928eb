package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is encoded is decoded to the same. */
class ResponseEncoderTest {
    private static final byte[] DATE = ResponseEncoder.field("date", "Sat, 28 Nov 2026 23:00:00 GMT");
    private static final byte[] SERVER = ResponseEncoder.field("Server", "httpkit");

    private final HpackEncoder hpack = new HpackEncoder();
    private final HpackDecoder decoder = new HpackDecoder();
    private final ByteQueue out = new ByteQueue(4);

    @Test
    void writesAResponse() throws Http2ViolationException {
        ResponseEncoder.encode(
                hpack, out, 200, Headers.of("Content-Type", "text/plain", "X-Own", "Mixed Case"), 12, DATE, SERVER);

        assertThat(RecordedFields.of(decoder, out.toByteArray()))
                .containsExactly(
                        ":status: 200",
                        "content-type: text/plain",
                        "x-own: Mixed Case",
                        "date: Sat, 28 Nov 2026 23:00:00 GMT",
                        "server: httpkit",
                        "content-length: 12");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 206, 299, 304, 400, 404, 431, 500, 503, 599})
    void writesAnyStatus(int status) throws Http2ViolationException {
        ResponseEncoder.encode(hpack, out, status, Headers.empty(), -1, DATE, null);

        assertThat(RecordedFields.of(decoder, out.toByteArray()))
                .containsExactly(":status: " + status, "date: Sat, 28 Nov 2026 23:00:00 GMT");
    }

    @Test
    void leavesDateAndServerToTheHandler() throws Http2ViolationException {
        ResponseEncoder.encode(hpack, out, 404, Headers.of("DATE", "then", "SERVER", "mine"), 0, DATE, SERVER);

        assertThat(RecordedFields.of(decoder, out.toByteArray()))
                .containsExactly(":status: 404", "date: then", "server: mine", "content-length: 0");
    }

    @Test
    void leavesOutWhatIsOfHttp1AndTheHandlersLength() throws Http2ViolationException {
        Headers fields = Headers.of(
                "Connection",
                "close",
                "Keep-Alive",
                "timeout=5",
                "Proxy-Connection",
                "close",
                "Transfer-Encoding",
                "chunked",
                "Upgrade",
                "h2c",
                "Content-Length",
                "99",
                "a",
                "b");
        ResponseEncoder.encodeTrailers(hpack, out, fields);

        assertThat(RecordedFields.of(decoder, out.toByteArray())).containsExactly("a: b");
    }

    /** RFC 9113 section 8.2.1: a client would take it for malformed. */
    @Test
    void takesWhiteSpaceOffValues() throws Http2ViolationException {
        ResponseEncoder.encodeTrailers(hpack, out, Headers.of("a", " \tb c\t ", "d", " \t "));
        out.append(ResponseEncoder.field("e", " f "));

        assertThat(RecordedFields.of(decoder, out.toByteArray())).containsExactly("a: b c", "d: ", "e: f");
    }

    @Test
    void writesInterimResponses() throws Http2ViolationException {
        ResponseEncoder.encodeInterim(hpack, out, 103, Headers.of("Link", "</style.css>; rel=preload"));

        assertThat(RecordedFields.of(decoder, out.toByteArray()))
                .containsExactly(":status: 103", "link: </style.css>; rel=preload");
        assertThatThrownBy(() -> ResponseEncoder.encodeInterim(hpack, out, 101, Headers.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 7541 section 7.1.3. */
    @ParameterizedTest
    @CsvSource({"Set-Cookie, 1f28", "Cookie, 1f11", "Authorization, 1f08", "Proxy-Authorization, 1f22", "Accept, 0f04"})
    void keepsSecretsOutOfTables(String name, String begin) {
        ResponseEncoder.encodeTrailers(hpack, out, Headers.of(name, "x"));

        assertThat(HexFormat.of().formatHex(out.toByteArray())).isEqualTo(begin + "0178");
        assertThat(HexFormat.of().formatHex(ResponseEncoder.field(name, "x"))).isEqualTo(begin + "0178");
    }

    /** RFC 7541 section 4.2. */
    @Test
    void beginsEachBlockWithASizeUpdateOnceTheClientHasASmallerTable() throws Http2ViolationException {
        hpack.clientLowersTable();
        decoder.setMaxTableBytes(0);
        ResponseEncoder.encode(hpack, out, 200, Headers.empty(), -1, DATE, null);
        byte[] first = out.toByteArray();
        ResponseEncoder.encodeTrailers(hpack, out, Headers.of("a", "b"));

        assertThat(first[0]).isEqualTo((byte) 0x20);
        assertThat(RecordedFields.of(decoder, first)).hasSize(2);
        assertThat(RecordedFields.of(decoder, out.copyFrom(first.length))).containsExactly("a: b");
        assertThat(out.array()[first.length]).isEqualTo((byte) 0x20);
    }

    /** Implementations of Headers of an application's may hold anything. */
    @ParameterizedTest
    @CsvSource({
        "'a b', x",
        "'', x",
        "':status', 200",
        "'a', 'b\r\nc: d'",
        "'content-type', 'b\n'",
        "a, '\u0141'",
        "'\u0141', x"
    })
    void writesNothingOfAFieldThatCannotBeWritten(String name, String value) {
        out.append((byte) 7);
        Headers fields = new Headers() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public String name(int index) {
                return name;
            }

            @Override
            public String value(int index) {
                return value;
            }
        };

        assertThatThrownBy(() -> ResponseEncoder.encode(hpack, out, 200, fields, 1, DATE, SERVER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(out.toByteArray()).containsExactly(7);
    }

    @Test
    void encodesFieldsThatAreWrittenOftenInHuffmansCodeWhereThatIsShorter() {
        assertThat(HexFormat.of().formatHex(ResponseEncoder.field("custom-key", "custom-value")))
                .isEqualTo("008825a849e95ba97d7f8925a849e95bb8e8b4bf");
        assertThat(HexFormat.of().formatHex(ResponseEncoder.field("age", "\u00e4\u00e4")))
                .isEqualTo("0f0602e4e4");
    }

    @Test
    void decodesWhatItEncodesWhateverItIs() throws Http2ViolationException {
        Random random = Seeds.random();
        for (int i = 0; i < 2000; i++) {
            String name = text(random, 1 + random.nextInt(200), 'a', 'z');
            String value = text(random, random.nextInt(400), ' ', 255).replace('\u007f', '_');
            out.clear();
            ResponseEncoder.encodeTrailers(hpack, out, Headers.of(name, value));
            out.append(ResponseEncoder.field(name, value));

            assertThat(RecordedFields.of(decoder, out.toByteArray()))
                    .containsExactly(name + ": " + value.strip(), name + ": " + value.strip());
        }
    }

    private static String text(Random random, int length, int least, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) (least + random.nextInt(most - least + 1)));
        }
        return text.toString();
    }
}
