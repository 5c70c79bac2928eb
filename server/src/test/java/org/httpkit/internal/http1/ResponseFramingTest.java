package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseFramingTest {

    @ParameterizedTest(name = "{0} {1} {2} body {3} declared {4}")
    @CsvSource(
            delimiter = '|',
            value = {
                // Known and unknown lengths.
                "GET     | HTTP_1_1 | 200 |  5 | -1 | LENGTH      |  5",
                "GET     | HTTP_1_1 | 200 |  0 | -1 | LENGTH      |  0",
                "GET     | HTTP_1_1 | 200 | -1 | -1 | CHUNKED     | -1",
                "GET     | HTTP_1_0 | 200 |  5 | -1 | LENGTH      |  5",
                "GET     | HTTP_1_0 | 200 | -1 | -1 | UNTIL_CLOSE | -1",
                "POST    | HTTP_1_1 | 404 |  5 |  7 | LENGTH      |  5",
                // No body and no length.
                "GET     | HTTP_1_1 | 204 |  0 | -1 | NONE        | -1",
                "GET     | HTTP_1_1 | 204 |  5 |  5 | NONE        | -1",
                "GET     | HTTP_1_0 | 204 | -1 | -1 | NONE        | -1",
                "HEAD    | HTTP_1_1 | 204 |  5 |  5 | NONE        | -1",
                "CONNECT | HTTP_1_1 | 200 |  5 | -1 | NONE        | -1",
                "CONNECT | HTTP_1_1 | 299 |  5 | -1 | NONE        | -1",
                "CONNECT | HTTP_1_1 | 300 |  5 | -1 | LENGTH      |  5",
                "CONNECT | HTTP_1_1 | 405 |  5 | -1 | LENGTH      |  5",
                // No body and a length of zero.
                "GET     | HTTP_1_1 | 205 |  5 | -1 | NONE        |  0",
                "GET     | HTTP_1_1 | 205 | -1 | -1 | NONE        |  0",
                // No body and the length of a body elsewhere.
                "GET     | HTTP_1_1 | 304 |  0 | -1 | NONE        | -1",
                "GET     | HTTP_1_1 | 304 |  5 | -1 | NONE        | -1",
                "GET     | HTTP_1_1 | 304 |  0 |  7 | NONE        |  7",
                "HEAD    | HTTP_1_1 | 304 |  0 |  7 | NONE        |  7",
                "HEAD    | HTTP_1_1 | 200 |  5 | -1 | NONE        |  5",
                "HEAD    | HTTP_1_1 | 200 |  5 |  7 | NONE        |  5",
                "HEAD    | HTTP_1_1 | 200 |  0 |  7 | NONE        |  7",
                "HEAD    | HTTP_1_1 | 200 |  0 | -1 | NONE        | -1",
                "HEAD    | HTTP_1_1 | 200 | -1 | -1 | NONE        | -1",
                "HEAD    | HTTP_1_0 | 200 | -1 |  7 | NONE        |  7",
            })
    void decidesWhatFollowsTheHead(
            String method,
            HttpVersion version,
            int status,
            long bodyLength,
            long declaredLength,
            ResponseFraming.Body body,
            long lengthField) {
        ResponseFraming framing =
                ResponseFraming.decide(Method.of(method), version, status, bodyLength, declaredLength, true);

        assertThat(framing.body()).isEqualTo(body);
        assertThat(framing.length()).isEqualTo(lengthField);
        assertThat(framing.hasBody()).isEqualTo(body != ResponseFraming.Body.NONE);
        assertThat(framing.isChunked()).isEqualTo(body == ResponseFraming.Body.CHUNKED);
        assertThat(framing.keepsConnection()).isEqualTo(body != ResponseFraming.Body.UNTIL_CLOSE);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, true, KEEP_ALIVE",
        "HTTP_1_1, false, CLOSE",
        "HTTP_1_0, true, KEEP_ALIVE_SAID",
        "HTTP_1_0, false, CLOSE",
    })
    void decidesWhetherTheConnectionGoesOn(
            HttpVersion version, boolean keepAlive, ResponseFraming.Persistence persistence) {
        for (int status : new int[] {200, 204, 205, 304}) {
            for (Method method : new Method[] {Method.GET, Method.HEAD}) {
                ResponseFraming framing = ResponseFraming.decide(method, version, status, 5, -1, keepAlive);

                assertThat(framing.persistence()).isEqualTo(persistence);
                assertThat(framing.keepsConnection()).isEqualTo(keepAlive);
            }
        }
    }

    @Test
    void closesWhereOnlyTheEndOfTheConnectionEndsTheBody() {
        ResponseFraming framing = ResponseFraming.decide(Method.GET, HttpVersion.HTTP_1_0, 200, -1, -1, true);

        assertThat(framing.persistence()).isEqualTo(ResponseFraming.Persistence.CLOSE);
    }
}
