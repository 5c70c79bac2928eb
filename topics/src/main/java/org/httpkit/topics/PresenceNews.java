package org.httpkit.topics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Topics of which the number of listeners has changed since receivers last got it. Confined to the thread of topics. */
final class PresenceNews {
    private final Deque<Topic> changed = new ArrayDeque<>();
    private final Set<Receiver> returned = new HashSet<>();

    void add(Topic topic) {
        if (!topic.presenceChanged) {
            topic.presenceChanged = true;
            changed.add(topic);
        }
    }

    /** A receiver is live: it gets the numbers that it has missed. */
    void addIfItMisses(Receiver receiver) {
        if (receiver.missesPresence) {
            returned.add(receiver);
        }
    }

    boolean isEmpty() {
        return changed.isEmpty() && returned.isEmpty();
    }

    /** Sends the number of listeners, where it has changed, to receivers that want it: now, or when they are live. */
    void tell(ToLongFunction<Topic> everywhere) {
        for (Topic topic = changed.poll(); topic != null; topic = changed.poll()) {
            topic.presenceChanged = false;
            String counts = counts(topic, everywhere);
            for (Membership each = topic.first; each != null; each = each.next) {
                Receiver receiver = each.receiver;
                if (receiver.wantsPresence()) {
                    receiver.missesPresence |= !isLive(receiver);
                    if (!receiver.missesPresence) {
                        receiver.tell(Notice.PRESENCE, topic.name, counts);
                    }
                }
            }
        }
        for (Receiver receiver : returned) {
            if (isLive(receiver)) {
                receiver.missesPresence = false;
                for (Membership each = receiver.memberships(); each != null; each = each.nextOfReceiver) {
                    receiver.tell(Notice.PRESENCE, each.topic.name, counts(each.topic, everywhere));
                }
            }
        }
        returned.clear();
    }

    private static boolean isLive(Receiver receiver) {
        return receiver.state() == Receiver.State.LIVE;
    }

    private static String counts(Topic topic, ToLongFunction<Topic> everywhere) {
        return topic.count() + " " + everywhere.applyAsLong(topic);
    }
}
