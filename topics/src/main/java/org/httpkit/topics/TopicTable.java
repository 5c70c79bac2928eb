package org.httpkit.topics;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/**
 * All topics: who listens to them, what is kept of them, and up to where in the log that is. Confined to the thread of topics, unless a
 * method says otherwise. No I/O, no clock: messages come in the order of the log, and receivers get them in that order.
 */
final class TopicTable {
    /** Asks for everything that is kept. */
    static final MessageId ALL = new MessageId("all", 0);

    private final Limits limits;
    private final History history;
    private final Map<String, Topic> topics = new ConcurrentHashMap<>();
    private final Deque<Topic> presenceChanged = new ArrayDeque<>();

    /** The newest offset forgotten with a topic that is not in the table any more; holds for each topic that comes in. */
    private long forgotten;

    private long end;

    /** Whether the log is read from a new beginning, so that receivers are not where it is. */
    private boolean loading;

    // Written by the thread of topics, read by any.
    private volatile String epoch;
    private volatile long delivered;

    TopicTable(Limits limits, String epoch, long end) {
        this.limits = limits;
        this.history = new History(limits);
        this.epoch = epoch;
        this.end = end;
        this.forgotten = end;
    }

    // ---- any thread

    String epoch() {
        return epoch;
    }

    int topicCount() {
        return topics.size();
    }

    /** How many receivers a topic has. */
    int count(String name) {
        Topic topic = topics.get(name);
        return topic == null ? 0 : topic.count();
    }

    /** The sum of something over all topics. */
    long sum(ToLongFunction<Topic> of) {
        return topics.values().stream().mapToLong(of).sum();
    }

    Iterable<Topic> topics() {
        return topics.values();
    }

    History history() {
        return history;
    }

    long delivered() {
        return delivered;
    }

    // ---- the log

    MessageId place() {
        return new MessageId(epoch, end);
    }

    /**
     * A message follows in the log: its receivers get it.
     *
     * @param offset greater than that of any before
     */
    void append(long offset, String name, Message message, long nowNanos) {
        if (offset <= end) {
            throw new IllegalArgumentException("Offset " + offset + " does not follow " + end);
        }
        end = offset;
        Topic topic = history.keeps() ? topic(name) : topics.get(name);
        if (topic == null) {
            forgotten = offset;
            return;
        }
        Entry entry = new Entry(topic, offset, message, nowNanos);
        history.add(entry);
        if (!loading) {
            deliver(topic, entry);
        }
        history.recount(entry);
        trim(nowNanos);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void deliver(Topic topic, Entry entry) {
        long given = 0;
        Membership each = topic.first;
        while (each != null) {
            Membership next = each.next; // a receiver may leave as it gets the message
            if (each.receiver.offer(each, entry)) {
                given++;
            } else {
                leave(each.receiver);
            }
            each = next;
        }
        delivered += given;
    }

    /** The log goes on without a message, up to that offset. */
    void advance(long offset) {
        end = Math.max(end, offset);
    }

    /**
     * The log has lost messages, or is another one: what is kept belongs to the past. Until it is {@link #loaded}, what follows is kept for
     * those who will come back, and given to nobody: it may be old.
     */
    void restart(String newEpoch, long newEnd) {
        epoch = newEpoch;
        end = newEnd;
        forgotten = newEnd;
        loading = true;
        for (Topic topic : topics.values()) {
            history.forget(topic);
            topic.forgotten = newEnd;
            removeIfUnused(topic);
        }
    }

    /** The log has been read up to where it was when it was opened: if there was a gap, receivers learn of it and go on here. */
    void loaded() {
        if (!loading) {
            return;
        }
        loading = false;
        Set<Receiver> receivers = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Topic topic : topics.values()) {
            for (Membership each = topic.first; each != null; each = each.next) {
                receivers.add(each.receiver);
            }
        }
        for (Receiver receiver : receivers) {
            receiver.gap(end);
            proceed(receiver);
        }
    }

    /** Drops what is too old. */
    void trim(long nowNanos) {
        for (Topic lost = history.trim(nowNanos); lost != null; lost = history.trim(nowNanos)) {
            removeIfUnused(lost);
        }
    }

    // ---- receivers

