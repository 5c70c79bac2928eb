package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CharsetsTest {
    private static Charset of(String charset) throws MultipartException {
        byte[] head = ("Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=" + charset
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return PartHead.of(head, head.length).charset();
    }

    @Test
    void findsACharsetByAnyOfItsNames() throws Exception {
        assertThat(of("ISO-8859-1")).isEqualTo(StandardCharsets.ISO_8859_1);
        assertThat(of("\"Latin1\"")).isEqualTo(StandardCharsets.ISO_8859_1);
        assertThat(of("cp1251").name()).isEqualTo("windows-1251");
        for (String utf8 : List.of("UTF-8", "utf8", "none-such", "\"a b/c\"", "\"\"")) {
            assertThat(of(utf8)).as(utf8).isEqualTo(StandardCharsets.UTF_8);
        }
    }

    /** Each search of the JDK's for a name that it does not know takes a fifth of a millisecond or more. */
    @Test
    void searchesForNoNameAnew() throws Exception {
        of("none-such");
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < 10_000; i++) {
            of("none-such-" + i);
        }

        assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(1_000_000_000L);
    }
}
