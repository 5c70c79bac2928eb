package org.httpkit.server;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message that is encoded once, however many channels it is sent to: for broadcasts. Immutable; safe from any thread.
 *
 * <pre>{@code
 * Message news = Message.text("hello all");
 * channels.forEach(channel -> channel.send(news, false));
 * }</pre>
 */
public abstract sealed class Message permits SharedMessage {

    Message() {}

    /** Returns a text message. */
    public static Message text(String text) {
        return SharedMessage.ofText(Objects.requireNonNull(text, "text"));
    }

    /** Returns a binary message. The array is not copied, so do not change it. */
    public static Message binary(byte[] bytes) {
        return SharedMessage.ofBytes(Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * Returns this message as one for many channels, which shares its encoded forms. If it is short, each channel sends
     * it at the next turn of its loop, in one write with what else comes until then. The server treats other
     * messages in this way once it has noticed that several channels get them.
     */
    public abstract Message forMany();

    /** Whether this is a message that {@link #forMany} returns. */
    public abstract boolean isForMany();

    /** Whether this is text. */
    public abstract boolean isText();

    /** The text; null for a binary message. */
    public abstract @Nullable String text();

    /** The bytes; for a text message, its UTF-8. Do not change them. */
    public abstract byte[] bytes();
}
