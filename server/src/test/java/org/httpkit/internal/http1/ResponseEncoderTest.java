package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.ByteQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseEncoderTest {
    private static final byte[] DATE = DateLine.of(784111777);
    private static final String DATE_TEXT = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    private static final byte[] SERVER = ResponseEncoder.fieldLine("Server", "test");
    private static final ResponseFraming FIVE = framing(HttpVersion.HTTP_1_1, 5, true);

    @Test
    void writesAWholeHead() {
        String head = encode(200, Headers.of("Content-Type", "text/plain", "eTag", "\"1\""), FIVE);

        assertThat(head)
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\neTag: \"1\"\r\n" + DATE_TEXT
                        + "Server: test\r\nContent-Length: 5\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "200, OK",
        "404, Not Found",
        "431, Request Header Fields Too Large",
        "511, Network Authentication Required"
    })
    void writesTheReasonOfRegisteredStatuses(int status, String reason) {
        assertThat(encode(status, Headers.empty(), FIVE)).startsWith("HTTP/1.1 " + status + " " + reason + "\r\n");
    }

    @Test
    void keepsTheSpaceBeforeAnEmptyReason() {
        assertThat(encode(299, Headers.empty(), FIVE)).startsWith("HTTP/1.1 299 \r\nDate:");
    }

    @Test
    void leavesOutTheFieldsThatAreTheServers() {
        Headers fields = Headers.of(
                "Content-Length",
                "99",
                "transfer-encoding",
                "gzip",
                "CONNECTION",
                "x",
                "Keep-Alive",
                "timeout=5",
                "Upgrade",
                "h2c",
                "X",
                "y");

        assertThat(encode(200, fields, FIVE))
                .isEqualTo("HTTP/1.1 200 OK\r\nX: y\r\n" + DATE_TEXT + "Server: test\r\nContent-Length: 5\r\n\r\n");
    }

    @Test
    void keepsFieldsOfSimilarNames() {
        Headers fields = Headers.of(
                "Data",
                "1",
                "Sender",
                "2",
                "Updates",
                "3",
                "Connectiox",
                "4",
                "Content-Lengtz",
                "5",
                "Transfer-Encodinx",
                "6");

        assertThat(encode(200, fields, FIVE))
                .contains(
                        "Data: 1\r\nSender: 2\r\nUpdates: 3\r\nConnectiox: 4\r\nContent-Lengtz: 5\r\nTransfer-Encodinx: 6\r\n");
    }

    @Test
    void leavesDateAndServerToTheHandler() {
        assertThat(encode(200, Headers.of("date", "never", "SERVER", "mine"), FIVE))
                .isEqualTo("HTTP/1.1 200 OK\r\ndate: never\r\nSERVER: mine\r\nContent-Length: 5\r\n\r\n");
    }

    @Test
    void needsNoServer() {
        ByteQueue out = new ByteQueue(16);
        ResponseEncoder.encode(out, 200, Headers.empty(), FIVE, DATE, null);

        assertThat(text(out)).isEqualTo("HTTP/1.1 200 OK\r\n" + DATE_TEXT + "Content-Length: 5\r\n\r\n");
    }

    @Test
    void saysChunked() {
        assertThat(encode(200, Headers.empty(), framing(HttpVersion.HTTP_1_1, -1, true)))
                .endsWith("Server: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    @Test
    void saysThatABodyIsEmpty() {
        assertThat(encode(200, Headers.empty(), framing(HttpVersion.HTTP_1_1, 0, true)))
                .endsWith("Server: test\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void makesAFieldLineOnce() {
        assertThat(new String(ResponseEncoder.fieldLine("X", "y z"), StandardCharsets.US_ASCII))
                .isEqualTo("X: y z\r\n");
        assertThatThrownBy(() -> ResponseEncoder.fieldLine("X", "y\rz")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void looksAtNothingBehindTheValue() {
        ByteQueue out = new ByteQueue(100);
        out.appendLatin1("\t".repeat(100));
        out.truncate(0);

        ResponseEncoder.encodeInterim(out, 103, Headers.of("X", "y"));
        assertThat(text(out)).endsWith("\r\nX: y\r\n\r\n");
    }

    @Test
    void saysNothingOfALengthWhereThereIsNone() {
        ResponseFraming none = ResponseFraming.decide(Method.GET, HttpVersion.HTTP_1_1, 204, 0, -1, true);

        assertThat(encode(204, Headers.empty(), none)).endsWith("Server: test\r\n\r\n");
    }

    @Test
    void saysCloseAndKeepAlive() {
        assertThat(encode(200, Headers.empty(), framing(HttpVersion.HTTP_1_1, 5, false)))
                .endsWith("Content-Length: 5\r\nConnection: close\r\n\r\n");
        assertThat(encode(200, Headers.empty(), framing(HttpVersion.HTTP_1_0, 5, true)))
                .startsWith("HTTP/1.1 ")
                .endsWith("Content-Length: 5\r\nConnection: Keep-Alive\r\n\r\n");
        assertThat(encode(200, Headers.empty(), framing(HttpVersion.HTTP_1_0, -1, true)))
                .endsWith("Server: test\r\nConnection: close\r\n\r\n");
    }

    @Test
    void namesProtocolsWhenAnUpgradeIsRequired() {
        Headers fields = Headers.of("Upgrade", "websocket");

        assertThat(encode(426, fields, FIVE))
                .contains("Upgrade: websocket\r\n")
                .endsWith("\r\nConnection: upgrade\r\n\r\n");
        assertThat(encode(426, fields, framing(HttpVersion.HTTP_1_1, 5, false)))
                .endsWith("\r\nConnection: close, upgrade\r\n\r\n");
        assertThat(encode(426, fields, framing(HttpVersion.HTTP_1_0, 5, true)))
                .endsWith("\r\nConnection: Keep-Alive\r\nConnection: upgrade\r\n\r\n");
    }

    @Test
    void writesInterimHeadsAsGiven() {
        ByteQueue out = new ByteQueue(16);
        ResponseEncoder.encodeInterim(out, 100, Headers.empty());
        ResponseEncoder.encodeInterim(out, 101, Headers.of("Connection", "Upgrade", "Upgrade", "websocket"));

        assertThat(text(out))
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n")
                .endsWith("Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    }

    /** RFC 9110 sections 6.5.1 and 8.6, RFC 9112 section 6.1. */
    @ParameterizedTest
    @ValueSource(strings = {"content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade"})
    void leavesFieldsOfTheServerOutOfEarlyHintsAndTrailers(String name) {
        Headers fields = Headers.of("A", "b", name, "1", "C", "d");
        ByteQueue out = new ByteQueue(16);
        ResponseEncoder.encodeInterim(out, 103, fields);
        ChunkEncoder.appendLast(out, fields);

        assertThat(text(out)).isEqualTo("HTTP/1.1 103 Early Hints\r\nA: b\r\nC: d\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n");
    }

    /** RFC 9110 section 8.6, RFC 9112 section 6.1. */
    @Test
    void saysNothingOfABodyWhenItSwitchesProtocols() {
        ByteQueue out = new ByteQueue(16);
        ResponseEncoder.encodeInterim(
                out,
                101,
                Headers.of("Connection", "Upgrade", "Content-Length", "0", "Transfer-Encoding", "chunked", "A", "b"));

        assertThat(text(out)).endsWith("Protocols\r\nConnection: Upgrade\r\nA: b\r\n\r\n");
    }

    @Test
    void appendsToWhatIsThere() {
        ByteQueue out = new ByteQueue(4);
        out.appendLatin1("before");
        ResponseEncoder.encode(out, 200, Headers.empty(), FIVE, DATE, SERVER);

        assertThat(text(out)).startsWith("beforeHTTP/1.1 200 OK\r\n");
    }

    @Test
    void writesValuesAsLatin1() {
        assertThat(encode(200, Headers.of("X", "caf\u00E9\t\u00FF"), FIVE)).contains("X: caf\u00E9\t\u00FF\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\r\nX: y", "\u0000", "\u007F", "\u560A", "abc\u010D\u010A", "\u0100"})
    void refusesValuesThatWouldSplitTheResponse(String value) {
        ByteQueue out = new ByteQueue(16);
        out.appendLatin1("before");

        assertThatThrownBy(() -> ResponseEncoder.encode(out, 200, new Unchecked("X", value), FIVE, DATE, SERVER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the value of field X");
        assertThat(text(out)).isEqualTo("before");
        assertThatThrownBy(() -> ResponseEncoder.encodeInterim(out, 103, new Unchecked("X", value)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChunkEncoder.appendLast(out, new Unchecked("X", value)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(text(out)).isEqualTo("before");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "X Y", "X:", "X\r\nY", "X\u0000", "\u0158", "\u0141a", "\u00E9"})
    void refusesNamesThatAreNoTokens(String name) {
        ByteQueue out = new ByteQueue(16);

        assertThatThrownBy(() -> ResponseEncoder.encode(out, 200, new Unchecked(name, "v"), FIVE, DATE, SERVER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(out.isEmpty()).isTrue();
    }

    @Test
    void writesChunks() {
        ByteQueue out = new ByteQueue(4);
        byte[] data = "xx0123456789abcdefyy".getBytes(StandardCharsets.US_ASCII);
        ChunkEncoder.append(out, data, 2, 16);
        ChunkEncoder.appendStart(out, 0x123456789abcdefL);
        ChunkEncoder.appendEnd(out);
        ChunkEncoder.appendLast(out);
        ChunkEncoder.appendLast(out, Headers.of("X-T", "v"));

        assertThat(text(out))
                .isEqualTo("10\r\n0123456789abcdef\r\n123456789abcdef\r\n\r\n0\r\n\r\n0\r\nX-T: v\r\n\r\n");
    }

    @Test
    void writesNoEmptyChunk() {
        assertThatThrownBy(() -> ChunkEncoder.appendStart(new ByteQueue(4), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ResponseFraming framing(HttpVersion version, long bodyLength, boolean keepAlive) {
        return ResponseFraming.decide(Method.GET, version, 200, bodyLength, -1, keepAlive);
    }

    private static String encode(int status, Headers fields, ResponseFraming framing) {
        ByteQueue out = new ByteQueue(16);
        ResponseEncoder.encode(out, status, fields, framing, DATE, SERVER);
        return text(out);
    }

    private static String text(ByteQueue out) {
        return new String(out.array(), 0, out.length(), StandardCharsets.ISO_8859_1);
    }

    /** One field that nobody looked at. */
    private record Unchecked(String onlyName, String onlyValue) implements Headers {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public String name(int index) {
            return onlyName;
        }

        @Override
        public String value(int index) {
            return onlyValue;
        }
    }
}
