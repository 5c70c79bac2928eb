package org.httpkit.internal.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
    private static final String HOST = "Host: example.org:8080\r\n";

    @Test
    void saysWhatTheRequestLineSays() {
        RequestHead head = head("GET /a%20b/?c=d&e HTTP/1.0\r\n\r\n");

        assertThat(head.method()).isSameAs(Method.GET);
        assertThat(head.version()).isEqualTo(HttpVersion.HTTP_1_0);
        assertThat(head.target()).isEqualTo("/a%20b/?c=d&e");
        assertThat(head.path()).isEqualTo("/a%20b/");
        assertThat(head.query()).isEqualTo("c=d&e");
        assertThat(head.authority()).isEmpty();
        assertThat(head.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.0\r\n\r\n",
                "GET /a?b HTTP/1.1\r\n" + HOST + "\r\n",
                "GET http://other/ HTTP/1.1\r\n" + HOST + "A:  b\t\r\nEmpty:\r\n\r\n",
                "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            })
    void isTheSameWhenItIsMadeOfItsTextAgain(String text) {
        RequestHead head = head(text);

        assertThat(new String(head.text(), StandardCharsets.ISO_8859_1)).isEqualTo(text);
        assertThat(RequestHead.of(head.text()))
                .usingRecursiveComparison()
                .withStrictTypeChecking()
                .isEqualTo(head);
    }

    @Test
    void isMadeOfItsTextHoweverLargeItIs() {
        String fields = "X: y\r\n".repeat(100);
        String large = "Large: " + "z".repeat(70_000);
        RequestHead head =
                head("GET / HTTP/1.1\r\n" + HOST + fields + large + "\r\n\r\n", new HeadLimits(100_000, 200_000, 200));

        RequestHead again = RequestHead.of(head.text());

        assertThat(again.size()).isEqualTo(102);
        assertThat(again.value(101)).hasSize(70_000);
        assertThat(again.authority()).isEqualTo("example.org:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
    void sharesRegisteredMethods(String name) {
        assertThat(head(name + " / HTTP/1.1\r\n" + HOST + "\r\n").method()).isSameAs(Method.of(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GOT", "PAT", "HEAT", "POSH", "PATCX", "DELETX", "OPTIONX", "CONNECX", "X"})
    void keepsOtherMethods(String name) {
        assertThat(head(name + " / HTTP/1.1\r\n" + HOST + "\r\n").method().name())
                .isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            nullValues = "null",
            value = {
                "GET / / null example.org:8080",
                "GET /? / '' example.org:8080",
                "GET /a?b?c /a b?c example.org:8080",
                "GET http://other / null other",
                "GET http://other:1?q / q other:1",
                "GET HTTPS://[::1]/x?y /x y [::1]",
                "OPTIONS * * null example.org:8080",
                "CONNECT other:443 '' null other:443",
            })
    void takesTargetsApart(String method, String target, String path, String query, String authority) {
        RequestHead head = head(method + " " + target + " HTTP/1.1\r\n" + HOST + "\r\n");

        assertThat(head.target()).isEqualTo(target);
        assertThat(head.path()).isEqualTo(path);
        assertThat(head.query()).isEqualTo(query);
        assertThat(head.authority()).isEqualTo(authority);
    }

    @Test
    void listsFieldsInOrder() {
        RequestHead head = head("GET / HTTP/1.1\r\nhost:a\r\nX-One: \t 1 1\t \r\nX-Empty:\r\nx-one:2\r\n\r\n");

        assertThat(head.size()).isEqualTo(4);
        assertThat(head.name(0)).isEqualTo("host");
        assertThat(head.name(1)).isEqualTo("X-One");
        assertThat(head.value(1)).isEqualTo("1 1");
        assertThat(head.value(2)).isEmpty();
        assertThat(head.toString()).isEqualTo("GET / HTTP/1.1 [host: a, X-One: 1 1, X-Empty: , x-one: 2]");
        assertThatThrownBy(() -> head.value(4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> head.name(-1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("Field -1 of 4");
    }

    @Test
    void findsFieldsWithoutRegardToCase() {
        RequestHead head = head("GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-oNE: 2, three ,,\r\n\r\n");

        assertThat(head.first("x-one")).isEqualTo("1");
        assertThat(head.all("X-ONE")).isEqualTo(List.of("1", "2, three ,,"));
        assertThat(head.contains("hOST")).isTrue();
        assertThat(head.first("X-On")).isNull();
        assertThat(head.first("X-Onf")).isNull();
        assertThat(head.first("X\rOne")).isNull();
        assertThat(head.first("")).isNull();
        assertThat(head.all("X-Two")).isEmpty();
        assertThat(head.contains("X-Two")).isFalse();
        assertThat(head.lists("x-one", "THREE")).isTrue();
        assertThat(head.lists("x-one", "thre")).isFalse();
        assertThat(head.all("host")).isEqualTo(List.of("a"));
        assertThat(head.lists("host", "A")).isTrue();
    }

    @Test
    void readsValuesAsLatin1() {
        RequestHead head = head("GET / HTTP/1.1\r\nHost: a\r\nX: caf\u00E9 \u00FF\r\n\r\n");

        assertThat(head.first("X")).isEqualTo("caf\u00E9 \u00FF");
    }

    @Test
    void sharesCommonNames() {
        RequestHead head = head("GET / HTTP/1.1\r\nHost: a\r\nuser-agent: b\r\nUSER-AGENT: c\r\nX: y\r\n\r\n");

        assertThat(head.name(0)).isSameAs(head.name(0)).isEqualTo("Host");
        assertThat(head.name(1)).isSameAs(head.name(1)).isEqualTo("user-agent");
        assertThat(head.name(2)).isEqualTo("USER-AGENT");
    }

    @Test
    void joinsRepeatedFieldsInAMap() {
        RequestHead head = head("GET / HTTP/1.1\r\nHOST: a\r\nX: 1\r\nCookie: b=1\r\nx: 2\r\ncookie: c=2\r\n\r\n");

        assertThat(head.toMap())
                .containsExactly(Map.entry("host", "a"), Map.entry("x", "1, 2"), Map.entry("cookie", "b=1; c=2"));
    }

    @Test
    void keepsOffsetsBeyond64KiB() throws ViolationException {
        String fields = ("X: " + "a".repeat(8000) + "\r\n").repeat(10) + "Last: z\r\n";
        RequestDecoder decoder = new RequestDecoder(new HeadLimits(8192, 1 << 20, 20), new DecoderPool());

        decoder.advance(buffer("GET / HTTP/1.1\r\n" + HOST + fields + "\r\n"));

        assertThat(decoder.head().first("Last")).isEqualTo("z");
        assertThat(decoder.head().all("x")).hasSize(10).allMatch("a".repeat(8000)::equals);
    }

    @ParameterizedTest
    @ValueSource(ints = {65534, 65535, 65536, 65537})
    void keepsOffsetsAround64KiB(int textLength) {
        String before = "GET / HTTP/1.1\r\n" + HOST + "X: y\r\nLast: ";
        String last = "z".repeat(textLength - before.length());

        RequestHead head = head(before + last + "\r\n\r\n", new HeadLimits(100_000, 100_000, 20));

        assertThat(head.textLength).isEqualTo(textLength);
        assertThat(head.first("X")).isEqualTo("y");
        assertThat(head.first("Last")).isEqualTo(last);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.1 | X: y                         | true",
                "1.1 | Connection: close            | false",
                "1.1 | cONNECTION: CLOSE            | false",
                "1.1 | Connection: foo, close ,bar  | false",
                "1.1 | Connection: keep-alive,close | false",
                "1.1 | Connection: Keep-Alive       | true",
                "1.1 | Connection: closed, xclose   | true",
                "1.1 | Connection: , ,,             | true",
                "1.1 | Connections: close           | true",
                "1.0 | X: y                         | false",
                "1.0 | Connection: keep-alive       | true",
                "1.0 | Connection: a ,keep-alive    | true",
                "1.0 | Connection: keep-alive,close | false",
            })
    void decidesWhetherTheConnectionGoesOn(String version, String field, boolean keepAlive) {
        RequestHead head = head("GET / HTTP/" + version + "\r\n" + HOST + field + "\r\n\r\n");

        assertThat(head.keepAlive()).isEqualTo(keepAlive);
    }

    @Test
    void readsConnectionOverAllItsLines() {
        RequestHead head =
                head("GET / HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nConnection: close\r\nUpgrade: a\r\n\r\n");

        assertThat(head.keepAlive()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.1 | Expect: 100-continue   | Content-Length: 5          | true  | false",
                "1.1 | eXPECT: 100-Continue   | Transfer-Encoding: chunked | true  | false",
                "1.1 | Expect: 100-continue,  | Content-Length: 5          | true  | false",
                "1.1 | Expect: , 100-continue | Content-Length: 5          | true  | false",
                "1.1 | Expect: 100-continue   | Content-Length: 0          | false | false",
                "1.1 | Expect: 42-foo         | Content-Length: 5          | false | true",
                "1.1 | Expect: 100-continue,x | Content-Length: 5          | true  | true",
                "1.1 | Expect:                | Content-Length: 5          | false | false",
                "1.0 | Expect: 100-continue   | Content-Length: 5          | false | false",
                "1.0 | Expect: 42-foo         | Content-Length: 5          | false | false",
            })
    void readsExpectations(String version, String expect, String framing, boolean expectsContinue, boolean unknown) {
        RequestHead head = head("POST / HTTP/" + version + "\r\n" + HOST + expect + "\r\n" + framing + "\r\n\r\n");

        assertThat(head.expectsContinue()).isEqualTo(expectsContinue);
        assertThat(head.hasUnknownExpectation()).isEqualTo(unknown);
    }

    @ParameterizedTest
    @CsvSource({
        "X: y, NONE, 0",
        "Content-Length: 0, NONE, 0",
        "Content-Length: 12, LENGTH, 12",
        "Transfer-Encoding: chunked, CHUNKED, -1",
    })
    void decidesHowTheBodyIsFramed(String field, BodyFraming framing, long length) {
        RequestHead head = head("POST / HTTP/1.1\r\n" + HOST + field + "\r\n\r\n");

        assertThat(head.bodyFraming()).isEqualTo(framing);
        assertThat(head.contentLength()).isEqualTo(length);
    }

    @Test
    void isOfTheSameKindAsOthersWithItsMethodAndFirstTwoSegments() {
        int kind = get("/a/b/c").kind(1);

        assertThat(get("/a/b/c").kind(1)).isEqualTo(kind);
        assertThat(get("/a/b/d").kind(1)).isEqualTo(kind);
        assertThat(get("/a/b").kind(1)).isEqualTo(kind);
        assertThat(get("/a/b?c").kind(1)).isEqualTo(kind);
        assertThat(get("http://other/a/b/c").kind(1)).isEqualTo(kind);
        assertThat(get("/a/c/c").kind(1)).isNotEqualTo(kind);
        assertThat(get("/b/b/c").kind(1)).isNotEqualTo(kind);
        assertThat(get("/a").kind(1)).isNotEqualTo(kind);
        assertThat(get("/a/b/c").kind(2)).isNotEqualTo(kind);
        RequestHead put = head("PUT /a/b/c HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(put.kind(1)).isNotEqualTo(kind);
        assertThat(put.kind(0)).isNotEqualTo(get("/a/b/c").kind(0));
    }

    @Test
    void tellsKindsApartThatDifferInOneCharacterOfAHundred() {
        String path = "/" + "a".repeat(100);
        Set<Integer> kinds = new HashSet<>();
        for (int i = 1; i < path.length(); i++) {
            kinds.add(get(path.substring(0, i) + "b" + path.substring(i + 1)).kind(1));
        }

        assertThat(kinds).hasSize(100);
    }

    @Test
    void isOfTheGroupOfItsFirstSegmentIfItHasMore() {
        int group = get("/a/b").group(1);

        assertThat(group)
                .isNotZero()
                .isNotEqualTo(get("/a/b").kind(1))
                .isNotEqualTo(get("/a").kind(1));
        assertThat(get("/a/c/d").group(1)).isEqualTo(group);
        assertThat(get("/a/").group(1)).isEqualTo(group);
        assertThat(get("/b/b").group(1)).isNotEqualTo(group);
        assertThat(get("/a/b").group(2)).isNotEqualTo(group);
        assertThat(get("/").group(1)).isZero();
        assertThat(get("/a").group(1)).isZero();
        assertThat(get("/a?b/c").group(1)).isZero();
    }

    @Test
    void tellsNamesInLowerCase() {
        RequestHead head = head("GET / HTTP/1.1\r\nHOST: a\r\nX-OnE: b\r\nAccept: c\r\n\r\n");

        assertThat(head.lowerCaseName(0)).isEqualTo("host");
        assertThat(head.lowerCaseName(1)).isEqualTo("x-one");
        assertThat(head.lowerCaseName(2)).isSameAs(head.lowerCaseName(2)).isEqualTo("accept");
        assertThatThrownBy(() -> head.lowerCaseName(3))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("Field 3 of 3");
        assertThatThrownBy(() -> head.value(3)).hasMessage("Field 3 of 3");
    }

    private static RequestHead get(String target) {
        return head("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
    }

    private static RequestHead head(String text) {
        return head(text, HeadLimits.DEFAULT);
    }

    private static RequestHead head(String text, HeadLimits limits) {
        RequestDecoder decoder = new RequestDecoder(limits, new DecoderPool());
        try {
            assertThat(decoder.advance(buffer(text))).isEqualTo(RequestDecoder.Step.HEAD);
        } catch (ViolationException e) {
            throw new AssertionError(text, e);
        }
        return decoder.head();
    }

    /** In an array that has other bytes before and behind, as a loop's buffer has. */
    private static ByteBuffer buffer(String text) {
        byte[] bytes = ("PUT /before " + text + "GET /behind").getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.wrap(bytes, 12, text.length());
    }
}
