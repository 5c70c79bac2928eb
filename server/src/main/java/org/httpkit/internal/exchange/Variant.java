package org.httpkit.internal.exchange;

import java.util.List;
import java.util.Locale;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.coding.AcceptEncoding;
import org.httpkit.internal.coding.CompressibleTypes;
import org.httpkit.internal.context.Coder;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.representation.EntityTag;
import org.httpkit.server.Compression;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The form of a response for its client: plain, or in a content coding (RFC 9110 section 12.5.3). Used by one thread,
 * which closes it if it does not use the coder.
 *
 * @param response with the fields of that form
 * @param coder null if nothing is to be coded, for example because the client wants only the head
 */
public record Variant(
        Kind kind, Response response, @Nullable Coder coder) implements AutoCloseable {
    public enum Kind {
        /** The content is sent without a coding. */
        PLAIN,
        /** It is sent in a coding. */
        CODED,
        /** The client accepts no available form: the response is 406 instead. */
        REFUSED
    }

    private static final String ENCODING = "Accept-Encoding";

    /**
     * Chooses a form.
     *
     * @param length of the content, or -1 if unknown before the content is complete
     */
    public static Variant of(Request request, Response response, long length, ServerContext context) {
        if (length == 0 || !mayBeCoded(response)) {
            return plain(response);
        }
        Compression settings = context.options.compression();
        List<String> accepted = request.headers().all(ENCODING);
        boolean needsCoding = !accepted.isEmpty() && AcceptEncoding.choose(accepted, List.of()) == null;
        if (!needsCoding && !isWorthIt(response, length, settings)) {
            return plain(response);
        }
        Response varying = varying(response);
        String coding = AcceptEncoding.choose(accepted, context.coders().offered());
        if (coding == null) {
            return response.status().code() / 100 == 2
                    ? new Variant(Kind.REFUSED, varying(Responses.refusal(Status.NOT_ACCEPTABLE, response)), null)
                    : plain(varying);
        }
        if (coding.equals(AcceptEncoding.IDENTITY) || (!needsCoding && isAskedForPlain(request, response, length))) {
            return plain(varying);
        }
        if (request.method().equals(Method.HEAD)) {
            return new Variant(Kind.CODED, coded(varying, coding), null);
        }
        Coder coder = context.coders().reserve(coding, settings.level(), settings.maxCoders());
        return coder == null ? plain(varying) : new Variant(Kind.CODED, coded(varying, coding), coder);
    }

    private static Variant plain(Response response) {
        return new Variant(Kind.PLAIN, response, null);
    }

    private static boolean mayBeCoded(Response response) {
        switch (response.status().code()) {
            case 204, 205, 206, 304 -> {
                return false;
            }
            default -> {}
        }
        Headers fields = response.headers();
        for (int i = 0; i < fields.size(); i++) {
            switch (fields.name(i).toLowerCase(Locale.ROOT)) {
                case "content-encoding", "content-range", "content-md5", "digest", "content-digest", "repr-digest" -> {
                    return false;
                }
                default -> {}
            }
        }
        return !fields.lists("Cache-Control", "no-transform");
    }

    private static boolean isWorthIt(Response response, long length, Compression settings) {
        String type = response.headers().first("Content-Type");
        return (length < 0 || length >= settings.minBytes())
                && type != null
                && CompressibleTypes.contain(type, settings.types());
    }

    /**
     * Ranges apply to content without coding, because encoding twice need not give equal bytes. So does If-Match, which
     * names the tag of that content: the tag of coded content is weak, and never matches (RFC 9110 section 13.1.1).
     */
    private static boolean isAskedForPlain(Request request, Response response, long length) {
        boolean inRanges = length > 0
                && request.method().equals(Method.GET)
                && request.headers().contains("Range");
        return (inRanges || request.headers().contains("If-Match")) && Selection.isPossible(request, response);
    }

    /** Marks that another client might receive another form. */
    private static Response varying(Response response) {
        Headers fields = response.headers();
        String said = fields.first("Vary");
        if (said == null) {
            return response.addHeader("Vary", ENCODING);
        }
        return fields.lists("Vary", "*") || fields.lists("Vary", ENCODING)
                ? response
                : response.header("Vary", String.join(", ", fields.all("Vary")) + ", " + ENCODING);
    }

    /** Weakens a strong tag, which belongs to the plain bytes. */
    private static Response coded(Response response, String coding) {
        Headers fields = response.headers()
                .minus("Content-Length")
                .minus("Accept-Ranges")
                .plus("Content-Encoding", coding);
        String tag = fields.first("ETag");
        EntityTag parsed = tag == null ? null : EntityTag.parse(tag);
        return response.headers(
                parsed == null ? fields : fields.with("ETag", parsed.weakened().toString()));
    }

    @Override
    public void close() {
        if (coder != null) {
            coder.close();
        }
    }
}