    /**
     * A receiver comes to topics, with what was published after that message: {@link #ALL} for everything that is kept, null for what is
     * published from now on. The topics that it is in already stay as they are.
     *
     * @return false if there are too many topics, of the receiver or of all: then it has come to none
     */
    boolean join(Receiver receiver, Collection<String> names, @Nullable MessageId after) {
        if (receiver.state() == Receiver.State.GONE) {
            return true;
        }
        if (receiver.topicCount() + names.size() > limits.subscriptions() || !makeAll(names)) {
            return false;
        }
        receiver.beginCatchingUp(end);
        for (String name : names) {
            Topic topic = topic(name);
            if (topic != null && receiver.in(topic) == null) {
                Membership membership = new Membership(receiver, topic);
                membership.cursor = cursor(receiver, topic, after);
                topic.add(membership);
                receiver.add(membership);
                presenceChanged(topic);
            }
        }
        proceed(receiver);
        return true;
    }

    /** Where to go on behind an id. If that cannot be without a gap, the receiver learns it. */
    @SuppressWarnings("ReferenceEquality") // a client can send an id that equals it
    private long cursor(Receiver receiver, Topic topic, @Nullable MessageId after) {
        if (after == null) {
            return end;
        }
        if (after == ALL) {
            return topic.forgotten;
        }
        boolean known = after.epoch().equals(epoch) && after.offset() <= end;
        if (known) {
            return after.offset();
        }
        receiver.tell(Notice.STALE, topic.name, "");
        return end;
    }

    /** A receiver may have room again. */
    void proceed(Receiver receiver) {
        if (!loading && !receiver.proceed(history, end, place().toString())) {
            leave(receiver);
        }
    }

    /** A receiver wants no more of a topic. */
    void leave(Receiver receiver, String name) {
        Topic topic = topics.get(name);
        Membership membership = topic == null ? null : receiver.in(topic);
        if (membership != null) {
            remove(membership);
        }
    }

    /** A receiver is gone. */
    void leave(Receiver receiver) {
        receiver.end();
        for (Membership each = receiver.memberships(); each != null; each = receiver.memberships()) {
            remove(each);
        }
    }

    private void remove(Membership membership) {
        Topic topic = membership.topic;
        topic.remove(membership);
        membership.receiver.remove(membership);
        presenceChanged(topic);
        removeIfUnused(topic);
    }

    // ---- presence

    /** How many listen elsewhere has changed. */
    void presenceChanged(String name) {
        Topic topic = topics.get(name);
        if (topic != null) {
            presenceChanged(topic);
        }
    }

    private void presenceChanged(Topic topic) {
        if (!topic.presenceChanged) {
            topic.presenceChanged = true;
            presenceChanged.add(topic);
        }
    }

    boolean hasPresenceToTell() {
        return !presenceChanged.isEmpty();
    }

    /** Tells receivers who want to know how many they are, in the topics where that has changed. */
    void tellPresence(ToLongFunction<Topic> everywhere) {
        for (Topic topic = presenceChanged.poll(); topic != null; topic = presenceChanged.poll()) {
            topic.presenceChanged = false;
            String counts = topic.count() + " " + everywhere.applyAsLong(topic);
            for (Membership each = topic.first; each != null; each = each.next) {
                if (each.receiver.wantsPresence() && each.receiver.state() == Receiver.State.LIVE) {
                    each.receiver.tell(Notice.PRESENCE, topic.name, counts);
                }
            }
        }
    }

    // ---- the table

    /** The topic of that name, made if there is none; null if there are too many. */
    private @Nullable Topic topic(String name) {
        Topic known = topics.get(name);
        if (known != null) {
            return known;
        }
        if (topics.size() >= limits.topics() && !makeRoom()) {
            return null;
        }
        Topic made = new Topic(name, forgotten);
        topics.put(name, made);
        return made;
    }

    private boolean makeAll(Collection<String> names) {
        for (String name : names) {
            if (topic(name) == null) {
                names.stream().map(topics::get).filter(Objects::nonNull).forEach(this::removeIfUnused);
                return false;
            }
        }
        return true;
    }

    private boolean makeRoom() {
        Topic least = history.leastUseful();
        if (least == null) {
            return false;
        }
        history.forget(least);
        removeIfUnused(least);
        return true;
    }

    private void removeIfUnused(Topic topic) {
        if (topic.isUnused() && topics.remove(topic.name, topic)) {
            forgotten = Math.max(forgotten, topic.forgotten);
        }
    }
}
