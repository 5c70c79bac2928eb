package org.httpkit.server;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server-sent event (WHATWG HTML, section 9.2). Immutable: each method returns a changed event.
 *
 * <p>A client that lost its connection says in the field {@code Last-Event-ID} of its next request which event it saw last.
 */
public final class Event {
    private final @Nullable String id;
    private final @Nullable String type;
    private final @Nullable String data;
    private final @Nullable Duration retry;
    private final @Nullable String comment;

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

    /** An event with data; line breaks of any kind in it are kept as line feeds. */
    public static Event of(String data) {
        return new Event(null, null, Objects.requireNonNull(data, "data"), null, null);
    }

    /** Only a comment, which the client's code does not see: keeps a connection alive through idle proxies. */
    public static Event comment(String comment) {
        return new Event(null, null, null, null, Objects.requireNonNull(comment, "comment"));
    }

    /**
     * This event with an id.
     *
     * @throws IllegalArgumentException if it has a line break or a NUL
     */
    public Event id(String id) {
        return new Event(requireOneLine("id", id), type, data, retry, comment);
    }

    /**
     * This event with a type, {@code message} if there is none.
     *
     * @throws IllegalArgumentException if it has a line break or a NUL
     */
    public Event type(String type) {
        return new Event(id, requireOneLine("type", type), data, retry, comment);
    }

    /** This event with the time that the client shall wait before it connects again. */
    public Event retry(Duration retry) {
        return new Event(id, type, data, Objects.requireNonNull(retry, "retry"), comment);
    }

    /** The data, or null of a comment. */
    public @Nullable String data() {
        return data;
    }

    /** The event as it goes over the wire, its closing empty line included. */
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
