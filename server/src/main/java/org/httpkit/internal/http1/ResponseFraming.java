package org.httpkit.internal.http1;

import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.http.Status;

/**
 * The framing of a response: how its body is delimited, and whether the connection continues after it. Immutable.
 *
 * @param body what follows the head
 * @param length the value of Content-Length, or -1 if that field is not sent
 * @param persistence what becomes of the connection, and what the Connection field says about it
 */
public record ResponseFraming(Body body, long length, Persistence persistence) {
    /** What follows the head of a response. */
    public enum Body {
        /** Nothing, whatever the handler returned. */
        NONE,
        /** As many bytes as Content-Length says. */
        LENGTH,
        /** The chunked transfer coding. */
        CHUNKED,
        /** Everything up to the end of the connection. */
        UNTIL_CLOSE
    }

    /** Whether the connection continues, and what the Connection field says about it (RFC 9112 section 9.3). */
    public enum Persistence {
        /** It ends, and the field says {@code close}. */
        CLOSE,
        /** It continues, as HTTP/1.1 connections do; the field is not needed. */
        KEEP_ALIVE,
        /** It continues, and the field says {@code keep-alive} to an HTTP/1.0 client that asked for it. */
        KEEP_ALIVE_SAID
    }

    private static final long UNKNOWN = -1;

    /**
     * Decides the framing of the final response to a request.
     *
     * @param method the request's method
     * @param version the request's version
     * @param status the final status, 200 to 599
     * @param bodyLength the length of the handler's body; 0 for none, -1 if unknown before it is written
     * @param declaredLength the Content-Length that the handler set for a body that it did not return; -1 for none. It
     *     counts in answers that have no body by nature: to HEAD, and 304
     * @param keepAlive whether both sides would keep the connection open
     */
    public static ResponseFraming decide(
            Method method, HttpVersion version, int status, long bodyLength, long declaredLength, boolean keepAlive) {
        boolean connected = method.equals(Method.CONNECT) && status < 300;
        if (status == Status.NO_CONTENT.code() || connected) {
            // No Content-Length either (RFC 9110 section 8.6).
            return new ResponseFraming(Body.NONE, UNKNOWN, persistence(version, keepAlive));
        }
        if (status == Status.RESET_CONTENT.code()) {
            // No content, and in HTTP/1.1 the framing must say so (RFC 9110 section 15.3.6).
            return new ResponseFraming(Body.NONE, 0, persistence(version, keepAlive));
        }
        if (status == Status.NOT_MODIFIED.code()) {
            // The length of the representation, which only the handler can know (RFC 9110 section 8.6).
            return new ResponseFraming(Body.NONE, declaredLength, persistence(version, keepAlive));
        }
        if (method.equals(Method.HEAD)) {
            // The value that GET would receive (RFC 9110 section 9.3.2), which a body of length 0 does not reveal.
            return new ResponseFraming(
                    Body.NONE, bodyLength > 0 ? bodyLength : declaredLength, persistence(version, keepAlive));
        }
        if (bodyLength >= 0) {
            return new ResponseFraming(Body.LENGTH, bodyLength, persistence(version, keepAlive));
        }
        // HTTP/1.0 knows no transfer codings (RFC 9112 section 6.1).
        return version == HttpVersion.HTTP_1_1
                ? new ResponseFraming(Body.CHUNKED, UNKNOWN, persistence(version, keepAlive))
                : new ResponseFraming(Body.UNTIL_CLOSE, UNKNOWN, Persistence.CLOSE);
    }

    private static Persistence persistence(HttpVersion version, boolean keepAlive) {
        if (!keepAlive) {
            return Persistence.CLOSE;
        }
        return version == HttpVersion.HTTP_1_1 ? Persistence.KEEP_ALIVE : Persistence.KEEP_ALIVE_SAID;
    }

    /** Whether a body, possibly empty, follows the head. */
    public boolean hasBody() {
        return body != Body.NONE;
    }

    /** Whether the body follows in chunks. */
    public boolean isChunked() {
        return body == Body.CHUNKED;
    }

    /** Whether only the end of the connection shows where the body ends. */
    public boolean endsWithConnection() {
        return body == Body.UNTIL_CLOSE;
    }

    /** Whether the connection continues after this response. */
    public boolean keepsConnection() {
        return persistence != Persistence.CLOSE;
    }
}
