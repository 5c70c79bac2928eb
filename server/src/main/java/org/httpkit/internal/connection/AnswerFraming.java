package org.httpkit.internal.connection;

import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;

/**
 * Decides whether content follows the head of an answer, and which length the head declares; both versions of HTTP
 * share the rule. Stateless.
 */
final class AnswerFraming {

    private AnswerFraming() {}

    /**
     * Decides the framing of an answer.
     *
     * @param length bytes of the content, or -1 if unknown
     * @param keepsConnection whether another request may follow, in HTTP/1.1
     */
    static ResponseFraming of(Exchange exchange, Response answer, long length, boolean keepsConnection) {
        return ResponseFraming.decide(
                exchange.method(),
                exchange.version(),
                answer.status().code(),
                length,
                declaredLength(exchange, answer, length),
                keepsConnection);
    }

    /** The length that a handler declares for a body that is not sent: in answers to HEAD, and with 304. */
    private static long declaredLength(Exchange exchange, Response answer, long length) {
        boolean toHead = exchange.method().equals(Method.HEAD);
        if (!toHead && answer.status().code() != Status.NOT_MODIFIED.code()) {
            return -1;
        }
        if (toHead && length == 0 && answer.body() != ResponseBody.Empty.EMPTY) {
            return 0; // an empty text or file, not just the absence of one
        }
        String declared = answer.headers().first("Content-Length");
        try {
            return declared == null ? -1 : Long.parseUnsignedLong(declared);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
