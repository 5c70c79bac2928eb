package org.httpkit.server;

import java.util.function.Function;

/**
 * The side of a {@link Message} that the server works with: its encoded forms, each made once for all channels.
 * Applications need none of it. Safe from any thread.
 */
public interface SharedForms {

    /** The forms that a message can be encoded in. */
    enum Form {
        /** The plain bytes: text as UTF-8. */
        BYTES(0),
        /** A WebSocket frame. */
        FRAME(1),
        /** A compressed WebSocket frame that refers to no earlier one. */
        DEFLATED_FRAME(2),
        /** A chunk of a response in HTTP/1.1's chunked coding. */
        CHUNK(3);

        final int slot;

        Form(int slot) {
            this.slot = slot;
        }
    }

    /** Returns the forms of a message. */
    static SharedForms of(Message message) {
        return (SharedForms) message;
    }

    /** Returns the message in that form, which the encoder makes when first asked for. Do not change the bytes. */
    byte[] encoded(Form form, Function<Message, byte[]> encoder);
}
