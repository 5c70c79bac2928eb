package org.httpkit.internal.http1;

import java.io.IOException;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.httpkit.internal.fields.Violation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What we accept Netty reads the same: method, target, fields, where each body begins and ends, trailers. Two parsers that read
 * one connection in two ways are what request smuggling needs.
 */
@Tag("long")
class NettyComparisonTest {
    private final ParserComparison comparison = new ParserComparison(
            "Netty",
            NettyReader::read,
            Difference.values(),
            EnumSet.of(
                    Violation.BARE_CR,
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
                    Violation.OBSOLETE_LINE_FOLDING,
                    Violation.INVALID_FIELD_VALUE,
                    Violation.MISSING_HOST,
                    Violation.REPEATED_HOST,
                    Violation.INVALID_HOST,
                    Violation.REPEATED_CONTENT_LENGTH,
                    Violation.INVALID_TRANSFER_ENCODING,
                    Violation.UNKNOWN_TRANSFER_CODING,
                    Violation.INVALID_CHUNK_EXTENSION,
                    Violation.FORBIDDEN_TRAILER));

    /** What we accept and Netty does not. There is nothing that both accept and read differently. */
    private enum Difference implements ParserComparison.Difference {
        /** RFC 9110 section 2.5: a higher minor version is read as the highest one known. Netty knows the field in 1.1 alone. */
        TRANSFER_ENCODING_IN_A_HIGHER_MINOR_VERSION(" HTTP/1\\.[2-9]\r\n(?s:.*)(?i:Transfer-Encoding)"),
        /** RFC 9112 section 7.1: a recipient must anticipate large numerals. Netty's chunks end at 2 GiB. */
        CHUNKS_BEYOND_AN_INT("\r\n0*([89a-fA-F][0-9a-fA-F]{7}|[1-9a-fA-F][0-9a-fA-F]{8,})[;\r \t]"),
        /** RFC 9112 section 7.1.1: the white space around an extension's parts may be tabs. Netty takes none. */
        TABS_IN_CHUNK_EXTENSIONS("\r\n[0-9a-fA-F]+[ \t]*(;[^\r\n]*)?\t"),
        /** RFC 9112 section 7.1.1: there may be white space before the semicolon of a further extension. Netty takes none behind a token. */
        SPACE_BEHIND_AN_EXTENSIONS_VALUE("\r\n[0-9a-fA-F]+ *;[^\r\n\t]*= *[^\r\n\t \"]+ +;"),
        /** RFC 9110 section 5.6.4: quoted text may have obs-text, bytes above 0x7f. Netty takes none in an extension. */
        OBS_TEXT_IN_CHUNK_EXTENSIONS("\r\n[0-9a-fA-F]+ *;[^\r\n\t]*\"[^\r\n\t]*[\\x80-\\xff]");

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
    void whatWeAcceptNettyReadsTheSame() throws IOException {
        comparison.compareDocuments();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatWeAcceptOfDamagedInputNettyReadsTheSame() throws IOException {
        comparison.compareDamaged();
    }
}
