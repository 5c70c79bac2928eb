package org.httpkit.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server-sent event (WHATWG HTML, section 9.2). Immutable: each method returns a changed event.
 *
 * <p>A client that reconnects names the last event that it saw in the field {@code Last-Event-ID}.
 */
public final class Event {
    private final @Nullable String id;
    private final @Nullable String type;
    private final @Nullable String data;
    private final @Nullable Duration retry;
    private final @Nullable String comment;

    // Made when first asked for. Threads that ask at the same time may make one each, which are equal.
    private volatile @Nullable Message message;
    private volatile @Nullable Message encodedMessage;

    private Event(
            @Nullable String id,
            @Nullable String type,
            @Nullable String data,
            @Nullable Duration retry,
            @Nullable String comment) {
        this.id = id;
        this.type = type;
        this.data = data;
        this.retry = retry;
        this.comment = comment;
    }

    /** An event with data. Line breaks of any kind become line feeds. */
    public static Event of(String data) {
        return new Event(null, null, Objects.requireNonNull(data, "data"), null, null);
    }

    /** A comment, which the client's code does not see. It keeps a connection alive through idle proxies. */
    public static Event comment(String comment) {
        return new Event(null, null, null, null, Objects.requireNonNull(comment, "comment"));
    }

    /**
     * This event with an id.
     *
     * @throws IllegalArgumentException if the id contains a line break or a NUL
     */
    public Event id(String id) {
        return new Event(requireOneLine("id", id), type, data, retry, comment);
    }

    /**
     * This event with a type; without one it is a {@code message}.
     *
     * @throws IllegalArgumentException if the type contains a line break or a NUL
     */
    public Event type(String type) {
        return new Event(id, requireOneLine("type", type), data, retry, comment);
    }

    /**
     * This event with the time that the client should wait before it reconnects, sent in whole milliseconds.
     *
     * @throws IllegalArgumentException if the time is negative or longer than 3650 days
     */
    public Event retry(Duration retry) {
        return new Event(id, type, data, Options.requireNotNegative("retry", retry), comment);
    }

    /** The data; null for a comment. */
    public @Nullable String data() {
        return data;
    }

    /** The event as it is sent, including the empty line at its end. */
    public String encoded() {
        StringBuilder out = new StringBuilder();
        if (comment != null) {
            lines(out, ": ", comment);
        }
        if (retry != null) {
            out.append("retry: ").append(retry.toMillis()).append('\n');
        }
        if (id != null) {
            out.append("id: ").append(id).append('\n');
        }
        if (type != null) {
            out.append("event: ").append(type).append('\n');
        }
        if (data != null) {
            lines(out, "data: ", data);
        }
        return out.append('\n').toString();
    }

    /** The data as a message, for WebSockets; always the same one. Null of a comment. */
    public @Nullable Message message() {
        Message made = message;
        if (made == null && data != null) {
            made = Message.text(data);
            message = made;
        }
        return made;
    }

    /** The whole event as a message, for responses: it is encoded once, however many channels it is sent to. Always the same one. */
    public Message encodedMessage() {
        Message made = encodedMessage;
        if (made == null) {
            made = Message.binary(encoded().getBytes(StandardCharsets.UTF_8));
            encodedMessage = made;
        }
        return made;
    }

    @Override
    public String toString() {
        return encoded();
    }

    private static void lines(StringBuilder out, String prefix, String text) {
        for (String line : text.split("\r\n|\r|\n", -1)) {
            out.append(prefix).append(line).append('\n');
        }
    }

    private static String requireOneLine(String what, String text) {
        Objects.requireNonNull(text, what);
        if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0 || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("The " + what + " of an event must be one line without NUL");
        }
        return text;
    }
}
