package org.httpkit.internal.representation;

import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HttpDate;

/** Evaluates the conditions of a request (RFC 9110 section 13) in the order of section 13.2.2. Stateless. */
public final class Preconditions {
    /** The result of a request's conditions. */
    public enum Outcome {
        /** The server answers as if the request had no conditions. */
        PERFORM,
        /** The client has the current state already: 304. */
        NOT_MODIFIED,
        /** The client refers to another state: 412. */
        FAILED
    }

    private static final String[] FIELDS = {
        "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"
    };

    private Preconditions() {}

    /** Whether a request has conditions, judged by the field names alone. */
    public static boolean areIn(Headers request) {
        for (String name : FIELDS) {
            if (request.contains(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Evaluates the conditions for a resource that exists.
     *
     * <p>If-Match overrides If-Unmodified-Since, and If-None-Match overrides If-Modified-Since, even if no tag in them
     * matches. A malformed date counts as absent, and so does any date if the resource has none.
     *
     * @param isRead whether the method is GET or HEAD
     */
    public static Outcome decide(Headers request, boolean isRead, Validators current, long nowSecond) {
        List<String> match = request.all("If-Match");
        if (!match.isEmpty()) {
            if (!isAny(match) && (current.tag() == null || !current.tag().isIn(match, true))) {
                return Outcome.FAILED;
            }
        } else {
            long since = date(request, "If-Unmodified-Since", current, nowSecond);
            if (since != HttpDate.INVALID && current.modifiedSecond() > since) {
                return Outcome.FAILED;
            }
        }
        List<String> noneMatch = request.all("If-None-Match");
        if (!noneMatch.isEmpty()) {
            boolean matches =
                    isAny(noneMatch) || (current.tag() != null && current.tag().isIn(noneMatch, false));
            if (matches) {
                return isRead ? Outcome.NOT_MODIFIED : Outcome.FAILED;
            }
        } else if (isRead) {
            long since = date(request, "If-Modified-Since", current, nowSecond);
            if (since != HttpDate.INVALID && current.modifiedSecond() <= since) {
                return Outcome.NOT_MODIFIED;
            }
        }
        return Outcome.PERFORM;
    }

    /**
     * Whether a Range field counts (section 13.1.5): it does if there is no If-Range, or if If-Range names the current
     * state by a strong validator. A date is strong if no later change can have had the same second.
     */
    public static boolean rangeCounts(Headers request, Validators current, long nowSecond) {
        List<String> lines = request.all("If-Range");
        if (lines.isEmpty()) {
            return true;
        }
        String only = lines.get(0);
        if (lines.size() > 1) {
            return false;
        }
        EntityTag tag = EntityTag.parse(only);
        if (tag != null) {
            return current.tag() != null && current.tag().isStrongly(tag);
        }
        long date = HttpDate.parse(only, nowSecond);
        return date != HttpDate.INVALID && date == current.modifiedSecond() && date < nowSecond;
    }

    private static boolean isAny(List<String> lines) {
        return lines.size() == 1 && lines.get(0).equals("*");
    }

    /** Two dates count as absent: the field has one member. */
    private static long date(Headers request, String name, Validators current, long nowSecond) {
        if (!current.hasDate()) {
            return HttpDate.INVALID;
        }
        List<String> lines = request.all(name);
        return lines.size() == 1 ? HttpDate.parse(lines.get(0), nowSecond) : HttpDate.INVALID;
    }
}
