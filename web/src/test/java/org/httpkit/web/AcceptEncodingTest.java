package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.httpkit.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptEncodingTest {
    private static final List<String> ALL = List.of("br", "zstd", "gzip");

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                    gzip                              | gzip
                    GZip                              | gzip
                    x-gzip                            | gzip
                    gzip, deflate, br, zstd           | br
                    gzip, zstd                        | zstd
                    gzip;q=1.0, br;q=0.5              | gzip
                    gzip ; q=0.5 , br; Q=0.501        | br
                    br;q=0.001                        | br
                    br;q=0                            | identity
                    br;q=0.000                        | identity
                    deflate                           | identity
                    ''                                | identity
                    *                                 | br
                    *;q=0                             | none
                    *;q=0, identity                   | identity
                    *;q=0, gzip                       | gzip
                    br;q=0, *                         | zstd
                    identity                          | identity
                    identity, gzip                    | gzip
                    identity, gzip;q=0.9              | identity
                    identity;q=0.5, gzip;q=0.9        | gzip
                    identity;q=0                      | none
                    identity;q=0, deflate             | none
                    identity;q=0, gzip                | gzip
                    gzip;q=2                          | identity
                    gzip;q=0.1234                     | identity
                    gzip;q=.5                         | identity
                    gzip;q=+1                         | identity
                    gzip;q=-1                         | identity
                    gzip;q=1.001                      | identity
                    gzip;level=9                      | identity
                    gzip;q=1;q=0                      | identity
                    ,,gzip,                           | gzip
                    gzip gzip                         | identity
                    """)
    void choosesByWeights(String field, String coding) {
        assertThat(AcceptEncoding.of(Headers.of("Accept-Encoding", field)).choose(ALL))
                .isEqualTo(coding);
    }

    @Test
    void takesIdentityForAClientThatSaysNothing() {
        assertThat(AcceptEncoding.of(Headers.empty()).choose(ALL)).isEqualTo("identity");
    }

    @Test
    void readsAllLinesOfTheField() {
        Headers headers = Headers.of("Accept-Encoding", "gzip;q=0.5", "accept-encoding", "zstd");

        assertThat(AcceptEncoding.of(headers).choose(ALL)).isEqualTo("zstd");
        assertThat(AcceptEncoding.of(headers).choose(List.of("br", "gzip"))).isEqualTo("gzip");
        assertThat(AcceptEncoding.of(headers).choose(List.of())).isEqualTo("identity");
    }
}
