package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/** A receiver's place in a topic. Confined to its thread; there is one for each subscription, so it is small. */
final class Membership {
    /** The cursor of a receiver that has missed what nobody knows: every topic has forgotten more. */
    static final long LOST = -1;

    /** The cursor of a receiver that has come while the log is being read: its place shows when all has been read. */
    static final long UNDECIDED = Long.MAX_VALUE;

    final Receiver receiver;
    final Topic topic;

    // The topic's list.
    @Nullable
    Membership previous;

    @Nullable
    Membership next;

    /** The receiver's list. */
    @Nullable
    Membership nextOfReceiver;

    /** The newest message that the receiver could not take, with {@link WhenSlow#LATEST}. */
    @Nullable
    Entry waiting;

    /** Messages left out, with {@link WhenSlow#SKIP}. */
    int skipped;

    /** While the receiver catches up: the offset up to which it has the topic's messages, or has not asked for them. */
    long cursor;

    Membership(Receiver receiver, Topic topic) {
        this.receiver = receiver;
        this.topic = topic;
    }
}
