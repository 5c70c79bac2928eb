package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/**
 * Checks a client's opening handshake and makes the answer (RFC 6455 section 4.2). Stateless; safe from any thread.
 *
 * <p>The {@link OriginPolicy} decides whether the origin may connect; the request parser has already checked the Host
 * field.
 */
public final class Handshake {
    /** The result of a handshake. */
    public sealed interface Result permits Accepted, Refused {}

    /**
     * The request is a valid handshake. Immutable.
     *
     * @param acceptKey the value of {@code Sec-WebSocket-Accept}; null over HTTP/2, which has no key (RFC 8441 section
     *     5)
     * @param subprotocols the client's offers, its favourite first; choose with {@link Subprotocols#choose}
     * @param extensions the client's offers, in its order; agree with {@link DeflateAgreement#negotiate}
     */
    public record Accepted(@Nullable String acceptKey, List<String> subprotocols, List<ExtensionOffer> extensions)
            implements Result {
        /** The fields of the answer. */
        public Headers answer(@Nullable String subprotocol, @Nullable DeflateAgreement deflate) {
            Headers headers = acceptKey == null
                    ? Headers.empty()
                    : Headers.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", acceptKey);
            if (subprotocol != null) {
                headers = headers.plus("Sec-WebSocket-Protocol", subprotocol);
            }
            return deflate == null ? headers : headers.plus("Sec-WebSocket-Extensions", deflate.headerValue());
        }
    }

    /** The request is not a handshake, or not a valid one. Immutable. */
    public record Refused(HandshakeViolation violation) implements Result {}

    /** The text that every WebSocket server appends to the key (RFC 6455 section 1.3). */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /**
     * 16 bytes in base64: 22 characters, the last of which carries two bits, and the padding (RFC 4648 section 3.5).
     */
    private static final Pattern CANONICAL_KEY = Pattern.compile("[A-Za-z0-9+/]{21}[AQgw]==");

    private Handshake() {}

    /** Checks a request against all the rules. */
    public static Result check(Method method, HttpVersion version, Headers headers) {
        HandshakeViolation violation = firstViolation(method, version, headers);
        return violation == null
                ? result(accept(headers.all("Sec-WebSocket-Key").get(0)), headers)
                : new Refused(violation);
    }

    /**
     * Checks an extended CONNECT of HTTP/2 for WebSocket, which has no key (RFC 8441 section 5).
     *
     * @param headers with the connection's protocol in Upgrade
     */
    public static Result checkConnect(Headers headers) {
        HandshakeViolation violation = headers.lists("Upgrade", "websocket")
                ? versionViolation(headers)
                : HandshakeViolation.PROTOCOL_NOT_WEBSOCKET;
        return violation == null ? result(null, headers) : new Refused(violation);
    }

    private static Result result(@Nullable String acceptKey, Headers headers) {
        List<String> subprotocols = Subprotocols.offered(headers);
        if (subprotocols == null) {
            return new Refused(HandshakeViolation.SUBPROTOCOLS_MALFORMED);
        }
        List<ExtensionOffer> extensions = ExtensionOffer.offered(headers);
        if (extensions == null) {
            return new Refused(HandshakeViolation.EXTENSIONS_MALFORMED);
        }
        return new Accepted(acceptKey, subprotocols, extensions);
    }

    private static @Nullable HandshakeViolation firstViolation(Method method, HttpVersion version, Headers headers) {
        if (!method.equals(Method.GET)) {
            return HandshakeViolation.METHOD_NOT_GET;
        }
        if (version != HttpVersion.HTTP_1_1) {
            return HandshakeViolation.VERSION_NOT_HTTP_1_1;
        }
        if (!headers.lists("Upgrade", "websocket")) {
            return HandshakeViolation.NO_WEBSOCKET_UPGRADE;
        }
        if (!headers.lists("Connection", "upgrade")) {
            return HandshakeViolation.NO_UPGRADE_CONNECTION;
        }
        HandshakeViolation violation = versionViolation(headers);
        if (violation != null) {
            return violation;
        }
        List<String> keys = headers.all("Sec-WebSocket-Key");
        if (keys.isEmpty()) {
            return HandshakeViolation.KEY_MISSING;
        }
        if (keys.size() > 1) {
            return HandshakeViolation.KEY_REPEATED;
        }
        return CANONICAL_KEY.matcher(keys.get(0)).matches() ? null : HandshakeViolation.KEY_NOT_16_BYTES;
    }

    private static @Nullable HandshakeViolation versionViolation(Headers headers) {
        List<String> versions = headers.all("Sec-WebSocket-Version");
        if (versions.size() > 1) {
            return HandshakeViolation.VERSION_REPEATED;
        }
        return versions.isEmpty() || !versions.get(0).equals("13") ? HandshakeViolation.VERSION_NOT_13 : null;
    }

    /** The value of {@code Sec-WebSocket-Accept} for a key (RFC 6455 section 4.2.2). */
    public static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform must have SHA-1", e);
        }
    }
}
