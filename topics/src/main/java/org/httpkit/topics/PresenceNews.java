package org.httpkit.topics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ToLongFunction;

/** Topics of which the number of listeners has changed since receivers last got it. Confined to the thread of topics. */
final class PresenceNews {
    private final Deque<Topic> changed = new ArrayDeque<>();

    void add(Topic topic) {
        if (!topic.presenceChanged) {
            topic.presenceChanged = true;
            changed.add(topic);
        }
    }

    boolean isEmpty() {
        return changed.isEmpty();
    }

    /** Sends the number of listeners, where it has changed, to receivers that want it. */
    void tell(ToLongFunction<Topic> everywhere) {
        for (Topic topic = changed.poll(); topic != null; topic = changed.poll()) {
            topic.presenceChanged = false;
            String counts = topic.count() + " " + everywhere.applyAsLong(topic);
            for (Membership each = topic.first; each != null; each = each.next) {
                if (each.receiver.wantsPresence() && each.receiver.state() == Receiver.State.LIVE) {
                    each.receiver.tell(Notice.PRESENCE, topic.name, counts);
                }
            }
        }
    }
}
