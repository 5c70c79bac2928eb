package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.server.UrlEncoded;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Names that a client has chosen so that all have the same hash: they cost what other names cost. */
class HashFloodingTest {
    private static final int MOST_FIELDS = HeadLimits.DEFAULT.maxHeaderCount();

    @Test
    void findsEachFieldOfAsManyAsAreAllowed() throws ViolationException {
        List<String> names = colliding(MOST_FIELDS - 1);
        RequestHead head = decode(names);

        assertThat(names).extracting(String::hashCode).containsOnly(names.get(0).hashCode());
        assertThat(names).allSatisfy(name -> {
            assertThat(head.first(name)).isEqualTo("is " + name);
            assertThat(head.all(name)).hasSize(1);
        });
        assertThat(head.toMap()).hasSize(MOST_FIELDS);
    }

    @Test
    void refusesOneFieldMore() {
        assertThatThrownBy(() -> decode(colliding(MOST_FIELDS)))
                .isInstanceOfSatisfying(ViolationException.class, refused -> assertThat(refused.violation())
                        .isEqualTo(Violation.TOO_MANY_FIELDS));
    }

    @Test
    void readsAFormOfManyNames() {
        int count = 1 << 17;
        String form = String.join("&", colliding(count));
        // Comparing each name with all before it would take minutes, and so would looking for each value in all behind
        // it.
        Assertions.assertTimeout(Duration.ofSeconds(20), () -> assertThat(UrlEncoded.parse(form, count))
                .hasSize(count));
    }

    private static RequestHead decode(List<String> names) throws ViolationException {
        StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
        names.forEach(name -> text.append(name).append(": is ").append(name).append("\r\n"));
        RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, new DecoderPool());
        decoder.advance(ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1)));
        return decoder.head();
    }

    /** Each bit is one of two pairs of characters that have the same hash, in lower case too. */
    private static List<String> colliding(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    StringBuilder name = new StringBuilder();
                    for (int bit = 0; bit < 17; bit++) {
                        name.append((number >> bit & 1) == 0 ? "a~" : "b_");
                    }
                    return name.toString();
                })
                .toList();
    }
}
