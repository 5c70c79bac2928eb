package org.httpkit.web;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.server.Response;

/** A file and its coded siblings, as responses. Immutable. */
final class FileChoice {
    private static final Response UNACCEPTABLE = Response.of(406).header("Vary", "Accept-Encoding");

    private final Response plain;
    private final Map<String, Response> coded;
    private final List<String> codings;

    private FileChoice(Response plain, Map<String, Response> coded) {
        this.plain = plain;
        this.coded = coded;
        this.codings = List.copyOf(coded.keySet());
    }

    /** @param coded by coding, the preferred first */
    static FileChoice of(Response plain, Map<String, Response> coded) {
        return coded.isEmpty()
                ? new FileChoice(plain, coded)
                : new FileChoice(plain.header("Vary", "Accept-Encoding"), coded);
    }

    /** Returns the response for a client with these fields (RFC 9110 section 12.5.3). */
    Response choose(Headers headers) {
        if (codings.isEmpty()) {
            return plain;
        }
        String coding = AcceptEncoding.of(headers).choose(codings);
        if (coding == null) {
            return UNACCEPTABLE;
        }
        return coding.equals(AcceptEncoding.IDENTITY) ? plain : Objects.requireNonNull(coded.get(coding));
    }
}
