package org.httpkit.internal.http1;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.httpkit.internal.fields.Violation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What we accept llhttp, the parser of Node.js, reads the same. Skipped without a Node.js that has its version 9. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("long")
class LlhttpComparisonTest {
    private static LlhttpReader reader;
    private static String obstacle;

    private final ParserComparison comparison = new ParserComparison(
            "llhttp",
            input -> reader.read(input),
            Difference.values(),
            EnumSet.of(
                    Violation.BARE_CR,
                    Violation.BARE_LF,
                    Violation.EMPTY_LINES,
                    Violation.INVALID_REQUEST_LINE,
                    Violation.INVALID_TARGET,
                    Violation.INVALID_PERCENT_ENCODING,
                    Violation.UNKNOWN_SCHEME,
                    Violation.INVALID_AUTHORITY,
                    Violation.ASTERISK_WITHOUT_OPTIONS,
                    Violation.INVALID_VERSION,
                    Violation.UNSUPPORTED_VERSION,
                    Violation.MISSING_HOST,
                    Violation.REPEATED_HOST,
                    Violation.INVALID_HOST,
                    Violation.CONTENT_LENGTH_OVERFLOW,
                    Violation.TRANSFER_ENCODING_IN_HTTP_1_0,
                    Violation.INVALID_TRANSFER_ENCODING,
                    Violation.UNKNOWN_TRANSFER_CODING,
                    Violation.INVALID_CHUNK_EXTENSION,
                    Violation.FORBIDDEN_TRAILER));

    /** What we accept and llhttp does not. There is nothing that both accept and read differently. */
    private enum Difference implements ParserComparison.Difference {
        /** RFC 9110 section 9.1: any token may be a method. llhttp has a list of those it knows. */
        UNKNOWN_METHOD((input, our) -> !reader.knowsMethod(our.line().split(" ")[0])),
        /** RFC 9110 section 2.5: a higher minor version is read as the highest one known. llhttp knows none. */
        HIGHER_MINOR_VERSION(find(" HTTP/1\\.[2-9]\r\n")),
        /** RFC 9112 section 9.3: a connection may end with a request. llhttp sees to that itself; here the decoder need not know. */
        AFTER_THE_LAST_REQUEST(find("HTTP/1\\.0\r\n|(?i:\r\nConnection:[^\r\n]*(close|upgrade))|CONNECT ")),
        /** RFC 9110 section 5.6.3: the white space around a value may be tabs. llhttp takes spaces alone in fields that frame. */
        TABS_AROUND_A_VALUE(find("(?i:Content-Length|Transfer-Encoding):[^\r\n]*\t")),
        /** RFC 9110 section 5.6.1.2: elements of a list may be empty. llhttp takes what is behind {@code chunked} for another coding. */
        EMPTY_LIST_ELEMENTS(find("(?i:Transfer-Encoding:[^\r\n]*chunked) *,")),
        /** RFC 9112 section 7.1.1: there may be white space around an extension's parts. llhttp takes none. */
        SPACE_IN_CHUNK_EXTENSIONS(find("\r\n[0-9a-fA-F]+(;[^\r\n]*)?[ \t]"));

        private final BiPredicate<String, ReadRequest> explanation;

        Difference(BiPredicate<String, ReadRequest> explanation) {
            this.explanation = explanation;
        }

        private static BiPredicate<String, ReadRequest> find(String pattern) {
            Pattern compiled = Pattern.compile(pattern);
            return (input, our) -> compiled.matcher(input).find();
        }

        @Override
        public boolean explains(String input, ReadRequest our) {
            return explanation.test(input, our);
        }
    }

    @BeforeAll
    static void startNode() throws URISyntaxException {
        try {
            reader = LlhttpReader.start();
            obstacle = reader.version().startsWith("9.") ? "" : "llhttp is of version " + reader.version();
        } catch (IOException e) {
            obstacle = "There is no Node.js: " + e.getMessage();
        }
    }

    /** For each test, so that it is reported as skipped. */
    @BeforeEach
    void skipWithoutNode() {
        assumeTrue(obstacle.isEmpty(), obstacle);
    }

    @AfterAll
    static void endNode() {
        if (reader != null) {
            reader.close();
        }
    }

    @Test
    void whatWeAcceptLlhttpReadsTheSame() throws IOException {
        comparison.compareDocuments();
    }

    @Test
    void whatWeAcceptOfDamagedInputLlhttpReadsTheSame() throws IOException {
        comparison.compareDamaged();
    }
}
