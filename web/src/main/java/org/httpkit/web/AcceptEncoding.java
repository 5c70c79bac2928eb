package org.httpkit.web;

import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/** The content codings that a client accepts (RFC 9110 section 12.5.3). Immutable. */
final class AcceptEncoding {
    static final String IDENTITY = "identity";

    private static final int ALL = 1000;
    /** The weight of a coding that is acceptable because the field does not say otherwise. */
    private static final int LEAST = 0;

    private static final int UNACCEPTABLE = -1;

    /** A coding in lower case, and its weight in thousandths; {@link #UNACCEPTABLE} for 0. */
    private record Weighted(String coding, int weight) {}

    private final boolean isPresent;
    private final List<Weighted> members = new ArrayList<>();

    private AcceptEncoding(List<String> lines) {
        isPresent = !lines.isEmpty();
        for (String line : lines) {
            for (String member : line.split(",", -1)) {
                add(member);
            }
        }
    }

    static AcceptEncoding of(Headers headers) {
        return new AcceptEncoding(headers.all("Accept-Encoding"));
    }

    /**
     * Returns the best of these codings, {@link #IDENTITY}, or null if none is acceptable. Among codings of equal
     * weight it chooses the first one, and identity last. A client without the field gets identity, although it would
     * have to accept anything.
     */
    @Nullable
    String choose(List<String> available) {
        if (!isPresent) {
            return IDENTITY;
        }
        String best = null;
        int bestWeight = LEAST;
        for (String coding : available) {
            int weight = weight(coding, UNACCEPTABLE);
            if (weight > bestWeight) {
                best = coding;
                bestWeight = weight;
            }
        }
        int identity = weight(IDENTITY, LEAST);
        if (best == null) {
            return identity == UNACCEPTABLE ? null : IDENTITY;
        }
        return identity > bestWeight ? IDENTITY : best;
    }

    private int weight(String coding, int unlisted) {
        int weight = unlisted;
        for (Weighted member : members) {
            if (member.coding.equals(coding)) {
                return member.weight;
            }
            if (member.coding.equals("*")) {
                weight = member.weight;
            }
        }
        return weight;
    }

    private void add(String member) {
        String[] parts = member.split(";", -1);
        int weight = ALL;
        if (parts.length > 1) {
            String parameter = FieldParameters.strip(parts[1]);
            weight = parts.length == 2
                            && parameter.length() > 2
                            && (parameter.charAt(0) | 0x20) == 'q'
                            && parameter.charAt(1) == '='
                    ? thousandths(parameter.substring(2))
                    : Integer.MIN_VALUE;
        }
        String coding = FieldParameters.lowerCase(FieldParameters.strip(parts[0]));
        if (weight != Integer.MIN_VALUE && !coding.isEmpty()) { // malformed elements are ignored
            members.add(new Weighted(coding.equals("x-gzip") ? "gzip" : coding, weight));
        }
    }

    /** {@code 0}, {@code 0.5}, {@code 1.000} (section 12.4.2). */
    private static int thousandths(String text) {
        if (!text.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")) {
            return Integer.MIN_VALUE;
        }
        String digits = (text.replace(".", "") + "000").substring(0, 4);
        int value = Integer.parseInt(digits);
        return value == 0 ? UNACCEPTABLE : value;
    }
}
