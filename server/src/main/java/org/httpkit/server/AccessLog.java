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
 * An observer that writes a line for each request when it is over, in the Common or the Combined Log Format. Safe
 * from any thread.
 *
 * <pre>
 * 192.0.2.7 - - [25/Nov/2026:13:55:36 +0000] "GET /index.html?lang=en HTTP/1.1" 200 2326
 * 192.0.2.7 - - [25/Nov/2026:13:55:36 +0000] "GET /index.html?lang=en HTTP/1.1" 200 2326 "https://example.com/" "curl/8.5.0"
 * </pre>
 *
 * <p>The second line is in the Combined format, which adds referrer and user agent. The time is that of the complete
 * request head, in the system's zone. The number after the status counts the bytes of the body. A hyphen stands for
 * an unknown or empty value. The status is 499 if the connection ended before a response began.
 *
 * <p>Event loops, among others, make the lines, so the code that takes them must not block. A {@link LogSink} writes
 * to a file or a stream without blocking them.
 *
 * <p>Clients cannot forge a line or end a quoted part: quotation marks and backslashes get a backslash in front, and
 * anything other than a visible ASCII character or a space becomes {@code \xHH}.
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
     * @param sink takes each line, without a line end. Event loops and workers call it, several at once, so it must
     *     not block
     */
    public static AccessLog common(Consumer<String> sink) {
        return new AccessLog(Format.COMMON, sink);
    }

    /** Writes lines in the Combined Log Format: those of {@link #common} with referrer and user agent. */
    public static AccessLog combined(Consumer<String> sink) {
        return new AccessLog(Format.COMBINED, sink);
    }

    /**
     * Writes lines in the Common Log Format to a stream through a {@link LogSink}, for example to {@code System.out}.
     */
    public static AccessLog common(OutputStream out) {
        return common(LogSink.to(out));
    }

    /** Writes lines in the Combined Log Format to a stream through a {@link LogSink}. */
    public static AccessLog combined(OutputStream out) {
        return combined(LogSink.to(out));
    }

    /**
     * Appends lines in the Common Log Format to a file through a {@link LogSink}.
     *
     * @throws IOException if the file cannot be opened
     */
    public static AccessLog common(Path file) throws IOException {
        return common(LogSink.to(file));
    }

    /**
     * Appends lines in the Combined Log Format to a file through a {@link LogSink}.
     *
     * @throws IOException if the file cannot be opened
     */
    public static AccessLog combined(Path file) throws IOException {
        return combined(LogSink.to(file));
    }

    /** Closes a {@link LogSink}, so that all lines are written once the server has stopped. */
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
