package org.httpkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An observer that writes a line for each request when it is over, in one of the formats that web servers' logs have had for long.
 * Safe from any thread.
 *
 * <pre>
 * 192.0.2.7 - - [25/Nov/2026:13:55:36 +0000] "GET /index.html?lang=en HTTP/1.1" 200 2326
 * 192.0.2.7 - - [25/Nov/2026:13:55:36 +0000] "GET /index.html?lang=en HTTP/1.1" 200 2326 "https://example.com/" "curl/8.5.0"
 * </pre>
 *
 * <p>The second is the Combined format: referrer and user agent come behind. The time is when the request's head was complete, in the
 * system's zone. The number behind the status is that of the body's bytes. What is not known or is nothing is a hyphen; the status
 * of a request whose connection ended before a response began is 499.
 *
 * <p>Lines are made on event loops, among others, so what takes them must not block. A file or a stream is written to by a {@link LogSink},
 * which does not.
 *
 * <p>What clients write cannot forge a line, nor the end of a quoted part: quotation marks and backslashes have a backslash in front of
 * them, and whatever is not a visible ASCII character or a space is written as {@code \xHH}.
 */
public final class AccessLog implements ServerObserver {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.ROOT);
    private static final HexFormat HEX = HexFormat.of();
    private static final int GONE = 499;

    private enum Format {
        COMMON,
        COMBINED
    }

    /** A second and how it is written. */
    private record Written(long epochSecond, String text) {}

    private final Format format;
    private final Consumer<String> sink;
    private final DateTimeFormatter time = TIME.withZone(ZoneId.systemDefault());
    private volatile Written lastTime = new Written(Long.MIN_VALUE, "");

    private AccessLog(Format format, Consumer<String> sink) {
        this.format = format;
        this.sink = Objects.requireNonNull(sink, "sink");
    }

    /**
     * Writes lines in the Common Log Format.
     *
     * @param sink takes each line, without a line end; called on event loops and workers, several at once, so it must not block
     */
    public static AccessLog common(Consumer<String> sink) {
        return new AccessLog(Format.COMMON, sink);
    }

    /** Writes lines in the Combined Log Format, which are those of {@link #common} with the referrer and the user agent. */
    public static AccessLog combined(Consumer<String> sink) {
        return new AccessLog(Format.COMBINED, sink);
    }

    /**
     * Writes lines in the Common Log Format to a stream, by a {@link LogSink}: for example to {@code System.out}.
     */
    public static AccessLog common(OutputStream out) {
        return common(LogSink.to(out));
    }

    /** Writes lines in the Combined Log Format to a stream, by a {@link LogSink}. */
    public static AccessLog combined(OutputStream out) {
        return combined(LogSink.to(out));
    }

    /**
     * Appends lines in the Common Log Format to a file, by a {@link LogSink}.
     *
     * @throws IOException if the file cannot be opened
     */
    public static AccessLog common(Path file) throws IOException {
        return common(LogSink.to(file));
    }

    /**
     * Appends lines in the Combined Log Format to a file, by a {@link LogSink}.
     *
     * @throws IOException if the file cannot be opened
     */
    public static AccessLog combined(Path file) throws IOException {
        return combined(LogSink.to(file));
    }

    /** Closes a {@link LogSink}, so that all lines are written when the server has stopped. */
    @Override
    public void drainEnded(DrainReport report) {
        if (sink instanceof LogSink closeable) {
            closeable.close();
        }
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        sink.accept(line(exchange));
    }

    /** The line of an exchange, without a line end. */
    public String line(FinishedExchange exchange) {
        Request request = exchange.request();
        StringBuilder line = new StringBuilder(128);
        appendAddress(line, exchange.remoteAddress());
        line.append(" - - [").append(timeOf(exchange.received())).append("] \"");
        if (request == null) {
            line.append('-');
        } else {
            appendEscaped(line, request.method().toString());
            appendEscaped(line.append(' '), request.target());
            line.append(' ').append(request.version());
        }
        line.append("\" ")
                .append(exchange.status() == 0 ? GONE : exchange.status())
                .append(' ');
        if (exchange.responseBodyBytes() == 0) {
            line.append('-');
        } else {
            line.append(exchange.responseBodyBytes());
        }
        if (format == Format.COMBINED) {
            appendField(line, request, "Referer");
            appendField(line, request, "User-Agent");
        }
        return line.toString();
    }

    private static void appendAddress(StringBuilder line, @Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            line.append(inet.getAddress().getHostAddress());
        } else {
            line.append('-');
        }
    }

    private static void appendField(StringBuilder line, @Nullable Request request, String name) {
        String value = request == null ? null : request.headers().first(name);
        line.append(" \"");
        appendEscaped(line, value == null || value.isEmpty() ? "-" : value);
        line.append('"');
    }

    private static void appendEscaped(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7F) {
                line.append(c);
            } else if (c <= 0xFF) {
                HEX.toHexDigits(line.append("\\x"), (byte) c);
            } else {
                line.append("\\u").append(HEX.toHexDigits(c));
            }
        }
    }

    /** Most requests come in the same second as the one before. */
    private String timeOf(Instant instant) {
        Written known = lastTime;
        if (known.epochSecond != instant.getEpochSecond()) {
            known = new Written(instant.getEpochSecond(), time.format(instant));
            lastTime = known;
        }
        return known.text;
    }
}
