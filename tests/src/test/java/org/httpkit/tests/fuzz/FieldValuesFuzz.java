package org.httpkit.tests.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.coding.AcceptEncoding;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.internal.representation.ByteRanges;
import org.httpkit.internal.representation.EntityTag;
import org.httpkit.internal.representation.Preconditions;
import org.httpkit.internal.representation.Preconditions.Outcome;
import org.httpkit.internal.representation.Validators;
import org.jspecify.annotations.Nullable;

/**
 * The values of fields that ask for a part, a state or a coding: none leads to an exception, to a byte that is not there, or to a byte twice;
 * and none hides a tag behind it.
 */
public final class FieldValuesFuzz {
    private static final long NOW = 1_767_225_600L;
    private static final EntityTag TAG = new EntityTag(false, "\"tag\"");
    private static final List<String> OFFERED = List.of("br", "gzip");

    private FieldValuesFuzz() {}

    /** Two bytes are the length of the content, the rest is the value. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int length = choices.two();
        String value = new String(choices.rest(), StandardCharsets.ISO_8859_1)
                .replaceAll("[\\x00-\\x08\\x0a-\\x1f\\x7f]", "\t")
                .strip();
        requireRangesWithin(ByteRanges.of(value, length), length, value);
        requireTheSameDate(value);
        requireTheSameTag(value);
        requireTheTagBehind(value);
        requireACoding(value);
    }

    private static void requireRangesWithin(@Nullable List<ByteRange> ranges, int length, String value) {
        if (ranges == null) {
            return;
        }
        boolean[] sent = new boolean[length];
        for (ByteRange range : ranges) {
            require(range.first() >= 0 && range.first() <= range.last() && range.last() < length, value);
            for (int i = (int) range.first(); i <= range.last(); i++) {
                require(!sent[i], value);
                sent[i] = true;
            }
        }
        require(ranges.size() <= ByteRanges.MOST, value);
    }

    private static void requireTheSameDate(String value) {
        long second = HttpDate.parse(value, NOW);
        if (second >= 0 && second <= HttpDate.LAST_SECOND) {
            require(HttpDate.parse(HttpDate.text(second), NOW) == second, value);
        }
    }

    private static void requireTheSameTag(String value) {
        EntityTag tag = EntityTag.parse(value);
        if (tag != null) {
            require(tag.toString().equals(value), value);
            Headers fields = Headers.of("If-None-Match", value);
            Validators current = new Validators(tag, HttpDate.INVALID);
            require(Preconditions.decide(fields, true, current, NOW) == Outcome.NOT_MODIFIED, value);
        }
    }

    /** On a separate line, whatever the line before leaves open. */
    private static void requireTheTagBehind(String value) {
        Validators current = new Validators(TAG, NOW);
        Headers fields = Headers.of("If-None-Match", value, "If-None-Match", TAG.opaque());
        require(Preconditions.decide(fields, true, current, NOW) == Outcome.NOT_MODIFIED, value);
        Headers others = Headers.of(
                "If-Match", value, "If-Unmodified-Since", value, "If-Modified-Since", value, "If-Range", value);
        Outcome outcome = Preconditions.decide(others, true, current, NOW);
        require(outcome != Outcome.FAILED || !Preconditions.rangeCounts(others, current, NOW), value);
    }

    private static void requireACoding(String value) {
        String chosen = AcceptEncoding.choose(Arrays.asList(value, ""), OFFERED);
        require(chosen == null || chosen.equals(AcceptEncoding.IDENTITY) || OFFERED.contains(chosen), value);
    }

    private static void require(boolean holds, String value) {
        if (!holds) {
            throw new AssertionError(value);
        }
    }
}
