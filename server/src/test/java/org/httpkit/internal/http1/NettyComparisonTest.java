package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reads the documents' inputs, as they are and damaged, with Netty's decoder beside ours. What we accept Netty reads the same:
 * method, target, fields, where each body begins and ends, trailers. Two parsers that read one connection in two ways are what
 * request smuggling needs. {@code -Dhttpkit.long=true} takes minutes instead of seconds.
 */
class NettyComparisonTest {
    private static final int ROUNDS = Boolean.getBoolean("httpkit.long") ? 500_000 : 10_000;

    /** What we accept and Netty does not. There is nothing that both accept and read differently. */
    private enum Difference {
        /** RFC 9110 section 2.5: a higher minor version is read as the highest one known. Netty knows the field in 1.1 alone. */
        TRANSFER_ENCODING_IN_A_HIGHER_MINOR_VERSION(" HTTP/1\\.[2-9]\r\n(?s:.*)(?i:Transfer-Encoding)"),
        /** RFC 9112 section 7.1: a recipient must anticipate large numerals. Netty's chunks end at 2 GiB. */
        CHUNKS_BEYOND_AN_INT("\r\n0*([89a-fA-F][0-9a-fA-F]{7}|[1-9a-fA-F][0-9a-fA-F]{8,})[;\r \t]"),
        /** RFC 9112 section 7.1.1: the white space around an extension's parts may be tabs. Netty takes none. */
        TABS_IN_CHUNK_EXTENSIONS("\r\n[0-9a-fA-F]+[ \t]*(;[^\r\n]*)?\t"),
        /** RFC 9110 section 5.6.4: quoted text may have obs-text, bytes above 0x7f. Netty takes none in an extension. */
        OBS_TEXT_IN_CHUNK_EXTENSIONS("\r\n[0-9a-fA-F]+ *;[^\r\n\t]*\"[^\r\n\t]*[\\x80-\\xff]");

        private final Pattern pattern;

        Difference(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }

        boolean isIn(byte[] input) {
            return pattern.matcher(new String(input, StandardCharsets.ISO_8859_1))
                    .find();
        }
    }

    @Test
    void whatWeAcceptNettyReadsTheSame() throws IOException {
        int accepted = 0;
        Set<Difference> found = EnumSet.noneOf(Difference.class);
        for (byte[] input : RequestDecoderMutationTest.seeds()) {
            accepted += compare(input, found, "as documented");
        }
        assertThat(accepted).isGreaterThan(100);
        assertThat(found).as("differences that are no more").containsExactly(Difference.values());
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatWeAcceptOfDamagedInputNettyReadsTheSame() throws IOException {
        List<byte[]> seeds = RequestDecoderMutationTest.seeds();
        long fresh = ThreadLocalRandom.current().nextLong();
        int accepted = 0;
        for (long seed : new long[] {9112, fresh}) {
            Random random = new Random(seed);
            for (int round = 0; round < ROUNDS; round++) {
                byte[] input = RequestDecoderMutationTest.mutated(seeds, random);
                accepted += compare(input, EnumSet.noneOf(Difference.class), "round " + round + " of seed " + seed);
            }
        }
        assertThat(accepted).isGreaterThan(1_000);
    }

    /** How many whole requests both read, having made sure that a difference is one that is listed. */
    private static int compare(byte[] input, Set<Difference> found, String description) {
        List<ReadRequest> ours = ReadRequest.ours(input);
        List<ReadRequest> nettys = ReadRequest.nettys(input);
        for (int i = 0; i < ours.size(); i++) {
            ReadRequest our = ours.get(i);
            ReadRequest their = i < nettys.size() ? nettys.get(i) : null;
            boolean same = our.isComplete() ? our.equals(their) : their != null && their.goesOnFrom(our);
            if (!same) {
                String text = description + ": " + new String(input, StandardCharsets.ISO_8859_1);
                Difference difference = Arrays.stream(Difference.values())
                        .filter(one -> one.isIn(input))
                        .findFirst()
                        .orElse(null);
                assertThat(difference)
                        .as("%s\nwe read %s, Netty %s", text, our, their)
                        .isNotNull();
                assertThat(their == null || !their.isComplete() && our.goesOnFrom(their))
                        .as("%s\nwe read %s, Netty otherwise: %s", text, our, their)
                        .isTrue();
                found.add(difference);
                return i;
            }
        }
        return ours.size();
    }
}
