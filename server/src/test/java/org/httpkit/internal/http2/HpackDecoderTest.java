package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.httpkit.internal.bytes.ByteQueue;
import org.junit.jupiter.api.Test;

/** The examples of RFC 7541 appendix C, and what the documents cannot say. */
class HpackDecoderTest {
    private final HpackDecoder decoder = new HpackDecoder();

    @Test
    void decodesTheExamplesOfLiterals() throws Http2ViolationException {
        assertThat(decode("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))
                .containsExactly("custom-key: custom-header");
        assertThat(decode("040c2f73616d706c652f70617468")).containsExactly(":path: /sample/path");
        assertThat(decode("100870617373776f726406736563726574")).containsExactly("password: secret");
        assertThat(decode("82")).containsExactly(":method: GET");
        assertThat(decode("be")).containsExactly("custom-key: custom-header");
    }

    @Test
    void decodesTheExamplesOfRequestsInPlainText() throws Http2ViolationException {
        assertThat(decode("828684410f7777772e6578616d706c652e636f6d")).isEqualTo(FIRST_REQUEST);
        assertThat(decode("828684be58086e6f2d6361636865")).isEqualTo(SECOND_REQUEST);
        assertThat(decode("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"))
                .isEqualTo(THIRD_REQUEST);
    }

    @Test
    void decodesTheExamplesOfRequestsInHuffmansCode() throws Http2ViolationException {
        assertThat(decode("828684418cf1e3c2e5f23a6ba0ab90f4ff")).isEqualTo(FIRST_REQUEST);
        assertThat(decode("828684be5886a8eb10649cbf")).isEqualTo(SECOND_REQUEST);
        assertThat(decode("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")).isEqualTo(THIRD_REQUEST);
    }

    /** The table has 256 bytes, so that entries are evicted. */
    @Test
    void decodesTheExamplesOfResponsesInPlainText() throws Http2ViolationException {
        decode("3fe101"); // a size update to 256
        assertThat(decode(
                        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17"
                                + "68747470733a2f2f7777772e6578616d706c652e636f6d"))
                .isEqualTo(FIRST_RESPONSE);
        assertThat(decode("4803333037c1c0bf")).isEqualTo(SECOND_RESPONSE);
        assertThat(decode("88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d"
                        + "4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b20766572"
                        + "73696f6e3d31"))
                .isEqualTo(THIRD_RESPONSE);
    }

    @Test
    void decodesTheExamplesOfResponsesInHuffmansCode() throws Http2ViolationException {
        decode("3fe101");
        assertThat(decode(
                        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97"
                                + "c8e9ae82ae43d3"))
                .isEqualTo(FIRST_RESPONSE);
        assertThat(decode("4883640effc1c0bf")).isEqualTo(SECOND_RESPONSE);
        assertThat(decode(
                        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd"
                                + "5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"))
                .isEqualTo(THIRD_RESPONSE);
    }

    private static final List<String> FIRST_REQUEST =
            List.of(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
    private static final List<String> SECOND_REQUEST = List.of(
            ":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache");
    private static final List<String> THIRD_REQUEST = List.of(
            ":method: GET",
            ":scheme: https",
            ":path: /index.html",
            ":authority: www.example.com",
            "custom-key: custom-value");
    private static final List<String> FIRST_RESPONSE = List.of(
            ":status: 302",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    private static final List<String> SECOND_RESPONSE = List.of(
            ":status: 307",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    private static final List<String> THIRD_RESPONSE = List.of(
            ":status: 200",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:22 GMT",
            "location: https://www.example.com",
            "content-encoding: gzip",
            "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");

    /** A string of a mebibyte, of which neither the list nor the table can hold much. */
    @Test
    void keepsNoMoreOfAStringThanThereIsRoomFor() throws Http2ViolationException {
        ByteQueue strings = new ByteQueue(16);
        RecordedFields fields = new RecordedFields();
        decoder.begin(fields, 1000, strings);
        feed("00 01 61 7f81feff01"); // of 4 194 048 bytes
        byte[] piece = new byte[10_000];
        for (int i = 0; i < 100; i++) {
            decoder.decode(piece, 0, piece.length);
        }

        assertThat(strings.capacity()).isLessThan(16_000);
        assertThat(fields.lines).isEmpty();
    }

    @Test
    void keepsNoMoreOfAStringInHuffmansCodeThanThereIsRoomFor() throws Http2ViolationException {
        ByteQueue strings = new ByteQueue(16);
        decoder.begin(new RecordedFields(), 1000, strings);
        feed("00 01 61 ff81feff01");
        byte[] piece = new byte[10_000]; // of zeros, which are the code of a 0 each five bits
        for (int i = 0; i < 100; i++) {
            decoder.decode(piece, 0, piece.length);
        }

        assertThat(strings.capacity()).isLessThan(16_000);
    }

    @Test
    void holdsNoTableBeforeThereIsAnEntry() throws Http2ViolationException {
        assertThat(decoder.heldBytes()).isZero();
        decode("828684");
        assertThat(decoder.heldBytes()).isZero();
        decode("400161" + "0162");
        assertThat(decoder.heldBytes()).isBetween(1, 256);
    }

    /** However many entries go through a table of 4096 bytes, it takes about twice that. */
    @Test
    void holdsATableThatIsBounded() throws Http2ViolationException {
        for (int i = 0; i < 10_000; i++) {
            decode("40" + "04" + HexFormat.of().toHexDigits(i) + "7f21" + "61".repeat(160));
        }
        assertThat(decoder.heldBytes()).isLessThan(12_000);
    }

    @Test
    void saysThatNoBlockHasBegun() {
        assertThatThrownBy(() -> decoder.decode(new byte[1], 0, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void dropsWhatNobodyWantsAndKeepsItInTheTable() throws Http2ViolationException {
        decoder.beginUnwanted(new ByteQueue(16));
        feed("40 01 61 01 62");
        decoder.end();

        assertThat(decode("be")).containsExactly("a: b");
    }

    private void feed(String hex) throws Http2ViolationException {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        decoder.decode(bytes, 0, bytes.length);
    }

    private List<String> decode(String hex) throws Http2ViolationException {
        return RecordedFields.of(decoder, HexFormat.of().parseHex(hex));
    }
}
