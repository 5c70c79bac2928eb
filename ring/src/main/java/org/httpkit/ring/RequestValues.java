package org.httpkit.ring;

import clojure.lang.Keyword;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.httpkit.BytesInputStream;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/** Computes the values of a request map, each when it is first read. Safe from any thread. */
final class RequestValues {
    private static final Object NIL = new Object();
    private static final int LARGEST_PORT = 65535;
    private static final Keyword HTTP = Keyword.intern(null, "http");
    private static final Keyword HTTPS = Keyword.intern(null, "https");
    private static final Map<Method, Keyword> METHODS = Map.of(
            Method.GET, keyword(Method.GET),
            Method.HEAD, keyword(Method.HEAD),
            Method.POST, keyword(Method.POST),
            Method.PUT, keyword(Method.PUT),
            Method.DELETE, keyword(Method.DELETE),
            Method.OPTIONS, keyword(Method.OPTIONS),
            Method.PATCH, keyword(Method.PATCH));

    private final Request request;
    private final RingSettings settings;

    /**
     * The computed values, except the body and the channel. Written without any ordering: all are immutable, and two
     * threads may compute a value twice.
     */
    private @Nullable Object @Nullable [] known;

    private @Nullable AsyncChannel channel;
    private @Nullable BytesInputStream body;

    RequestValues(Request request, RingSettings settings) {
        this.request = request;
        this.settings = settings;
    }

    Request request() {
        return request;
    }

    RingSettings settings() {
        return settings;
    }

    @Nullable
    Object get(RequestKey key) {
        if (key == RequestKey.BODY) {
            return body();
        }
        if (key == RequestKey.ASYNC_CHANNEL) {
            return channel();
        }
        Object[] values = known;
        if (values == null) {
            values = new Object[RequestKey.COUNT];
            known = values;
        }
        Object value = values[key.place];
        if (value == null) {
            value = compute(key);
            values[key.place] = value == null ? NIL : value;
        }
        return value == NIL ? null : value;
    }

    private @Nullable Object compute(RequestKey key) {
        return switch (key) {
            case REMOTE_ADDR -> remoteAddress();
            case HEADERS -> FieldMaps.of(request.headers());
            case ASYNC_CHANNEL -> channel();
            case SERVER_PORT -> serverPort();
            case CONTENT_LENGTH -> integer(Math.max(0, request.body().length()));
            case WEBSOCKET -> Handshakes.isAskedFor(request);
            case CONTENT_TYPE -> ContentType.type(request.header("Content-Type"));
            case CHARACTER_ENCODING -> ContentType.charset(request.header("Content-Type"), "utf8");
            case URI -> request.path();
            case SERVER_NAME -> serverName();
            case QUERY_STRING -> request.query();
            case BODY -> body();
            case SCHEME -> request.scheme().equals("https") ? HTTPS : HTTP;
            case REQUEST_METHOD -> {
                Keyword registered = METHODS.get(request.method());
                yield registered == null ? keyword(request.method()) : registered;
            }
            case START_TIME -> request.receivedNanos();
            case PROTOCOL -> request.version().toString();
        };
    }

    /** An Integer, as Ring's specification has it, unless that is too small. */
    private static Object integer(long number) {
        if (number > Integer.MAX_VALUE) {
            return number;
        }
        return (int) number;
    }

    private static Keyword keyword(Method method) {
        return Keyword.intern(null, method.lowerCaseName());
    }

    /** Makes the channel once, for any number of maps of the request; the handler may still answer without it. */
    synchronized AsyncChannel channel() {
        if (channel == null) {
            channel = request.channel(new RingCallbacks(settings));
        }
        return channel;
    }

    /** Whether the handshake of a WebSocket has been answered. */
    synchronized boolean isWebSocket() {
        return channel != null && channel.isWebSocket();
    }

    /** Makes the body once: a stream that was read through one map has been read for all. */
    private synchronized @Nullable BytesInputStream body() {
        if (body == null && request.body().length() != 0) {
            try {
                byte[] bytes = request.body().bytes();
                body = bytes.length == 0 ? null : new BytesInputStream(bytes, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return body;
    }

    private @Nullable String remoteAddress() {
        if (settings.believesForwardedFor()) {
            String forwarded = request.header("X-Forwarded-For");
            if (forwarded != null) {
                int comma = forwarded.indexOf(',');
                return comma < 0 ? forwarded : forwarded.substring(0, comma).strip();
            }
        }
        return numeric(request.remoteAddress());
    }

    private static @Nullable String numeric(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : null;
    }

    private int serverPort() {
        int declared = port(request.authority());
        if (declared >= 0) {
            return declared;
        }
        if (request.localAddress() instanceof InetSocketAddress inet) {
            return inet.getPort();
        }
        return request.scheme().equals("https") ? 443 : 80;
    }

    /** The port behind the host, or -1 if there is none. */
    private static int port(String authority) {
        int begin = endOfHost(authority) + 1;
        int port = begin < authority.length() ? 0 : -1;
        for (int i = begin; i < authority.length(); i++) {
            int digit = authority.charAt(i) - '0';
            if (digit < 0 || digit > 9 || port > LARGEST_PORT) {
                return -1;
            }
            port = 10 * port + digit;
        }
        return port > LARGEST_PORT ? -1 : port;
    }

    private @Nullable String serverName() {
        String authority = request.authority();
        return authority.isEmpty() ? numeric(request.localAddress()) : authority.substring(0, endOfHost(authority));
    }

    /** The position of the colon before the port, or the end of the text; an IPv6 address contains colons, too. */
    private static int endOfHost(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || colon < authority.lastIndexOf(']') ? authority.length() : colon;
    }
}
