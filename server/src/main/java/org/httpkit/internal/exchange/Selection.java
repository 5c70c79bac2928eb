package org.httpkit.internal.exchange;

import java.util.List;
import java.util.random.RandomGenerator;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.representation.ByteRange;
import org.httpkit.internal.representation.ByteRanges;
import org.httpkit.internal.representation.MultipartRanges;
import org.httpkit.internal.representation.Preconditions;
import org.httpkit.internal.representation.Validators;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The part of a response that its client receives: the whole, the requested ranges, or a short answer instead (RFC 9110
 * sections 13 and 14). Immutable.
 *
 * @param response the response to send; for 206 and for the whole, its body is still the whole one
 * @param ranges the ranges of its bytes to send; empty for all bytes
 * @param layout the layout of several ranges; null for one, and for all bytes
 */
record Selection(
        Response response, List<ByteRange> ranges, @Nullable MultipartRanges layout) {
    /** The length of content that is unknown before it is complete. */
    static final long UNKNOWN = -1;

    /** Whether a request may receive anything but the unchanged response: a quick check. */
    static boolean isPossible(Request request, Response response) {
        return response.isConditional(request.method()) && Validators.mayBeIn(response.headers());
    }

    /**
     * Decides for a response for which a selection {@link #isPossible}.
     *
     * @param length of its content; {@link #UNKNOWN} if the server cannot send a range of it
     * @param mostRanges how many ranges the server can send
     */
    static Selection of(Request request, Response response, long length, int mostRanges, ServerContext context) {
        long nowSecond = context.heads.nowSecond();
        Headers fields = request.headers();
        Method method = request.method();
        boolean hasRanges = length >= 0 && (method.equals(Method.GET) || method.equals(Method.HEAD));
        Response whole = hasRanges ? acceptingRanges(response) : response;
        if (Preconditions.areIn(fields)) {
            boolean isRead = method.equals(Method.GET) || method.equals(Method.HEAD) || method.equals(Method.QUERY);
            Validators current = Validators.of(response.headers(), nowSecond);
            switch (Preconditions.decide(fields, isRead, current, nowSecond)) {
                case NOT_MODIFIED -> {
                    return all(notModified(response));
                }
                case FAILED -> {
                    return all(Responses.refusal(Status.PRECONDITION_FAILED, response));
                }
                case PERFORM -> {
                    if (!Preconditions.rangeCounts(fields, ofThisCoding(current, response), nowSecond)) {
                        return all(whole);
                    }
                }
            }
        }
        List<String> asked = hasRanges && method.equals(Method.GET) ? fields.all("Range") : List.of();
        return asked.isEmpty() || !mayBeCut(response)
                ? all(whole)
                : cut(String.join(",", asked), whole, length, mostRanges, context);
    }

    /** Without the date if the resource has other codings, which share it: that makes it weak (RFC 9110 section 8.8.1). */
    private static Validators ofThisCoding(Validators current, Response response) {
        return response.headers().lists("Vary", "Accept-Encoding") ? current.withoutDate() : current;
    }

    /** Whether the response is whole, and its handler permits ranges. */
    private static boolean mayBeCut(Response response) {
        Headers headers = response.headers();
        return response.status().code() == Status.OK.code()
                && !headers.contains("Content-Range")
                && !headers.lists("Accept-Ranges", "none");
    }

    private static Selection cut(String asked, Response whole, long length, int mostRanges, ServerContext context) {
        List<ByteRange> ranges = ByteRanges.of(asked, length);
        if (ranges == null || ranges.size() > mostRanges) {
            return all(whole);
        }
        if (ranges.isEmpty()) {
            return all(Responses.refusal(Status.RANGE_NOT_SATISFIABLE, whole)
                    .header("Accept-Ranges", "bytes")
                    .header("Content-Range", "bytes */" + length));
        }
        // Without trailers, which would describe the whole.
        Response part = Response.of(Status.PARTIAL_CONTENT)
                .headers(Responses.without(whole.headers(), Responses::isDigestOfContent))
                .body(whole.body());
        if (ranges.size() == 1) {
            return new Selection(part.header("Content-Range", ranges.get(0).contentRange(length)), ranges, null);
        }
        String type = whole.headers().first("Content-Type");
        MultipartRanges layout =
                new MultipartRanges(boundary(context.environment.random().get()), type, ranges, length);
        return new Selection(part.header("Content-Type", layout.messageType()), ranges, layout);
    }

    /** 128 random bits, which no one can have put into the content beforehand. */
    private static String boundary(RandomGenerator random) {
        return Long.toHexString(random.nextLong() | Long.MIN_VALUE)
                + Long.toHexString(random.nextLong() | Long.MIN_VALUE);
    }

    private static Response acceptingRanges(Response response) {
        return response.headers().contains("Accept-Ranges") ? response : response.addHeader("Accept-Ranges", "bytes");
    }

    /**
     * Removes the fields that describe content, which the client already has. Keeps those that a 304 must repeat, and
     * those that do not concern the content (section 15.4.5).
     */
    private static Response notModified(Response response) {
        boolean hasTag = response.headers().contains("ETag");
        Headers kept = Responses.without(
                response.headers(),
                name -> Responses.describesContent(name) || (hasTag && name.equalsIgnoreCase("Last-Modified")));
        return Response.of(Status.NOT_MODIFIED).headers(kept);
    }

    /** Selects all of a response, which may be a short answer instead of the content. */
    private static Selection all(Response response) {
        return new Selection(response, List.of(), null);
    }

    /** Whether a short answer, complete in itself, replaces the content. */
    boolean isWord() {
        return switch (response.status().code()) {
            case 304, 412, 416 -> true;
            default -> false;
        };
    }

    /** Whether only a part is sent. */
    boolean isCut() {
        return !ranges.isEmpty();
    }
}
