package org.httpkit.topics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/**
 * Holds all topics: their receivers, their kept messages, and the place in the log reached so far. Confined to the
 * thread of topics, unless a method says otherwise. No I/O, no clock: messages come in the order of the log, and
 * receivers get them in that order.
 */
final class TopicTable {
    /** Asks for everything that is kept. */
    static final MessageId ALL = new MessageId("all", 0);

    private final Limits limits;
    private final History history;
    private final Map<String, Topic> topics = new ConcurrentHashMap<>();
    private final PresenceNews presence = new PresenceNews();

    /** Receivers in no topic: they have just come, or have left the last one. Topics know all others. */
    private final Set<Receiver> outside = Collections.newSetFromMap(new IdentityHashMap<>());

    /** The newest offset forgotten with a topic that has left the table; it applies to each topic that comes in. */
    private long forgotten;

    private long end;

    /** Whether the log is being read from a new beginning, so that receivers are not at its place. */
    private boolean loading;

    /** The last message that the clients of receivers have seen which have come while the log is being read. */
    private final Map<Membership, MessageId> undecided = new HashMap<>();

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

    /** The number of a topic's receivers. */
    int count(String name) {
        Topic topic = topics.get(name);
        return topic == null ? 0 : topic.count();
    }

    /** The sum of a value over all topics. */
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

    /** For the thread of topics. */
    PresenceNews presence() {
        return presence;
    }

    // ---- the log

    MessageId place() {
        return new MessageId(epoch, end);
    }

    /**
     * Appends the next message of the log: its receivers get it.
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
            Membership next = each.next; // a receiver may leave when it gets the message
            if (each.receiver.offer(each, entry)) {
                given++;
            } else {
                leave(each.receiver);
            }
            each = next;
        }
        delivered += given;
    }

    /** Makes receivers wait for a log of which nothing has been read: until it is {@link #loaded}. */
    void awaitLog() {
        loading = true;
    }

    boolean isLoading() {
        return loading;
    }

    /** Moves the log on to this offset, without a message. */
    void advance(long offset) {
        end = Math.max(end, offset);
    }

    /**
     * Is called when the log has lost messages, or is another one: the kept messages belong to the past. Until it is
     * {@link #loaded}, further messages are kept for clients that come back, but given to no receiver: they may be old.
     * Receivers are no longer live, so that none gets an id of the new log before it has learned of the gap.
     */
    void restart(String newEpoch, long newEnd) {
        epoch = newEpoch;
        end = newEnd;
        forgotten = newEnd;
        loading = true;
        for (Topic topic : topics.values()) {
            history.forget(topic);
            topic.forgotten = newEnd;
            loseReceivers(topic);
            removeIfUnused(topic);
        }
    }

    /**
     * Is called when the log has been read up to its end as of the opening: receivers that were there before learn of
     * the gap and go on here, those that have come meanwhile go on where they were.
     */
    void loaded() {
        if (!loading) {
            return;
        }
        loading = false;
        for (Topic topic : topics.values()) {
            for (Membership each = topic.first; each != null; each = each.next) {
                if (each.cursor == Membership.UNDECIDED) {
                    each.cursor = cursor(each.receiver, topic, undecided.remove(each));
                }
            }
        }
        receivers().forEach(this::proceed);
    }

    private static void loseReceivers(Topic topic) {
        for (Membership each = topic.first; each != null; each = each.next) {
            if (each.cursor != Membership.UNDECIDED) {
                each.receiver.lose(each);
            }
        }
    }

    /** Drops messages that are too old. */
    void trim(long nowNanos) {
        for (Topic lost = history.trim(nowNanos); lost != null; lost = history.trim(nowNanos)) {
            removeIfUnused(lost);
        }
    }

    // ---- receivers

    /** Takes in a receiver whose channel is open. */
    void enter(Receiver receiver) {
        outside.add(receiver);
    }

