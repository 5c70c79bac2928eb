package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.httpkit.server.Event;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/** The forms in which receivers get messages and notices. Pure. */
enum Form {
    /** The bare message, on a WebSocket. */
    RAW(0) {
        @Override
        Message of(Entry entry, String epoch) {
            return entry.message;
        }

        @Override
        @Nullable
        Message of(Notice notice, String topic, String value) {
            return null;
        }
    },
    /** WebSocket messages of the protocol {@link TextProtocol}. */
    FRAMED(1) {
        @Override
        Message of(Entry entry, String epoch) {
            String line = "message " + entry.topic.name + " " + epoch + "-" + entry.offset + "\n";
            String text = entry.message.text();
            if (text != null) {
                return Message.text(line + text);
            }
            byte[] head = line.getBytes(UTF_8);
            byte[] bytes = entry.message.bytes();
            byte[] whole = new byte[head.length + bytes.length];
            System.arraycopy(head, 0, whole, 0, head.length);
            System.arraycopy(bytes, 0, whole, head.length, bytes.length);
            return Message.binary(whole);
        }

        @Override
        Message of(Notice notice, String topic, String value) {
            return Message.text(
                    switch (notice) {
                        case STALE -> "stale " + topic;
                        case SKIPPED -> "skipped " + topic + " " + value;
                        case PRESENCE -> "presence " + topic + " " + value;
                        case LIVE -> "live " + value;
                        case REFUSED -> "refused " + topic;
                    });
        }
    },
    /** Server-sent events of one topic: the client's code sees them as {@code message}. */
    EVENT(2) {
        @Override
        Message of(Entry entry, String epoch) {
            return bytes(event(entry, epoch).encoded());
        }

        @Override
        Message of(Notice notice, String topic, String value) {
            return bytes(event(notice, topic, value).encoded());
        }
    },
    /** Server-sent events of many topics: each has its topic's name as its type. */
    NAMED_EVENT(3) {
        @Override
        Message of(Entry entry, String epoch) {
            return bytes(event(entry, epoch).type(entry.topic.name).encoded());
        }

        @Override
        Message of(Notice notice, String topic, String value) {
            return bytes(event(notice, topic, value).encoded());
        }
    },
    /** Lines of JSON, for streams and polls. */
    LINE(4) {
        @Override
        Message of(Entry entry, String epoch) {
            String text = entry.message.text();
            String data = text != null
                    ? "\"data\":" + Json.quoted(text)
                    : "\"base64\":\"" + base64(entry.message.bytes()) + "\"";
            return bytes("{\"topic\":" + Json.quoted(entry.topic.name) + ",\"id\":\"" + epoch + "-" + entry.offset
                    + "\"," + data + "}\n");
        }

        @Override
        Message of(Notice notice, String topic, String value) {
            String name = Json.quoted(topic);
            return bytes(
                    switch (notice) {
                        case STALE -> "{\"stale\":" + name + "}\n";
                        case SKIPPED -> "{\"skipped\":" + value + ",\"topic\":" + name + "}\n";
                        case PRESENCE -> "{\"presence\":[" + value.replace(' ', ',') + "],\"topic\":" + name + "}\n";
                        case LIVE -> "{\"live\":\"" + value + "\"}\n";
                        case REFUSED -> "{\"refused\":" + name + "}\n";
                    });
        }
    };

    /** The index at which entries keep this form. */
    final int slot;

    Form(int slot) {
        this.slot = slot;
    }

    /** Makes an entry's message in this form; call {@link Entry#in}, which keeps it. */
    abstract Message of(Entry entry, String epoch);

    /**
     * Makes a notice in this form; returns null if the form has none.
     *
     * @param topic empty if the notice belongs to none
     * @param value a count or an id; empty if the notice has none
     */
    abstract @Nullable Message of(Notice notice, String topic, String value);

    private static Event event(Entry entry, String epoch) {
        String text = entry.message.text();
        return Event.of(text != null ? text : base64(entry.message.bytes())).id(epoch + "-" + entry.offset);
    }

    /** An id without data moves {@code Last-Event-ID} on, and the client's code sees nothing of it (WHATWG HTML, section 9.2.6). */
    private static Event event(Notice notice, String topic, String value) {
        return switch (notice) {
            case STALE -> Event.of(topic).type("stale");
            case SKIPPED -> Event.of(topic + " " + value).type("skipped");
            case PRESENCE -> Event.of(topic + " " + value).type("presence");
            case LIVE -> Event.comment("live").id(value);
            case REFUSED -> Event.of(topic).type("refused");
        };
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Message bytes(String text) {
        return Message.binary(text.getBytes(UTF_8));
    }
}
