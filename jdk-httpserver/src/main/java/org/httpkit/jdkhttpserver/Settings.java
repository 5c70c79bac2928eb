package org.httpkit.jdkhttpserver;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.httpkit.server.HttpServer;
import org.jspecify.annotations.Nullable;

/** The options of a server by the JDK's documented system properties. Immutable. */
final class Settings {
    private static final int USUAL_HEAD_BYTES = 393_216;
    private static final int MAX_HEAD_BYTES = 16 << 20;
    private static final int MIN_HEAD_BYTES = 64;
    private static final int MAX_FIELDS = 65_536;
    private static final int MAX_SECONDS = 365 * 24 * 60 * 60;
    /** The JDK's server waits for ever. */
    private static final Duration HANDSHAKE = Duration.ofSeconds(30);

    private final UnaryOperator<@Nullable String> properties;

    /** @param properties returns the value of a property; null if it is not set */
    Settings(UnaryOperator<@Nullable String> properties) {
        this.properties = properties;
    }

    static Settings ofSystemProperties() {
        return new Settings(System::getProperty);
    }

    /** A builder with these options, and the JDK's defaults where programs may rely on them. */
    HttpServer.Builder builder() {
        int headBytes = headBytes();
        HttpServer.Builder builder = HttpServer.builder()
                .serverHeader(null)
                .handshakeTimeout(HANDSHAKE)
                .maxHeaderBytes(headBytes)
                .maxLineBytes(headBytes)
                .maxHeaderCount((int) between("sun.net.httpserver.maxReqHeaders", 200, 1, MAX_FIELDS))
                .idleTimeout(Duration.ofSeconds(between("sun.net.httpserver.idleInterval", 30, 1, MAX_SECONDS)));
        long connections = number("jdk.httpserver.maxConnections", 0);
        if (connections > 0) {
            builder.maxConnections((int) Math.min(connections, Integer.MAX_VALUE - 1));
        }
        // In seconds, as the JDK's server reads them, in spite of its documentation.
        long request = number("sun.net.httpserver.maxReqTime", 0);
        if (request > 0) {
            Duration time = Duration.ofSeconds(Math.min(request, MAX_SECONDS));
            builder.handshakeTimeout(time).headerTimeout(time).bodyTimeout(time);
        }
        long response = number("sun.net.httpserver.maxRspTime", 0);
        if (response > 0) {
            builder.writeTimeout(Duration.ofSeconds(Math.min(response, MAX_SECONDS)));
        }
        return builder;
    }

    /** The limit for heads: for 0 and less the JDK has none, and we use our largest. */
    private int headBytes() {
        long bytes = number("sun.net.httpserver.maxReqHeaderSize", USUAL_HEAD_BYTES);
        return bytes <= 0 ? MAX_HEAD_BYTES : (int) Math.min(MAX_HEAD_BYTES, Math.max(MIN_HEAD_BYTES, bytes));
    }

    /** Returns a number within these limits; the default replaces 0 and less, too. */
    private long between(String name, long defaultValue, long min, long max) {
        long value = number(name, defaultValue);
        return Math.min(max, Math.max(min, value <= 0 ? defaultValue : value));
    }

    private long number(String name, long defaultValue) {
        String value = properties.apply(name);
        try {
            return value == null ? defaultValue : Long.decode(value.strip());
        } catch (NumberFormatException e) {
            return defaultValue;
        }
    }
}
