package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.HeadParser;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.RequestDecoder.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDecoderTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final DecoderPool scratch = new DecoderPool();
    private final RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, scratch);

    @Test
    void endsARequestWithoutFurtherInput() throws ViolationException {
        ByteBuffer in = buffer(GET + GET);

        assertThat(decoder.advance(in)).isEqualTo(Step.HEAD);
        assertThat(in.position()).isEqualTo(GET.length());
        assertThat(decoder.advance(buffer(""))).isEqualTo(Step.END);
        assertThat(decoder.advance(in)).isEqualTo(Step.HEAD);
    }

    @Test
    void saysWhereItStands() throws ViolationException {
        assertThat(decoder.isIdle()).isTrue();

        decoder.advance(buffer("\r"));
        assertThat(decoder.isIdle()).isTrue();
        decoder.advance(buffer("\n"));
        assertThat(decoder.isIdle()).isTrue();
        assertThat(decoder.inHead()).isFalse();

        decoder.advance(buffer("P"));
        assertThat(decoder.isIdle()).isFalse();
        assertThat(decoder.inHead()).isTrue();

        decoder.advance(buffer("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"));
        assertThat(decoder.isIdle()).isFalse();
        assertThat(decoder.inHead()).isFalse();

        decoder.advance(buffer("xy"));
        assertThat(decoder.isIdle()).isFalse();
        assertThat(decoder.advance(buffer(""))).isEqualTo(Step.END);
        assertThat(decoder.isIdle()).isTrue();
    }

    @Test
    void isFreshOnlyWhileNothingIsRemembered() throws ViolationException {
        assertThat(decoder.isFresh()).isTrue();
        for (String part : List.of("\r", "\n", "G", "ET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            decoder.advance(buffer(part));
            assertThat(decoder.isFresh()).as(part).isFalse();
        }

        assertThat(decoder.advance(buffer(""))).isEqualTo(Step.END);
        assertThat(decoder.isFresh()).isTrue();
    }

    @Test
    void givesItsParserBackOnceAHeadOrTrailersAreRead() throws ViolationException {
        HeadParser parser = scratch.borrow();
        scratch.giveBack(parser);

        decoder.advance(buffer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r"));
        assertThat(scratch.borrow()).isNotSameAs(parser);
        decoder.advance(buffer("\n"));
        assertThat(scratch.borrow()).isSameAs(parser);

        scratch.giveBack(parser);
        decoder.advance(buffer("0\r\nX-T: v\r\n"));
        assertThat(scratch.borrow()).isNotSameAs(parser);
        assertThat(decoder.advance(buffer("\r\n"))).isEqualTo(Step.END);
        assertThat(scratch.borrow()).isSameAs(parser);
    }

    @Test
    void handsOutTheBodyWhereItStandsInTheInput() throws ViolationException {
        decoder.advance(buffer("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"));
        byte[] bytes = "__hello".getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer in = ByteBuffer.wrap(bytes).position(2).slice();

        assertThat(decoder.advance(in)).isEqualTo(Step.BODY);
        assertThat(decoder.bodyArray()).isSameAs(bytes);
        assertThat(decoder.bodyOffset()).isEqualTo(2);
        assertThat(decoder.bodyLength()).isEqualTo(5);
        assertThat(decoder.bodyBytes()).isEqualTo(5);
        assertThat(decoder.announcedBodyBytes()).isEqualTo(9);
        assertThat(decoder.advance(in)).isEqualTo(Step.NEED_INPUT);
        assertThat(decoder.advance(buffer("1234more"))).isEqualTo(Step.BODY);
        assertThat(decoder.bodyBytes()).isEqualTo(9);
        assertThat(decoder.advance(in)).isEqualTo(Step.END);
        assertThatThrownBy(decoder::bodyArray).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void announcesAChunkBeforeItsDataCame() throws ViolationException {
        ByteBuffer in =
                buffer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n7fffffff\r\n");

        decoder.advance(in);
        assertThat(decoder.announcedBodyBytes()).isZero();
        assertThat(decoder.advance(in)).isEqualTo(Step.BODY);
        assertThat(decoder.announcedBodyBytes()).isEqualTo(2);
        assertThat(decoder.advance(in)).isEqualTo(Step.NEED_INPUT);
        assertThat(decoder.announcedBodyBytes()).isEqualTo(2 + 0x7fffffffL);
    }

    @Test
    void announcesNoChunkBeforeItsSizeIsWhole() throws ViolationException {
        decoder.advance(buffer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (String part : List.of("7", "f;", "a\r")) {
            assertThat(decoder.advance(buffer(part))).isEqualTo(Step.NEED_INPUT);
            assertThat(decoder.announcedBodyBytes()).as(part).isZero();
        }

        assertThat(decoder.advance(buffer("\n"))).isEqualTo(Step.NEED_INPUT);
        assertThat(decoder.announcedBodyBytes()).isEqualTo(0x7f);
    }

    @Test
    void announcesNoMoreThanANumberHolds() throws ViolationException {
        ByteBuffer in = buffer(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n7fffffffffffffff\r\n");

        decoder.advance(in);
        decoder.advance(in);
        decoder.advance(in);

        assertThat(decoder.announcedBodyBytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void countsEachBodyAnew() throws ViolationException {
        ByteBuffer in = buffer("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy" + GET);

        decoder.advance(in);
        decoder.advance(in);
        decoder.advance(in);
        assertThat(decoder.bodyBytes()).isEqualTo(2);
        assertThat(decoder.advance(in)).isEqualTo(Step.HEAD);

        assertThat(decoder.bodyBytes()).isZero();
        assertThat(decoder.announcedBodyBytes()).isZero();
    }

    @Test
    void showsTrailersUntilTheNextRequest() throws ViolationException {
        ByteBuffer in =
                buffer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: v\r\n\r\n" + GET);

        decoder.advance(in);
        assertThat(decoder.trailers().size()).isZero();
        assertThat(decoder.advance(in)).isEqualTo(Step.END);
        assertThat(decoder.trailers().first("x-t")).isEqualTo("v");
        decoder.advance(in);
        assertThat(decoder.trailers().size()).isZero();
    }

    @Test
    void keepsHeadsOfDecodersApartThatShareAScratch() throws ViolationException {
        RequestDecoder other = new RequestDecoder(HeadLimits.DEFAULT, scratch);

        decoder.advance(buffer("GET /one HTTP/1.1\r\nHost: one\r\nX: "));
        other.advance(buffer("GET /two HTTP/1.1\r\nHo"));
        assertThat(new RequestDecoder(HeadLimits.DEFAULT, scratch).advance(buffer(GET)))
                .isEqualTo(Step.HEAD);
        assertThat(other.advance(buffer("st: two\r\n\r\n"))).isEqualTo(Step.HEAD);
        assertThat(decoder.advance(buffer("y\r\n\r\n"))).isEqualTo(Step.HEAD);

        assertThat(decoder.head()).hasToString("GET /one HTTP/1.1 [Host: one, X: y]");
        assertThat(other.head()).hasToString("GET /two HTTP/1.1 [Host: two]");
    }

    @Test
    void keepsTheHeadOfOneRequestWhenTheNextIsRead() throws ViolationException {
        byte[] bytes = "GET /one HTTP/1.1\r\nHost: one\r\n\r\nGET /two HTTP/1.1\r\nHost: two\r\n\r\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer in = ByteBuffer.wrap(bytes);

        decoder.advance(in);
        RequestHead one = decoder.head();
        decoder.advance(in);
        decoder.advance(in);
        Arrays.fill(bytes, (byte) 0);

        assertThat(one).hasToString("GET /one HTTP/1.1 [Host: one]");
        assertThat(decoder.head()).hasToString("GET /two HTTP/1.1 [Host: two]");
    }

    @Test
    void takesNewLimitsFromTheNextRequestOn() throws ViolationException {
        decoder.advance(buffer("GET /"));
        decoder.setLimits(new HeadLimits(32, 64, 3));
        assertThat(decoder.advance(buffer("a".repeat(100) + " HTTP/1.1\r\nHost: a\r\n\r\n")))
                .isEqualTo(Step.HEAD);
        decoder.advance(buffer(""));

        assertThatThrownBy(() -> decoder.advance(buffer("GET /" + "a".repeat(100))))
                .isInstanceOfSatisfying(ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(Violation.REQUEST_LINE_TOO_LONG));
    }

    @ParameterizedTest
    @CsvSource({
        "Host: aaaaaaaa\\r\\n\\r\\n, 17",
        "Host: aaaaaaaa\\r\\nX: y\\r\\n, 17",
        "Host: aaaaaaaaa\\r\\nX: y\\r\\n, 17",
        "Host: aaaaaaaaaa\\r\\nX: y\\r\\n, 17",
        "Host: aaaaaaaaaaa\\r\\nX: y\\r\\n, 17"
    })
    void refusesTheFirstByteThatIsTooMuchForASection(String section, int consumed) {
        RequestDecoder narrow = new RequestDecoder(new HeadLimits(64, 16, 3), scratch);
        String line = "GET / HTTP/1.1\r\n";
        ByteBuffer in = buffer(line + section.translateEscapes());

        assertThatThrownBy(() -> narrow.advance(in))
                .isInstanceOfSatisfying(
                        ViolationException.class, e -> assertThat(e.violation()).isEqualTo(Violation.HEADER_TOO_LARGE));
        assertThat(in.position()).isEqualTo(line.length() + consumed);
    }

    @Test
    void refusesATargetAtTheSpaceThatEndsIt() {
        ByteBuffer in = buffer("GET nonsense HTTP/1.1\r\n");

        assertThatThrownBy(() -> decoder.advance(in))
                .isInstanceOfSatisfying(
                        ViolationException.class, e -> assertThat(e.violation()).isEqualTo(Violation.INVALID_TARGET));
        assertThat(in.position()).isEqualTo("GET nonsense ".length());
    }

    @Test
    void readsNothingAfterAViolation() {
        assertThatThrownBy(() -> decoder.advance(buffer("G(")))
                .isInstanceOf(ViolationException.class)
                .hasMessage("The method is not a token (RFC 9112 section 3.1)")
                .hasNoSuppressedExceptions();

        assertThat(decoder.isIdle()).isFalse();
        assertThatThrownBy(() -> decoder.advance(buffer(GET))).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD / HTTP/1.1\\r\\n\\r\\n, true",
        "HEAD /\\0, true",
        "HEAD(, false",
        "\\r\\n\\r\\n, false",
        "HEADX /\\0, false",
        "GET / HTTP/1.1\\r\\n\\r\\n, false",
    })
    void knowsARefusedRequestForAHead(String refused, boolean expected) throws ViolationException {
        for (String before : List.of("", GET, "HEAD" + GET.substring(3))) {
            RequestDecoder fresh = new RequestDecoder(HeadLimits.DEFAULT, scratch);
            ByteBuffer in = buffer(before + refused.translateEscapes());
            if (!before.isEmpty()) {
                assertThat(fresh.advance(in)).isEqualTo(Step.HEAD);
                assertThat(fresh.isHeadRequest()).isEqualTo(before.startsWith("HEAD"));
                fresh.advance(in);
            }

            assertThatThrownBy(() -> fresh.advance(in)).isInstanceOf(ViolationException.class);

            assertThat(fresh.isHeadRequest()).as(refused).isEqualTo(expected);
        }
    }

    @Test
    void letsGoOfWhatItHolds() throws ViolationException {
        ByteBuffer in = buffer(GET);
        decoder.advance(in);
        decoder.advance(in);

        decoder.release();

        assertThatThrownBy(decoder::head).isInstanceOf(IllegalStateException.class);
        assertThat(decoder.advance(buffer(GET))).isEqualTo(Step.HEAD);
        assertThat(decoder.head().path()).isEqualTo("/");
    }

    @Test
    void statesASectionAndAStatusForEachViolation() {
        for (Violation violation : Violation.values()) {
            assertThat(violation.section()).as(violation.name()).matches("RFC \\d{4} section [\\d.]+");
            assertThat(violation.status().code()).as(violation.name()).isBetween(400, 599);
            assertThat(violation.reason()).as(violation.name()).isNotEmpty().doesNotEndWith(".");
            assertThat(violation.exception().getStackTrace())
                    .as(violation.name())
                    .isEmpty();
        }
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
