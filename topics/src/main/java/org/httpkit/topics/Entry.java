package org.httpkit.topics;

import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/** A message in the log, with the forms in which receivers have asked for it. Confined to its thread. */
final class Entry {
    /** Objects around the content, roughly. */
    private static final int OVERHEAD_BYTES = 256;
    /** From so many receivers on the writing is left to the loops: to write to all would keep the one thread of topics for long. */
    private static final int MANY = 32;

    final Topic topic;
    final long offset;
    final Message message;
    final long arrivedNanos;

    /** What the entry was counted with when it was added to the history; the history's own. */
    long countedBytes;

    // The history's own: all entries that are kept, in the order of the log.
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

    /** The entry as that form has it, made once. */
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
            heldBytes += made == message ? 0 : 2 * lengthOf(made); // once as it is, once as a frame
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
