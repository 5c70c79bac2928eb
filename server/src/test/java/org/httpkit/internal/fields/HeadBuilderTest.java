package org.httpkit.internal.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A head that did not come as text reads like one that did. */
class HeadBuilderTest {
    private final HeadBuilder builder = new HeadBuilder();

    @Test
    void saysWhatItWasToldAsAHeadOfTextDoes() throws ViolationException {
        start(Method.POST, "/a%20b?c=d");
        field("host", "example.org:8080");
        field("accept", "*/*");
        field("content-length", "12");
        RequestHead head = builder.head(true);

        assertThat(head.method()).isSameAs(Method.POST);
        assertThat(head.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(head.target()).isEqualTo("/a%20b?c=d");
        assertThat(head.path()).isEqualTo("/a%20b");
        assertThat(head.query()).isEqualTo("c=d");
        assertThat(head.authority()).isEqualTo("example.org:8080");
        assertThat(head.bodyFraming()).isEqualTo(BodyFraming.LENGTH);
        assertThat(head.contentLength()).isEqualTo(12);
        assertThat(builder.declaredLength()).isEqualTo(12);
        assertThat(head.size()).isEqualTo(3);
        assertThat(head.first("Accept")).isEqualTo("*/*");
        assertThat(head.keepAlive()).isTrue();
        assertThat(head.isExtendedConnect()).isFalse();
        assertThat(head)
                .hasToString("POST /a%20b?c=d HTTP/2.0 [host: example.org:8080, accept: */*, content-length: 12]");
    }

    @Test
    void isMadeOfItsTextAgain() throws ViolationException {
        start(Method.GET, "/chat?a");
        field("host", "localhost");
        builder.protocol("websocket".getBytes(StandardCharsets.ISO_8859_1), 0, 9);
        field("x", "z".repeat(70_000));
        RequestHead head = builder.head(false);

        assertThat(new String(head.text(), StandardCharsets.ISO_8859_1))
                .startsWith(
                        "GET /chat?a HTTP/2.0\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nx: z")
                .endsWith("z\r\n\r\n");
        assertThat(RequestHead.of(head.text()))
                .usingRecursiveComparison()
                .withStrictTypeChecking()
                .isEqualTo(head);
        assertThat(head.isExtendedConnect()).isTrue();
    }

    /** Only what the server has written itself may say so. */
    @Test
    void doesNotLetClientsSayThatTheySpeakAnotherVersion() {
        byte[] text = "GET / HTTP/2.0\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
        RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, new DecoderPool());

        assertThatThrownBy(() -> decoder.advance(ByteBuffer.wrap(text)))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(Violation.UNSUPPORTED_VERSION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/3.0", "GET / HTTP/0.9"})
    void isMadeOfNoOtherVersion(String line) {
        byte[] text = (line + "\r\nhost: a\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> RequestHead.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hasABodyOfUnknownLengthIfNobodyDeclaresOne() throws ViolationException {
        start(Method.GET, "/");
        field("host", "a");
        RequestHead head = builder.head(true);

        assertThat(head.bodyFraming()).isEqualTo(BodyFraming.CHUNKED);
        assertThat(head.contentLength()).isEqualTo(-1);
        assertThat(builder.declaredLength()).isEqualTo(-1);
    }

    @Test
    void hasNoBodyIfNoneFollows() throws ViolationException {
        start(Method.GET, "/");
        field("host", "a");
        RequestHead head = builder.head(false);

        assertThat(head.bodyFraming()).isEqualTo(BodyFraming.NONE);
        assertThat(head.contentLength()).isZero();
    }

    @Test
    void knowsExpectations() throws ViolationException {
        start(Method.POST, "/");
        field("host", "a");
        field("expect", "100-continue");
        assertThat(builder.head(true).expectsContinue()).isTrue();

        start(Method.POST, "/");
        field("host", "a");
        field("expect", "more");
        assertThat(builder.head(true).hasUnknownExpectation()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/a b, INVALID_TARGET",
        "/%2, INVALID_PERCENT_ENCODING",
        "/{, INVALID_TARGET",
        "ftp://a/, UNKNOWN_SCHEME"
    })
    void judgesTheTarget(String target, Violation violation) {
        assertThatThrownBy(() -> start(Method.GET, target))
                .isInstanceOfSatisfying(
                        ViolationException.class, e -> assertThat(e.violation()).isEqualTo(violation));
    }

    @Test
    void goesOnWithManyFieldsAndThenWithFew() throws ViolationException {
        start(Method.GET, "/");
        field("host", "a");
        for (int i = 0; i < 99; i++) {
            field("x" + i, "y".repeat(i * 10));
        }
        RequestHead large = builder.head(false);
        start(Method.GET, "/");
        field("host", "b");
        RequestHead small = builder.head(false);

        assertThat(large.size()).isEqualTo(100);
        assertThat(large.first("x98")).hasSize(980);
        assertThat(small.size()).isEqualTo(1);
        assertThat(small.authority()).isEqualTo("b");
    }

    @Test
    void makesTrailers() throws ViolationException {
        builder.startTrailers();
        assertThat(builder.trailers().size()).isZero();
        trailer("checksum", "1");
        trailer("date", "left out");

        assertThat(builder.trailers()).hasToString("[checksum: 1]");
        assertThatThrownBy(() -> trailer("content-length", "1"))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(Violation.FORBIDDEN_TRAILER));
    }

    private void start(Method method, String target) throws ViolationException {
        byte[] bytes = ("_" + target + "_").getBytes(StandardCharsets.ISO_8859_1);
        builder.start(method, bytes, 1, bytes.length - 1);
    }

    private void field(String name, String value) throws ViolationException {
        byte[] bytes = (name + value).getBytes(StandardCharsets.ISO_8859_1);
        builder.field(bytes, 0, name.length(), name.length(), bytes.length);
    }

    private void trailer(String name, String value) throws ViolationException {
        byte[] bytes = (name + value).getBytes(StandardCharsets.ISO_8859_1);
        builder.trailer(bytes, 0, name.length(), name.length(), bytes.length);
    }
}
