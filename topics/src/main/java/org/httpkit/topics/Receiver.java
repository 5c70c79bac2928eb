package org.httpkit.topics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * One channel as the table of topics sees it: decides what the channel gets next; subclasses send. Confined to the
 * thread of topics; calls to it as a listener come from other threads.
 *
 * <p>A receiver that catches up takes messages from the history, in the order of the log over all of its topics; so the
 * last message that it got stands for all before it. Not so while it catches up with a topic that it has joined later
 * than others: it has what came before of those.
 */
abstract class Receiver implements ChannelListener {
    enum State {
        /** In no topic yet. */
        NEW,
        /** Takes missed messages from the history. */
        CATCHING_UP,
        /** Gets each message as it is published. */
        LIVE,
        /** Has not taken enough of what was sent; {@link WhenSlow} decides about the rest. */
        BEHIND,
        /** Gets nothing more. */
        GONE
    }

    /** Answers a request that cannot be served now. */
    static final Response UNAVAILABLE = Response.of(503).headers(Headers.of("Retry-After", "1"));

    private State state = State.NEW;
    private @Nullable Membership memberships;
    private boolean waitsForRoom;

    /** Whether the number of listeners of a topic has changed while it was not live. */
    boolean missesPresence;

    /** The tick of the {@link IdleWheel} at which something was sent last. Few are enough: there is one for each channel. */
    short sentTick;

    /** Only the {@link IdleWheel} uses it. */
    @Nullable
    Receiver nextIdle;

    // ---- for the driver to say

    abstract WhenSlow whenSlow();

    /** Is called when it has joined topics for the first time: sends what comes before all else. */
    void begin() {
        // Most have nothing to send.
    }

    /** Sends a message; returns false if the channel is closed. */
    abstract boolean give(Entry entry);

    /** Sends a notice. */
    abstract void tell(Notice notice, String topic, String value);

    /** Whether enough waits for the client for it to count as slow. */
    abstract boolean isSlow();

    /**
     * Arranges a call of {@link TopicTable#hasRoom}: when the client has taken what waits for it, or at once if that is
     * little.
     */
    abstract void proceedWhenThereIsRoom();

    /** Missed messages to give in one turn, so that other receivers get theirs. */
    int mostInATurn() {
        return 256;
    }

    abstract boolean wantsPresence();

    /** Is called when nothing was sent for a while: sends what shows that the connection lives. */
    void keepAlive(LiveNotices notices) {
        // Only streams are in danger.
    }

    /** Ends the channel because topics end. */
    abstract void hangUp();

    // ---- the machine

    State state() {
        return state;
    }

    @Nullable
    Membership memberships() {
        return memberships;
    }

    @Nullable
    Membership in(Topic topic) {
        Membership found = memberships;
        while (found != null && found.topic != topic) {
            found = found.nextOfReceiver;
        }
        return found;
    }

    int topicCount() {
        int count = 0;
        for (Membership each = memberships; each != null; each = each.nextOfReceiver) {
            count++;
        }
        return count;
    }

    void add(Membership membership) {
        membership.nextOfReceiver = memberships;
        memberships = membership;
    }

    void remove(Membership membership) {
        Membership before = null;
        for (Membership each = memberships; each != membership && each != null; each = each.nextOfReceiver) {
            before = each;
        }
        if (before == null) {
            memberships = membership.nextOfReceiver;
        } else {
            before.nextOfReceiver = membership.nextOfReceiver;
        }
    }

    /** Ends the receiver: it gets nothing more. The topics still have to release it. */
    void end() {
        state = State.GONE;
    }

    /** Begins to catch up, each topic from its cursor. */
    void catchUp() {
        if (state != State.GONE) {
            state = State.CATCHING_UP;
        }
    }

