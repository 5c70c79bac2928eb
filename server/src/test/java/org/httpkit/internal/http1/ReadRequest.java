package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.httpkit.internal.fields.HeadBuilder;
import org.httpkit.internal.fields.ViolationException;

/**
 * A request as a parser read it, in a form in which two parsers can be compared.
 *
 * @param line the method, a space, the target
 * @param fields name in lower case, colon, space, value of each header field
 * @param body each byte as a character
 * @param trailers as the fields
 * @param isComplete whether its end was reached
 */
record ReadRequest(String line, List<String> fields, String body, List<String> trailers, boolean isComplete) {

    /** Whether this is what another reading, which did not reach the end, may have become. */
    boolean goesOnFrom(ReadRequest beginning) {
        return line.equals(beginning.line) && fields.equals(beginning.fields) && body.startsWith(beginning.body);
    }

    /** This reading without the trailer fields that we leave out, which others hand on. */
    ReadRequest withTrailersWeKeep() {
        List<String> kept = trailers.stream().filter(ReadRequest::isKept).toList();
        return new ReadRequest(line, fields, body, kept, isComplete);
    }

    private static boolean isKept(String trailer) {
        byte[] name = trailer.substring(0, trailer.indexOf(':')).getBytes(StandardCharsets.ISO_8859_1);
        try {
            HeadBuilder builder = new HeadBuilder();
            builder.startTrailers();
            builder.trailer(name, 0, name.length, 0, 0);
            return builder.trailers().size() == 1;
        } catch (ViolationException e) {
            return true;
        }
    }

    /** A field, in which the case of the name means nothing (RFC 9110 section 5.1). */
    static String field(String name, String value) {
        return name.toLowerCase(Locale.ROOT) + ": " + value;
    }

    /** What is known of a request while it is read. Confined to one thread. */
    static final class Parts {
        final List<String> fields = new ArrayList<>();
        final StringBuilder body = new StringBuilder();
        final List<String> trailers = new ArrayList<>();
        String line = "";
        boolean headIsComplete;

        void addWholeTo(List<ReadRequest> requests) {
            requests.add(new ReadRequest(line, fields, body.toString(), trailers, true));
        }

        /** Adds it unless its head is incomplete. */
        void addIncompleteTo(List<ReadRequest> requests) {
            if (headIsComplete) {
                requests.add(new ReadRequest(line, fields, body.toString(), List.of(), false));
            }
        }
    }
}
