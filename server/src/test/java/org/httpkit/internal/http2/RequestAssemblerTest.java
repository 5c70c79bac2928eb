package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.fields.RequestHead;
import org.junit.jupiter.api.Test;

/** What the documents cannot say of a request. */
class RequestAssemblerTest {
    private final BlockScratch.Pool pool = new BlockScratch.Pool();
    private final HpackDecoder hpack = new HpackDecoder();

    @Test
    void makesTheHeadThatAnExchangeKnows() throws Http2ViolationException {
        RequestHead head = head("GET /a/b?c=d", "accept: */*");

        assertThat(head.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(head.method()).isSameAs(Method.GET);
        assertThat(head.path()).isEqualTo("/a/b");
        assertThat(head.query()).isEqualTo("c=d");
        assertThat(head.authority()).isEqualTo("localhost");
        assertThat(head.first("Host")).isEqualTo("localhost");
        assertThat(head.name(1)).isEqualTo("accept");
    }

    /** A connection within a block keeps what it has borrowed, and another one gets separate memory. */
    @Test
    void readsTwoBlocksAtOnce() throws Http2ViolationException {
        BlockScratch one = pool.borrow();
        BlockScratch other = pool.borrow();
        one.request().start(Http2Limits.DEFAULT, true);
        other.request().start(Http2Limits.DEFAULT, true);
        byte[] first = block("GET /one", "a: 1");
        byte[] second = block("GET /two", "b: 2");
        HpackDecoder secondDecoder = new HpackDecoder();
        hpack.begin(one.request(), 10_000, one.strings());
        secondDecoder.begin(other.request(), 10_000, other.strings());
        for (int i = 0; i < first.length; i++) {
            hpack.decode(first, i, 1);
            secondDecoder.decode(second, i, 1);
        }

        assertThat(Objects.requireNonNull(one.request().end()).target()).isEqualTo("/one");
        assertThat(Objects.requireNonNull(other.request().end()).target()).isEqualTo("/two");
    }

    /** The pool drops large arrays after the block. It still reads the next block. */
    @Test
    void goesOnAfterALargeRequest() throws Http2ViolationException {
        String large = "x".repeat(30_000);
        Http2Limits limits = Http2Limits.of(40_000, 200_000, 100);
        RequestHead first = head(limits, "GET /" + large, "cookie: " + large, "a: " + large);
        RequestHead second = head(limits, "GET /small", "cookie: b");

        assertThat(first.target()).hasSize(30_001);
        assertThat(first.first("cookie")).hasSize(30_000);
        assertThat(second.target()).isEqualTo("/small");
        assertThat(second.first("cookie")).isEqualTo("b");
        assertThat(pool.borrow().strings().capacity()).isLessThanOrEqualTo(PseudoFields.LARGEST_KEPT_BYTES);
    }

    @Test
    void knowsTheSchemeOfALargeRequest() throws Http2ViolationException {
        BlockScratch scratch = pool.borrow();
        scratch.request().start(Http2Limits.of(40_000, 200_000, 100), true);
        byte[] block = block(":method: GET", ":scheme: https", ":authority: a", ":path: /" + "x".repeat(30_000));
        hpack.begin(scratch.request(), 200_000, scratch.strings());
        hpack.decode(block, 0, block.length);
        hpack.end();

        assertThat(scratch.request().end()).isNotNull();
        assertThat(scratch.request().isHttps()).isTrue();
    }

    private RequestHead head(String... lines) throws Http2ViolationException {
        return head(Http2Limits.DEFAULT, lines);
    }

    private RequestHead head(Http2Limits limits, String... lines) throws Http2ViolationException {
        BlockScratch scratch = pool.borrow();
        scratch.request().start(limits, true);
        byte[] block = block(lines);
        hpack.begin(scratch.request(), limits.maxHeaderListBytes(), scratch.strings());
        hpack.decode(block, 0, block.length);
        hpack.end();
        RequestHead head = scratch.request().end();
        pool.giveBack(scratch);
        return Objects.requireNonNull(head);
    }

    /** The payload of the frame that the lines belong to. */
    private static byte[] block(String... lines) {
        String[] frame = new String[lines.length + 1];
        frame[0] = "HEADERS stream=1";
        for (int i = 0; i < lines.length; i++) {
            frame[i + 1] = "  " + lines[i];
        }
        byte[] bytes = FrameNotation.bytes(frame);
        byte[] payload = new byte[bytes.length - 9];
        System.arraycopy(bytes, 9, payload, 0, payload.length);
        return payload;
    }
}
