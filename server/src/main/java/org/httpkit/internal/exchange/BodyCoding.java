package org.httpkit.internal.exchange;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.Coders;
import org.httpkit.server.RequestBody;
import org.httpkit.server.ServerOptions;

/** Decodes request bodies that have a content coding (RFC 9110 section 8.4). Stateless. */
final class BodyCoding {
    private static final String ENCODING = "Content-Encoding";

    private BodyCoding() {}

    /**
     * Returns the body that the handler receives. Decodes a collected body at once, a streamed one while it is read.
     *
     * @return the body itself if it has no coding
     * @throws RefusedBodyException if the coding is unknown, if there are several, if the body does not match its
     *     coding, or if the decoded body is too long
     */
    static RequestBody decoded(RequestBody body, Headers fields, Coders coders, ServerOptions options)
            throws IOException {
        List<String> lines = fields.all(ENCODING);
        if (lines.isEmpty() || body.length() == 0) {
            return body;
        }
        String coding = String.join(",", lines).strip();
        if (coding.isEmpty() || coding.equalsIgnoreCase("identity")) {
            return body;
        }
        if (body instanceof StreamedBody streamed) {
            return decoding(streamed, coding, fields, coders, mostStreamed(options));
        }
        InputStream coded = new ByteArrayInputStream(body.bytes());
        try (DecodedBody decoded = decoding(coded, coding, fields, coders, options.maxBodyBytes())) {
            return new CollectedBody(decoded.bytes(), fields);
        }
    }

    private static DecodedBody decoding(InputStream coded, String coding, Headers fields, Coders coders, long mostBytes)
            throws IOException {
        DecodedBody.Source source = new DecodedBody.Source(coded);
        InputStream decoded = coders.decode(coding, source);
        if (decoded == null) {
            throw RefusedBodyException.untold(
                    Status.UNSUPPORTED_MEDIA_TYPE,
                    "The body is in a coding that is not accepted here (RFC 9110 section 15.5.16)",
                    null);
        }
        return new DecodedBody(source, decoded, fields, mostBytes);
    }

    /** How long a streamed body may be, coded or decoded. */
    static long mostStreamed(ServerOptions options) {
        return options.maxStreamedBodyBytes() == 0 ? Long.MAX_VALUE : options.maxStreamedBodyBytes();
    }

    /** Returns the fields for a body after decoding. */
    static Headers decoded(Headers fields) {
        return fields.minus(ENCODING).minus("Content-Length");
    }
}
