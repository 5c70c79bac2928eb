package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.httpkit.internal.fields.Violation;
import org.httpkit.testing.Seeds;

/**
 * Reads the documents' inputs, as they are and damaged, with another parser beside ours. What we accept it has to read the same,
 * or to refuse for a reason that is known; what we refuse it may let pass if that is known. Confined to one thread.
 */
final class ParserComparison {
    private static final int ROUNDS = Boolean.getBoolean("httpkit.long") ? 500_000 : 10_000;

    /** Something that the other parser refuses, or does not know, and we accept. */
    interface Difference {
        /** Whether it may be why a request of an input, whose bytes are characters, is read by us alone. */
        boolean explains(String input, ReadRequest our);
    }

    private final String name;
    private final Function<byte[], List<ReadRequest>> parser;
    private final List<Difference> differences;
    private final Set<Violation> letPass;
    private final Set<Difference> found = new LinkedHashSet<>();
    private final Map<Violation, String> readOn = new EnumMap<>(Violation.class);

    /**
     * Names what is known of another parser.
     *
     * @param parser what it accepts of an input; the last request may lack its end
     * @param differences what we accept and it does not
     * @param letPass what we refuse and it lets pass
     */
    ParserComparison(
            String name, Function<byte[], List<ReadRequest>> parser, Difference[] differences, Set<Violation> letPass) {
        this.name = name;
        this.parser = parser;
        this.differences = List.of(differences);
        this.letPass = letPass;
    }

    /** Compares the documents, which show each of the known differences. */
    void compareDocuments() throws IOException {
        int accepted = 0;
        for (byte[] input : RequestDecoderMutationTest.seeds()) {
            accepted += compare(input, "as documented");
        }
        assertThat(accepted).isGreaterThan(100);
        assertThat(differences).as("differences, of which some are no more").containsExactlyInAnyOrderElementsOf(found);
        assertThat(readOn.keySet()).as("what %s lets pass: %s", name, readOn).isEqualTo(letPass);
    }

    /**
     * Compares what comes of them when bytes are changed, lost and put in; {@code -Dhttpkit.long=true} takes a million. Which
     * violations it lets pass is checked for the half that is the same each time: a rare one shall not fail a build by chance.
     */
    void compareDamaged() throws IOException {
        int accepted = compareDamaged(9112);
        assertThat(letPass).as("what %s lets pass: %s", name, readOn).containsAll(readOn.keySet());
        accepted += compareDamaged(Seeds.fresh());
        assertThat(accepted).isGreaterThan(1_000);
    }

    private int compareDamaged(long seed) throws IOException {
        List<byte[]> seeds = RequestDecoderMutationTest.seeds();
        Random random = Seeds.random(seed);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] input = RequestDecoderMutationTest.mutated(seeds, random);
            accepted += compare(input, "round " + round);
        }
        return accepted;
    }

    /** How many requests both read, having made sure that a difference is a known one. */
    private int compare(byte[] input, String description) {
        OurReading our = OurReading.of(input);
        List<ReadRequest> theirs = parser.apply(input).stream()
                .map(ReadRequest::withTrailersWeKeep)
                .toList();
        int count = our.requests().size();
        for (int i = 0; i < count; i++) {
            ReadRequest ourRequest = our.requests().get(i);
            ReadRequest their = i < theirs.size() ? theirs.get(i) : null;
            boolean same =
                    ourRequest.isComplete() ? ourRequest.equals(their) : their != null && their.goesOnFrom(ourRequest);
            if (!same) {
                checkIsKnown(ourRequest, their, input, description);
                return i;
            }
        }
        if (our.violation().isPresent() && readsOn(our.requests(), theirs)) {
            readOn.putIfAbsent(our.violation().get(), text(input));
        }
        return count;
    }

    private void checkIsKnown(ReadRequest our, ReadRequest their, byte[] input, String description) {
        Optional<Difference> difference = differences.stream()
                .filter(one -> one.explains(text(input), our))
                .findFirst();
        assertThat(difference)
                .as("%s: %s\nwe read %s, %s %s", description, text(input), our, name, their)
                .isPresent();
        assertThat(their == null || !their.isComplete() && our.goesOnFrom(their))
                .as("%s: %s\nwe read %s, %s otherwise: %s", description, text(input), our, name, their)
                .isTrue();
        found.add(difference.get());
    }

    /** Whether the other parser saw the beginning or the end of a request behind what we refused. */
    private static boolean readsOn(List<ReadRequest> ours, List<ReadRequest> theirs) {
        int count = ours.size();
        return theirs.size() > count
                || count > 0
                        && !ours.get(count - 1).isComplete()
                        && theirs.get(count - 1).isComplete();
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1);
    }
}
