package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharsetsTest {
    private static Charset of(String contentType) {
        return Charsets.of(Headers.of("Content-Type", contentType));
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain; charset=ISO-8859-1, ISO-8859-1",
        "text/plain; charset=\"Latin1\", ISO-8859-1",
        "text/plain;charset=UTF-8;format=flowed, UTF-8",
        "text/plain; CHARSET=us-ascii, US-ASCII",
        "text/plain; charset=windows-1251, windows-1251",
        "text/plain; charset=cp1251, windows-1251",
        "text/plain; charset=UTF-16LE, UTF-16LE",
    })
    void findsACharsetByAnyOfItsNames(String contentType, String name) {
        assertThat(of(contentType)).isEqualTo(Charset.forName(name));
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain",
        "text/plain; charset=",
        "text/plain; charset=none-such",
        "text/plain; charset=\"",
        "text/plain; charset=a b/c"
    })
    void takesTextWithoutACharsetThatIsKnownForUtf8(String contentType) {
        assertThat(of(contentType)).isEqualTo(StandardCharsets.UTF_8);
    }

    @Test
    void takesTextWithoutAContentTypeForUtf8() {
        assertThat(Charsets.of(Headers.empty())).isEqualTo(StandardCharsets.UTF_8);
    }

    /** Each search of the JDK's for a name that it does not know takes a fifth of a millisecond or more. */
    @Test
    void searchesForNoNameAnew() {
        of("text/plain; charset=none-such");
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < 10_000; i++) {
            of("text/plain; charset=none-such-" + i);
        }

        assertThat(threads.getCurrentThreadCpuTime() - before)
                .as("nanoseconds of processor time for 10 000 names")
                .isLessThan(500_000_000L);
    }

    /** The body of a request asks for its charset in the thread that wants text, not in the loop that received it. */
    @Test
    void isNotAskedForBeforeSomebodyWantsText() throws Exception {
        Headers unreadable = new Headers() {
            @Override
            public int size() {
                throw new AssertionError("Nobody has asked for text");
            }

            @Override
            public String name(int index) {
                throw new AssertionError();
            }

            @Override
            public String value(int index) {
                throw new AssertionError();
            }
        };
        CollectedBody body = new CollectedBody(new byte[] {1, 2}, unreadable);

        assertThat(body.bytes()).containsExactly(1, 2);
        assertThat(body.stream().readAllBytes()).containsExactly(1, 2);
        assertThat(body.length()).isEqualTo(2);
    }
}
