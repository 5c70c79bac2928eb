package org.httpkit.ring;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/** What a WebSocket handshake's fields have to be (RFC 6455 section 4.2), for requests that are maps. Stateless. */
public final class Handshakes {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    /** 16 bytes in base64, of whose last character only two bits count. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{21}[AQgw]==");

    private Handshakes() {}

    /** Whether a request asks for a WebSocket, in order or not: a POST that does is to be refused, not answered as if it did not. */
    public static boolean isAskedFor(Request request) {
        return request.headers().lists("Upgrade", "websocket");
    }

    /** The value of {@code Sec-WebSocket-Accept} for a key. */
    public static String accept(@Nullable String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] text = ((key == null ? "" : key) + GUID).getBytes(StandardCharsets.ISO_8859_1);
            return Base64.getEncoder().encodeToString(sha1.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform must have SHA-1", e);
        }
    }

    /** Whether a key is 16 bytes in base64, written as it should be. */
    public static boolean isKey(@Nullable String key) {
        return key != null && KEY.matcher(key).matches();
    }

    /** Whether a field's value lists a member, whatever its case. */
    public static boolean lists(@Nullable String value, String member) {
        if (value == null) {
            return false;
        }
        for (String each : value.split(",", -1)) {
            if (each.strip().equalsIgnoreCase(member)) {
                return true;
            }
        }
        return false;
    }

    /** The first of the subprotocols that a client offers which is supported, or null. */
    public static @Nullable String subprotocol(@Nullable String offered, Iterable<String> supported) {
        if (offered != null) {
            for (String each : offered.split(",", -1)) {
                for (String known : supported) {
                    if (each.strip().equals(known)) {
                        return known;
                    }
                }
            }
        }
        return null;
    }
}
