package org.httpkit.internal.http1;

import java.io.IOException;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.httpkit.internal.fields.Violation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What we accept Jetty reads the same, and what we refuse it refuses for the most part. */
@Tag("long")
class JettyComparisonTest {
    private final ParserComparison comparison = new ParserComparison(
            "Jetty",
            JettyReader::read,
            Difference.values(),
            EnumSet.of(
                    Violation.BARE_LF,
                    Violation.EMPTY_LINES,
                    Violation.INVALID_REQUEST_LINE,
                    Violation.INVALID_METHOD,
                    Violation.INVALID_TARGET,
                    Violation.INVALID_PERCENT_ENCODING,
                    Violation.UNKNOWN_SCHEME,
                    Violation.INVALID_AUTHORITY,
                    Violation.ASTERISK_WITHOUT_OPTIONS,
                    Violation.INVALID_VERSION,
                    Violation.UNSUPPORTED_VERSION,
                    Violation.INVALID_HOST,
                    Violation.TRANSFER_ENCODING_IN_HTTP_1_0,
                    Violation.INVALID_TRANSFER_ENCODING,
                    Violation.UNKNOWN_TRANSFER_CODING,
                    Violation.FORBIDDEN_TRAILER));

    /** What we accept and Jetty does not. There is nothing that both accept and read differently. */
    private enum Difference implements ParserComparison.Difference {
        /** RFC 9110 section 2.5: a higher minor version is read as the highest one known. Jetty knows none. */
        HIGHER_MINOR_VERSION(" HTTP/1\\.[2-9]\r\n"),
        /** RFC 3986 section 3.2.3: a port is any number of digits, none as well. Jetty wants one above 0. */
        EMPTY_PORT_OR_ZERO("(?i:Host):[ \t]*[^\r\n]*:0*[ \t]*\r\n"),
        /** RFC 3986 section 3.2.2: an address may be of a future version. Jetty knows IPv6 alone. */
        FUTURE_ADDRESS("(?i:Host):[ \t]*\\[[vV]"),
        /** RFC 9112 section 7.1: a chunk size is any number of digits. Jetty takes 15 at most, zeros as well. */
        LONG_CHUNK_SIZE("\r\n[0-9a-fA-F]{16,}");

        private final Pattern pattern;

        Difference(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }

        @Override
        public boolean explains(String input, ReadRequest our) {
            return pattern.matcher(input).find();
        }
    }

    @Test
    void whatWeAcceptJettyReadsTheSame() throws IOException {
        comparison.compareDocuments();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatWeAcceptOfDamagedInputJettyReadsTheSame() throws IOException {
        comparison.compareDamaged();
    }
}
