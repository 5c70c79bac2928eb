package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.httpkit.testkit.Seeds;
import org.httpkit.web.MultipartDocuments.Case;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartParserTest {

    static List<Case> cases() {
        return MultipartDocuments.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAreThoseOfTheDocument(Case document) throws Exception {
        assertThat(events(document, document.body(), List.of())).isEqualTo(document.events());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAreTheSameHoweverTheBodyIsCut(Case document) throws Exception {
        int length = document.body().length;
        List<Integer> everywhere = new ArrayList<>();
        for (int cut = 1; cut < length; cut++) {
            everywhere.add(cut);
            assertThat(events(document, document.body(), List.of(cut)))
                    .as("cut at %s", cut)
                    .isEqualTo(document.events());
            for (int second = cut + 1; second < Math.min(length, cut + 6); second++) {
                assertThat(events(document, document.body(), List.of(cut, second)))
                        .isEqualTo(document.events());
            }
        }
        assertThat(events(document, document.body(), everywhere)).isEqualTo(document.events());
    }

    /** Whatever the bytes, the outcome is steps and one named end, the same for all cuts. */
    @ParameterizedTest
    @MethodSource("cases")
    void outcomeOfDamagedBytesDoesNotDependOnCuts(Case document) throws Exception {
        for (long seed : Seeds.of(1, 2)) {
            Random random = Seeds.random(seed);
            for (int round = 0; round < 40; round++) {
                byte[] damaged = damaged(document.body(), random);
                List<Integer> cuts = new ArrayList<>();
                for (int at = 1 + random.nextInt(4); at < damaged.length; at += 1 + random.nextInt(9)) {
                    cuts.add(at);
                }
                assertThat(events(document, damaged, cuts))
                        .as("bytes %s", MultipartDocuments.written(damaged))
                        .isEqualTo(events(document, damaged, List.of()));
            }
        }
    }

    private static byte[] damaged(byte[] body, Random random) {
        byte[] damaged = body.clone();
        if (damaged.length == 0) {
            return damaged;
        }
        byte[] likely = "\r\n-b:;\"= \\*".getBytes(StandardCharsets.US_ASCII);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            damaged[random.nextInt(damaged.length)] = likely[random.nextInt(likely.length)];
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(damaged, random.nextInt(damaged.length) + 1) : damaged;
    }

    private static List<String> events(Case document, byte[] body, List<Integer> cuts) throws Exception {
        List<String> events = new ArrayList<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        MultipartParser parser =
                MultipartParser.of("multipart/form-data; boundary=\"" + document.boundary() + '"', document.limits());
        try {
            int from = 0;
            for (int i = 0; i <= cuts.size(); i++) {
                int to = i == cuts.size() ? body.length : cuts.get(i);
                ByteBuffer piece = ByteBuffer.wrap(Arrays.copyOfRange(body, from, to));
                MultipartParser.Step step;
                while ((step = parser.advance(piece)) != MultipartParser.Step.NEED_INPUT) {
                    switch (step) {
                        case PART -> events.add(head(parser.part()));
                        case DATA -> {
                            assertThat(parser.data().hasRemaining()).isTrue();
                            while (parser.data().hasRemaining()) {
                                data.write(parser.data().get());
                            }
                        }
                        case PART_END -> {
                            tellData(data, events);
                            events.add("end");
                        }
                        case NEED_INPUT -> throw new AssertionError();
                    }
                }
                assertThat(piece.hasRemaining()).isFalse();
                from = to;
            }
            parser.end();
            events.add("whole");
        } catch (MultipartException e) {
            tellData(data, events);
            events.add("violation " + e.violation() + " " + e.violation().status());
        }
        return events;
    }

    private static void tellData(ByteArrayOutputStream data, List<String> events) {
        if (data.size() > 0) {
            events.add("data " + MultipartDocuments.written(data.toByteArray()));
            data.reset();
        }
    }

    private static String head(PartHead head) {
        String file = head.fileName();
        String type = head.fields().get("content-type");
        String given = head.givenFileName();
        return "part " + written(head.name())
                + (file == null ? "" : " file " + (file.isEmpty() ? "(empty)" : written(file)))
                + (given == null || given.equals(file) ? "" : " given " + written(given))
                + (type == null ? "" : " type " + type);
    }

    private static String written(String text) {
        return MultipartDocuments.written(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', nullValues = "none", textBlock = """
                    none                                                  | NOT_MULTIPART
                    text/plain                                            | NOT_MULTIPART
                    multipart/mixed; boundary=b                           | NOT_MULTIPART
                    multipart/form-data                                   | INVALID_BOUNDARY
                    multipart/form-data; boundary=                        | NOT_MULTIPART
                    multipart/form-data; boundary=""                      | INVALID_BOUNDARY
                    multipart/form-data; boundary="a "                    | INVALID_BOUNDARY
                    multipart/form-data; boundary="a\\"b"                 | INVALID_BOUNDARY
                    multipart/form-data; boundary=a; boundary=b           | REPEATED
                    multipart/form-data; boundary="0123456789012345678901234567890123456789012345678901234567890123456789a" | INVALID_BOUNDARY
                    """)
    void refusesTypesThatAreNone(String type, String violation) {
        assertThatThrownBy(() -> MultipartParser.of(type, new MultipartParser.Limits(1, 1, 1, 1)))
                .isInstanceOfSatisfying(
                        MultipartException.class, e -> assertThat(e.violation()).hasToString(violation));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=b",
                "Multipart/Form-Data;charset=utf-8;BOUNDARY=\"b c\"",
                "multipart/form-data; boundary=----WebKitFormBoundaryAbC123",
                "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789"
            })
    void takesTypesOfForms(String type) throws Exception {
        assertThat(MultipartParser.of(type, new MultipartParser.Limits(1, 1, 1, 1)))
                .isNotNull();
    }

    @Test
    void violationsHaveNoStack() {
        assertThat(new MultipartException(MultipartViolation.TRUNCATED).getStackTrace())
                .isEmpty();
    }
}
