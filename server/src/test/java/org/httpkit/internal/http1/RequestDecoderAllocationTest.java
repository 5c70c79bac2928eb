package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.ViolationException;
import org.junit.jupiter.api.Test;

/** The decoder makes the head and one array for each request, and nothing else. */
class RequestDecoderAllocationTest {
    private static final int ROUNDS = 20_000;
    /** The head's fields, with or without compressed references. */
    private static final int LARGEST_HEAD_OBJECT = 112;

    private static final int ARRAY_HEADER = 24;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void allocatesTheHeadAndItsBytes() throws ViolationException {
        String request = "GET /index.html?a=b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n";

        assertThat(bytesPerRequest(request)).isBetween(request.length() - 4L, budget(request, 3));
    }

    @Test
    void allocatesNoMoreForABodyOfKnownLength() throws ViolationException {
        String head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";

        assertThat(bytesPerRequest(head + "x".repeat(1000))).isLessThanOrEqualTo(budget(head, 2));
    }

    private static long budget(String head, int fields) {
        return head.length() + 8L * fields + ARRAY_HEADER + LARGEST_HEAD_OBJECT;
    }

    /** The second half of the rounds runs code that is compiled; what compiling allocates is not the thread's. */
    private long bytesPerRequest(String request) throws ViolationException {
        RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, new DecoderPool());
        ByteBuffer in = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
        decode(decoder, in, ROUNDS);
        long before = threads.getCurrentThreadAllocatedBytes();
        decode(decoder, in, ROUNDS);
        return (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
    }

    private static void decode(RequestDecoder decoder, ByteBuffer in, int rounds) throws ViolationException {
        for (int i = 0; i < rounds; i++) {
            in.rewind();
            while (decoder.advance(in) != RequestDecoder.Step.END) {
                // Nothing is kept.
            }
        }
    }
}
