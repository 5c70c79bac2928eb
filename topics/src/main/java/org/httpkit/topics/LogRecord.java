package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.concurrent.ThreadLocalRandom;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/**
 * A record of the shared log. Immutable.
 *
 * <p>As bytes: a format's number, the kind, the time in milliseconds, a random number that makes it different from all
 * others, the length of the topic's name, the name, the content.
 *
 * @param millis when a server published it, by that server's clock
 * @param topic empty if it belongs to none
 * @param content of a text, UTF-8; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record LogRecord(Kind kind, long millis, String topic, byte[] content) {
    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 1 + 1 + 8 + 4 + 2;

    /** The kind of a record. Its ordinal is its number in the format. */
    enum Kind {
        TEXT,
        BINARY,
        PRESENCE
    }

    private static final Kind[] KINDS = Kind.values();

    static LogRecord of(String topic, Message message, long millis) {
        return new LogRecord(message.isText() ? Kind.TEXT : Kind.BINARY, millis, topic, message.bytes());
    }

    byte[] encoded() {
        byte[] name = topic.getBytes(UTF_8);
        byte number = 0;
        while (KINDS[number] != kind) {
            number++;
        }
        return ByteBuffer.allocate(HEAD_BYTES + name.length + content.length)
                .put(FORMAT)
                .put(number)
                .putLong(millis)
                .putInt(ThreadLocalRandom.current().nextInt())
                .putShort((short) name.length)
                .put(name)
                .put(content)
                .array();
    }

    /** Decodes a record; returns null if this version does not know it. */
    static @Nullable LogRecord decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEAD_BYTES || in.get() != FORMAT) {
            return null;
        }
        int number = in.get();
        long millis = in.getLong();
        in.getInt();
        int length = in.getShort();
        if (number < 0 || number >= KINDS.length || length < 0 || length > in.remaining()) {
            return null;
        }
        try {
            String topic = UTF_8.newDecoder().decode(in.slice().limit(length)).toString();
            byte[] content = new byte[in.remaining() - length];
            in.position(in.position() + length).get(content);
            return new LogRecord(KINDS[number], millis, topic, content);
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    Message message() {
        return kind == Kind.TEXT ? Message.text(new String(content, UTF_8)) : Message.binary(content);
    }
}