    /** Begins to catch up because it has joined topics: of those that it was in before it has everything so far. */
    void admit(long end) {
        if (state == State.NEW) {
            begin();
        }
        if (state == State.BEHIND) {
            giveHeldNow();
        }
        if (state == State.LIVE) {
            for (Membership each = memberships; each != null; each = each.nextOfReceiver) {
                each.cursor = end;
            }
        }
        catchUp();
    }

    /** Is called when messages of a topic may be missing: the receiver learns of the gap when it goes on. */
    void lose(Membership membership) {
        membership.cursor = Membership.LOST;
        membership.waiting = null;
        membership.skipped = 0;
        catchUp();
    }

    /** Offers a message that has been published. Returns false if the channel turns out to be closed. */
    boolean offer(Membership membership, Entry entry) {
        switch (state) {
            case LIVE -> {
                if (whenSlow() == WhenSlow.CLOSE || !isSlow()) {
                    return give(entry);
                }
                state = State.BEHIND;
                hold(membership, entry);
                waitForRoom();
            }
            case BEHIND -> hold(membership, entry);
            case NEW, CATCHING_UP, GONE -> {
                // The history provides it in its turn, or never.
            }
        }
        return true;
    }

    private void hold(Membership membership, Entry entry) {
        if (whenSlow() == WhenSlow.LATEST) {
            membership.waiting = entry;
        } else {
            membership.skipped++;
        }
    }

    /** Waits only once at a time: a client's commands can try as often as it likes, and each wait takes memory. */
    private void waitForRoom() {
        if (!waitsForRoom) {
            waitsForRoom = true;
            proceedWhenThereIsRoom();
        }
    }

    /** Is called when the wait for room is over. */
    void hasRoom() {
        waitsForRoom = false;
    }

    /** Goes on after a wait. Returns false if the channel turns out to be closed. */
    boolean proceed(History history, long end, String place) {
        return switch (state) {
            case CATCHING_UP -> giveMissed(history, end, place);
            case BEHIND -> giveHeld();
            case NEW, LIVE, GONE -> true;
        };
    }

    private boolean giveMissed(History history, long end, String place) {
        for (int given = 0; state == State.CATCHING_UP; given++) {
            Membership next = next(end);
            Entry entry = next == null ? null : next.topic.ring.firstAfter(next.cursor);
            if (next == null || entry == null) {
                state = State.LIVE;
                tell(Notice.LIVE, "", place);
                return true;
            }
            if (given == mostInATurn() || isSlow()) {
                waitForRoom();
                return true;
            }
            next.cursor = entry.offset;
            boolean taken = give(entry);
            history.recount(entry);
            if (!taken) {
                return false;
            }
        }
        return true;
    }

    /** Returns the membership whose next message is the oldest of all. Reports gaps on the way. */
    private @Nullable Membership next(long end) {
        Membership next = null;
        long oldest = Long.MAX_VALUE;
        for (Membership each = memberships; each != null; each = each.nextOfReceiver) {
            if (each.topic.forgotten > each.cursor) {
                each.cursor = end;
                tell(Notice.STALE, each.topic.name, "");
            }
            Entry entry = each.topic.ring.firstAfter(each.cursor);
            if (entry != null && entry.offset < oldest) {
                oldest = entry.offset;
                next = each;
            }
        }
        return next;
    }

    private boolean giveHeld() {
        if (isSlow()) {
            waitForRoom();
            return true;
        }
        return giveHeldNow();
    }

    private boolean giveHeldNow() {
        state = State.LIVE;
        List<Entry> held = new ArrayList<>();
        for (Membership each = memberships; each != null; each = each.nextOfReceiver) {
            Entry waiting = each.waiting;
            if (waiting != null) {
                each.waiting = null;
                held.add(waiting);
            }
            if (each.skipped > 0) {
                tell(Notice.SKIPPED, each.topic.name, String.valueOf(each.skipped));
                each.skipped = 0;
            }
        }
        held.sort(Comparator.comparingLong(entry -> entry.offset));
        for (Entry entry : held) {
            if (!give(entry)) {
                return false;
            }
        }
        return true;
    }
}