    /** All receivers, each once. */
    Set<Receiver> receivers() {
        Set<Receiver> receivers = Collections.newSetFromMap(new IdentityHashMap<>());
        receivers.addAll(outside);
        for (Topic topic : topics.values()) {
            for (Membership each = topic.first; each != null; each = each.next) {
                receivers.add(each.receiver);
            }
        }
        return receivers;
    }

    /**
     * Joins a receiver to topics, with the messages published after that one: {@link #ALL} for everything that is kept,
     * null for new messages only. Topics that it has joined before stay as they are.
     *
     * @return false if there are too many topics, of the receiver or in all: then it has joined none
     */
    boolean join(Receiver receiver, Collection<String> names, @Nullable MessageId after) {
        if (receiver.state() == Receiver.State.GONE) {
            return true;
        }
        List<Membership> added = new ArrayList<>();
        for (String name : names) {
            if (!add(receiver, name, added)) {
                added.forEach(this::remove);
                return false;
            }
        }
        receiver.admit(end);
        added.forEach(membership -> decide(membership, after));
        outside.remove(receiver);
        proceed(receiver);
        return true;
    }

    /** Adds a receiver to a topic, which then stays in the table; returns false if there are too many. */
    private boolean add(Receiver receiver, String name, List<Membership> added) {
        Topic known = topics.get(name);
        if (known != null && receiver.in(known) != null) {
            return true;
        }
        Topic topic = receiver.topicCount() < limits.subscriptions() ? topic(name) : null;
        if (topic == null) {
            return false;
        }
        Membership membership = new Membership(receiver, topic);
        topic.add(membership);
        receiver.add(membership);
        presence.add(topic);
        added.add(membership);
        return true;
    }

    private void decide(Membership membership, @Nullable MessageId after) {
        if (!loading) {
            membership.cursor = cursor(membership.receiver, membership.topic, after);
            return;
        }
        membership.cursor = Membership.UNDECIDED;
        if (after != null) {
            undecided.put(membership, after);
        }
    }

    /** Whether a client has seen more of the log than there is here, so that it has come from another server. */
    @SuppressWarnings("ReferenceEquality") // a client can send an id that equals it
    boolean isBehind(MessageId after) {
        return after != ALL && after.epoch().equals(epoch) && after.offset() > end;
    }

    /** Whether the log may have come to this offset, or has begun anew. */
    boolean mayHaveReached(long offset) {
        return end >= offset || loading;
    }

    /** The place to go on behind an id. If there is a gap, the receiver learns of it. */
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

    /** Is called when a receiver may have room again, for which it has waited. */
    void hasRoom(Receiver receiver) {
        receiver.hasRoom();
        proceed(receiver);
    }

    private void proceed(Receiver receiver) {
        if (!loading && !receiver.proceed(history, end, place().toString())) {
            leave(receiver);
        } else if (receiver.state() == Receiver.State.LIVE) {
            presence.addIfItMisses(receiver);
        }
    }

    /** Is called when the number of listeners on other servers has changed. */
    void presenceChanged(String name) {
        Topic topic = topics.get(name);
        if (topic != null) {
            presence.add(topic);
        }
    }

    /** Removes a receiver from a topic. */
    void leave(Receiver receiver, String name) {
        Topic topic = topics.get(name);
        Membership membership = topic == null ? null : receiver.in(topic);
        if (membership != null) {
            remove(membership);
            if (receiver.memberships() == null) {
                outside.add(receiver);
            }
        }
    }

    /** Removes a receiver that is gone from all topics. */
    void leave(Receiver receiver) {
        receiver.end();
        outside.remove(receiver);
        for (Membership each = receiver.memberships(); each != null; each = receiver.memberships()) {
            remove(each);
        }
    }

    private void remove(Membership membership) {
        Topic topic = membership.topic;
        undecided.remove(membership);
        topic.remove(membership);
        membership.receiver.remove(membership);
        presence.add(topic);
        removeIfUnused(topic);
    }

    // ---- the table

    /** Finds or makes the topic of this name; returns null if there are too many. */
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
