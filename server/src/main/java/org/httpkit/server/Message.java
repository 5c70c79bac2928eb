package org.httpkit.server;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A message that is encoded once, however many channels it is sent to: for broadcasts. Immutable; safe from any thread.
 *
 * <pre>{@code
 * Message news = Message.text("hello all");
 * channels.forEach(channel -> channel.send(news, false));
 * }</pre>
 */
public final class Message {
    private static final int FORMS = Encoding.values().length;

    /** The forms that a message can be encoded in. */
    public enum Encoding {
        /** The plain bytes: text as UTF-8. */
        BYTES(0),
        /** A WebSocket frame. */
        FRAME(1),
        /** A compressed WebSocket frame that refers to no earlier one. */
        DEFLATED_FRAME(2),
        /** A chunk of a response in HTTP/1.1's chunked coding. */
        CHUNK(3);

        private final int slot;

        Encoding(int slot) {
            this.slot = slot;
        }
    }

    private final @Nullable String text;
    private final boolean many;
    private final AtomicReferenceArray<byte @Nullable []> encoded;

    private Message(@Nullable String text, boolean many, AtomicReferenceArray<byte @Nullable []> encoded) {
        this.text = text;
        this.many = many;
        this.encoded = encoded;
    }

    /** A text message. */
    public static Message text(String text) {
        return new Message(Objects.requireNonNull(text, "text"), false, new AtomicReferenceArray<>(FORMS));
    }

    /** A binary message. The array is not copied, so do not change it. */
    public static Message binary(byte[] bytes) {
        Message message = new Message(null, false, new AtomicReferenceArray<>(FORMS));
        message.encoded.set(Encoding.BYTES.slot, Objects.requireNonNull(bytes, "bytes"));
        return message;
    }

    /**
     * This message as one for many channels, with the forms that it has been encoded to. If it is short, each channel sends it at the next
     * turn of its loop, in one write with what else comes until then; other messages leave so once the server has noticed that several
     * channels get them.
     */
    public Message forMany() {
        return many ? this : new Message(text, true, encoded);
    }

    /** Whether {@link #forMany} has made it. */
    public boolean isForMany() {
        return many;
    }

    /** Whether this is text. */
    public boolean isText() {
        return text != null;
    }

    /** The text; null for a binary message. */
    public @Nullable String text() {
        return text;
    }

    /** The bytes; for a text message, its UTF-8. Do not change them. */
    public byte[] bytes() {
        return encoded(Encoding.BYTES, message -> String.valueOf(message.text).getBytes(StandardCharsets.UTF_8));
    }

    /** For the server: the message in that form, made by the encoder when first asked for. */
    public byte[] encoded(Encoding encoding, Function<Message, byte[]> encoder) {
        byte[] known = encoded.get(encoding.slot);
        if (known != null) {
            return known;
        }
        byte[] made = encoder.apply(this);
        byte[] earlier = encoded.compareAndExchange(encoding.slot, null, made);
        return earlier != null ? earlier : made;
    }
}
