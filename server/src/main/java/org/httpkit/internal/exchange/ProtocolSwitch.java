package org.httpkit.internal.exchange;

import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.server.UpgradedConnection;

/** A switch to a protocol of the application's (RFC 9110 section 7.8), which has all it needs to be made. */
public interface ProtocolSwitch extends BegunAnswer {
    /** Keeps sums of clock readings and timeouts far from overflow. */
    Duration LONGEST = Duration.ofDays(3650);

    /** Sends the answer, behind which the connection belongs to the application. */
    UpgradedConnection perform();

    /**
     * Checks a switch, and returns the fields of its answer.
     *
     * @param streamsBody whether the body of the request may still be coming
     * @throws IllegalArgumentException if the client does not offer the protocol, or the time is out of range
     * @throws IllegalStateException if this version of HTTP has no such switch, or the body is streamed
     */
    static Headers answer(
            RequestHead request, boolean streamsBody, String protocol, Headers fields, Duration idleTimeout) {
        if (request.version() != HttpVersion.HTTP_1_1) {
            throw new IllegalStateException(
                    request.version() + " has no switch to other protocols; only HTTP/1.1 does (RFC 9110 section 7.8)");
        }
        if (streamsBody) {
            throw new IllegalStateException("The body of this request is streamed, and would mix with what follows it");
        }
        if (idleTimeout.isNegative() || idleTimeout.isZero() || idleTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "idleTimeout is " + idleTimeout + "; it must be positive, and at most 3650 days");
        }
        if (!request.lists("Upgrade", protocol) || !request.lists("Connection", "upgrade")) {
            throw new IllegalArgumentException("The client does not offer " + protocol + ", but "
                    + (request.contains("Upgrade") ? request.all("Upgrade") : "no other protocol"));
        }
        return fields.with("Upgrade", protocol).with("Connection", "Upgrade");
    }
}
