package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.httpkit.internal.fields.RequestHead;
import org.junit.jupiter.api.Test;

/** A request of ten fields, as a browser's second one comes, makes its head and one array, and nothing else. */
class RequestAllocationTest {
    private static final int ROUNDS = 20_000;
    /** The head's fields, with or without compressed references. */
    private static final int LARGEST_HEAD_OBJECT = 112;

    private static final int ARRAY_HEADER = 24;

    private static final String[] FIELDS = {
        "  :method: GET",
        "  :scheme: https",
        "  :authority: www.example.com",
        "  :path: /news/article?id=1234",
        "  user-agent: Mozilla/5.0 (X11; Linux x86_64)",
        "  accept: text/html,application/xhtml+xml",
        "  accept-encoding: gzip, deflate, br",
        "  accept-language: en-GB,en;q=0.9",
        "  referer: https://www.example.com/",
        "  cookie: session=8f14e45fceea167a5a36dedd4bea2543",
        "  cookie: theme=dark"
    };

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final FrameDecoder decoder = new FrameDecoder(Http2Limits.DEFAULT, new Settings());
    private final HpackDecoder hpack = new HpackDecoder();
    private final BlockScratch.Pool pool = new BlockScratch.Pool();

    @Test
    void allocatesTheHeadAndItsBytes() throws Http2ViolationException {
        String[] lines = new String[FIELDS.length + 1];
        lines[0] = "HEADERS stream=1 END_STREAM END_HEADERS";
        System.arraycopy(FIELDS, 0, lines, 1, FIELDS.length);
        ByteBuffer in = ByteBuffer.wrap(FrameNotation.bytes(lines));
        decode(ByteBuffer.wrap(FrameNotation.bytes("SETTINGS")), 1);
        RequestHead head = Objects.requireNonNull(decode(in, ROUNDS));

        long before = threads.getCurrentThreadAllocatedBytes();
        decode(in, ROUNDS);
        long perRequest = (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;

        assertThat(perRequest)
                .isBetween(
                        head.text().length - 4L,
                        head.text().length + 8L * head.size() + ARRAY_HEADER + LARGEST_HEAD_OBJECT);
    }

    private RequestHead decode(ByteBuffer in, int rounds) throws Http2ViolationException {
        RequestHead head = null;
        for (int i = 0; i < rounds; i++) {
            in.rewind();
            BlockScratch scratch = pool.borrow();
            FrameDecoder.Step step = decoder.advance(in);
            while (step != FrameDecoder.Step.NEED_INPUT) {
                switch (step) {
                    case HEADERS -> {
                        scratch.request().start(Http2Limits.DEFAULT, decoder.endStream());
                        hpack.begin(scratch.request(), Http2Limits.DEFAULT.maxHeaderListBytes(), scratch.strings());
                    }
                    case FRAGMENT -> hpack.decode(decoder.array(), decoder.sliceOffset(), decoder.sliceLength());
                    case HEADERS_END -> {
                        hpack.end();
                        head = scratch.request().end();
                    }
                    default -> {
                        // SETTINGS
                    }
                }
                step = decoder.advance(in);
            }
            pool.giveBack(scratch);
        }
        return head;
    }
}
