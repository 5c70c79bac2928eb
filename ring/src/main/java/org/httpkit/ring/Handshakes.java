package org.httpkit.ring;

import clojure.lang.APersistentMap;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.PersistentArrayMap;
import clojure.lang.RT;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/** Checks and answers WebSocket handshakes (RFC 6455 section 4.2) of requests that are maps. Stateless. */
public final class Handshakes {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    /** 16 bytes in base64, of whose last character only two bits count. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{21}[AQgw]==");

    private static final Keyword REQUEST_METHOD = Keyword.intern(null, "request-method");
    private static final Keyword METHOD_GET = Keyword.intern(null, "get");
    private static final Keyword PROTOCOL = Keyword.intern(null, "protocol");
    private static final Keyword HEADERS = Keyword.intern(null, "headers");
    private static final Keyword STATUS = Keyword.intern(null, "status");
    private static final Keyword BODY = Keyword.intern(null, "body");
    private static final IPersistentMap TEXT = RT.map("Content-Type", "text/plain");

    private Handshakes() {}

    /**
     * Whether a request asks for a WebSocket, properly or not: a POST that does must be refused, rather than answered
     * as if it did not.
     */
    static boolean isAskedFor(Request request) {
        return request.headers().lists("Upgrade", "websocket");
    }

    /**
     * The value of {@code Sec-WebSocket-Accept} for a request map that is a proper handshake (RFC 6455 section 4.2.1);
     * otherwise null. Over HTTP/2, which has no keys, it is empty (RFC 8441 section 5).
     */
    public static @Nullable String check(@Nullable Object request) {
        if ("HTTP/2.0".equals(RT.get(request, PROTOCOL))) {
            boolean proper = lists(field(request, "upgrade"), "websocket")
                    && "13".equals(field(request, "sec-websocket-version"));
            return proper ? "" : null;
        }
        String key = field(request, "sec-websocket-key");
        boolean proper = METHOD_GET.equals(RT.get(request, REQUEST_METHOD))
                && "HTTP/1.1".equals(RT.get(request, PROTOCOL))
                && lists(field(request, "upgrade"), "websocket")
                && lists(field(request, "connection"), "upgrade")
                && "13".equals(field(request, "sec-websocket-version"))
                && isKey(key);
        return proper ? accept(key) : null;
    }

    private static @Nullable String field(@Nullable Object request, String name) {
        return RT.get(RT.get(request, HEADERS), name) instanceof String value ? value : null;
    }

    /** The response to a request map that is no proper handshake, or whose origin was refused. */
    public static IPersistentMap refusal(@Nullable Object request, boolean originAllowed) {
        String version = field(request, "sec-websocket-version");
        if (!originAllowed) {
            return response(403, "Origin not allowed", TEXT);
        }
        return version == null || version.equals("13")
                ? response(400, "Bad Sec-WebSocket-Key header", TEXT)
                : otherVersion();
    }

    /** The response to a client that must use a WebSocket of version 13. */
    public static IPersistentMap otherVersion() {
        return response(
                426,
                "Sec-WebSocket-Version must be 13",
                TEXT.assoc("Upgrade", "websocket").assoc("Sec-WebSocket-Version", "13"));
    }

    private static IPersistentMap response(int status, String body, IPersistentMap headers) {
        return RT.map(STATUS, (long) status, HEADERS, headers, BODY, body);
    }

    /** The fields of the answer to a handshake. */
    public static IPersistentMap answer(@Nullable Object channel, String accept) {
        RingCallbacks callbacks = RingServer.callbacks(channel);
        IPersistentMap answer = accept.isEmpty()
                ? RT.map()
                : RT.map("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", accept);
        IPersistentMap further = callbacks == null ? null : callbacks.handshakeFields();
        return further == null ? answer : (IPersistentMap) ((APersistentMap) answer).cons(further);
    }

    /** Adds these fields to the handshake's answer, and the agreed subprotocol. */
    public static void prepare(
            @Nullable Object channel,
            Object request,
            @Nullable Iterable<String> protocols,
            @Nullable IPersistentMap headers) {
        RingCallbacks callbacks = RingServer.callbacks(channel);
        if (callbacks == null) {
            return;
        }
        String agreed = protocols == null ? null : subprotocol(field(request, "sec-websocket-protocol"), protocols);
        IPersistentMap fields = headers == null ? PersistentArrayMap.EMPTY : headers;
        callbacks.setHandshakeFields(agreed == null ? headers : fields.assoc("Sec-WebSocket-Protocol", agreed));
    }

    /**
     * Whether a page of the request's origin may open a WebSocket; if not, logs a warning. Any page may open channels
     * that the server did not make.
     *
     * @param allowed the value passed to {@code as-channel}; null for the server's
     */
    public static boolean allowsOrigin(@Nullable Object channel, @Nullable Object request, @Nullable Object allowed) {
        RingCallbacks callbacks = RingServer.callbacks(channel);
        if (callbacks == null || !(channel instanceof AsyncChannel own)) {
            return true;
        }
        RingSettings settings = callbacks.settings();
        boolean allows = ChannelBinding.of(own)
                .allowsOrigin(allowed == null ? settings.origins() : RingOptions.origins(allowed));
        if (!allows) {
            settings.observer().originRefused(own.request(), field(request, "origin"));
        }
        return allows;
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
    static boolean isKey(@Nullable String key) {
        return key != null && KEY.matcher(key).matches();
    }

    /** Whether a field's value lists a member, whatever its case. */
    static boolean lists(@Nullable String value, String member) {
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
    private static @Nullable String subprotocol(@Nullable String offered, Iterable<String> supported) {
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
