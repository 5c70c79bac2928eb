package org.httpkit.ring;

import clojure.lang.ILookup;
import clojure.lang.Keyword;
import clojure.lang.RT;
import java.util.Map;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Makes responses from Ring's response maps. Stateless. */
final class RingResponses {
    private static final Keyword STATUS = Keyword.intern(null, "status");
    private static final Keyword HEADERS = Keyword.intern(null, "headers");
    static final Keyword BODY = Keyword.intern(null, "body");

    private RingResponses() {}

    /**
     * Converts the value that a handler returned for a request; null for nil.
     *
     * @throws IllegalArgumentException if the value is no response
     */
    static @Nullable Response of(
            Request request, HeadLength headLength, @Nullable Object returned, RingBodies.Way way) {
        if (returned == null) {
            return null;
        }
        if (returned instanceof Response response) {
            return response;
        }
        if (!isMap(returned)) {
            throw new IllegalArgumentException("A handler has returned "
                    + returned.getClass().getName() + "; it must be a Ring response map or nil");
        }
        Object body = value(returned, BODY);
        return body instanceof AsyncChannel channel
                ? Response.channel(channel)
                : made(request, headLength, returned, body, way);
    }

    /**
     * Converts what a function of {@code :error-pages} returned; null for nil. The server sets the status.
     *
     * @throws IllegalArgumentException if the value is no response
     */
    static @Nullable Response page(@Nullable Object returned) {
        if (returned == null || returned instanceof Response) {
            return (Response) returned;
        }
        if (!isMap(returned)) {
            throw new IllegalArgumentException("A function of :error-pages has returned "
                    + returned.getClass().getName() + "; it must be a Ring response map or nil");
        }
        Headers headers = RingHeaders.of(value(returned, HEADERS));
        return Response.of(Status.OK)
                .headers(headers)
                .body(RingBodies.of(value(returned, BODY), headers, returned, RingBodies.Way.RETURNED));
    }

    /**
     * Makes a response from a map.
     *
     * @throws IllegalArgumentException if it cannot be sent
     */
    static Response made(
            Request request, HeadLength headLength, Object map, @Nullable Object body, RingBodies.Way way) {
        try {
            Headers headers = RingHeaders.of(value(map, HEADERS));
            Status status = status(value(map, STATUS));
            ResponseBody converted = headLength.body(request, headers, RingBodies.of(body, headers, map, way));
            return Response.of(status).headers(headers).body(inTime(converted, status, way));
        } catch (Throwable e) { // Clojure throws checked ones, too
            RingBodies.close(body); // the server does not get it
            throw e;
        }
    }

    private static ResponseBody inTime(ResponseBody body, Status status, RingBodies.Way way) {
        return switch (way) {
            case RETURNED -> body;
            case RESPONDED, SENT -> EagerBody.of(body, status);
        };
    }

    private static Status status(@Nullable Object status) {
        if (status == null) {
            return Status.OK;
        }
        if (status instanceof Number number) {
            return Status.of(Math.toIntExact(number.longValue()));
        }
        throw new IllegalArgumentException(":status is " + status + "; it must be a number");
    }

    private static boolean isMap(Object value) {
        return value instanceof Map;
    }

    static @Nullable Object value(Object map, Keyword key) {
        return map instanceof ILookup lookup ? lookup.valAt(key) : RT.get(map, key);
    }
}
