package org.httpkit.topics;

import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/** A message in the log, with the forms that receivers have asked for. Confined to its thread. */
final class Entry {
    /** Bytes of the objects around the content, roughly. */
    private static final int OVERHEAD_BYTES = 256;
    /** With this many receivers the loops write, each what has come for a client in one write. */
    private static final int MANY = 8;

    final Topic topic;
    final long offset;
    final Message message;
    final long arrivedNanos;

    /** The bytes that the history counts for the entry; only the history uses it. */
    long countedBytes;

    // Only the history uses these: all kept entries, in the order of the log.
    @Nullable
    Entry older;

    @Nullable
    Entry newer;

    private @Nullable Message @Nullable [] forms;
    private long heldBytes;

    Entry(Topic topic, long offset, Message message, long arrivedNanos) {
        this.topic = topic;
        this.offset = offset;
        this.message = topic.count() < MANY ? message : message.forMany();
        this.arrivedNanos = arrivedNanos;
        this.heldBytes = OVERHEAD_BYTES + 2 * lengthOf(message);
    }

    /** Returns the entry in this form, which is made once. */
    Message in(Form form, String epoch) {
        @Nullable Message[] known = forms;
        if (known == null) {
            known = new Message[Form.values().length];
            forms = known;
        }
        Message made = known[form.slot];
        if (made == null) {
            made = form.of(this, epoch);
            made = message.isForMany() ? made.forMany() : made;
            known[form.slot] = made;
            heldBytes += made == message ? 0 : 2 * lengthOf(made); // once as data, once as a frame
        }
        return made;
    }

    /** Bytes of heap that it holds, roughly. */
    long heldBytes() {
        return heldBytes;
    }

    static long lengthOf(Message message) {
        String text = message.text();
        return text != null ? text.length() : message.bytes().length;
    }
}
