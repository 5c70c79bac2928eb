package org.httpkit.internal.connection;

import org.httpkit.internal.http2.Priority;
import org.jspecify.annotations.Nullable;

/**
 * Orders the streams of one connection that have content to send, as RFC 9218 asks: one ring for each urgency, in which
 * incremental responses take turns and others are served one after another. Guarded by the lock of the {@link
 * StreamScheduler}.
 *
 * <p>Two departures keep an endless stream from starving others: streams without a requested priority take turns, too,
 * and now and then a less urgent stream is served before a more urgent one (RFC 9218 section 10).
 */
final class UrgencyRings {
    /** A stream, as a ring sees it. */
    abstract static class Member {
        private @Nullable Member next;
        private @Nullable Member previous;
        private int ring = NOWHERE;

        int priority = Priority.DEFAULT;
    }

    private static final int NOWHERE = -1;
    private static final int URGENCIES = 8;
    /** Frames in a row that may go ahead of less urgent streams. */
    private static final int MOST_PASSED = 16;

    /** For each ring, the member whose turn it is. */
    private final @Nullable Member[] turns = new @Nullable Member[URGENCIES];

    private int size;
    private int passed;
    /** The ring that was last served before a more urgent one. */
    private int lastLifted;

    boolean isEmpty() {
        return size == 0;
    }

    boolean contains(Member member) {
        return member.ring != NOWHERE;
    }

    /** Adds a stream behind all others of its urgency, unless it is there. */
    void add(Member member) {
        if (member.ring != NOWHERE) {
            return;
        }
        int urgency = Priority.urgency(member.priority);
        Member turn = turns[urgency];
        if (turn == null || turn.previous == null) {
            member.next = member;
            member.previous = member;
            turns[urgency] = member;
        } else {
            Member last = turn.previous;
            last.next = member;
            member.previous = last;
            member.next = turn;
            turn.previous = member;
        }
        member.ring = urgency;
        size++;
    }

    /** Removes a stream, if it is there. */
    void remove(Member member) {
        if (member.ring == NOWHERE) {
            return;
        }
        Member next = member.next;
        Member previous = member.previous;
        if (next == member || next == null || previous == null) {
            turns[member.ring] = null;
        } else {
            next.previous = previous;
            previous.next = next;
            if (turns[member.ring] == member) {
                turns[member.ring] = next;
            }
        }
        member.next = null;
        member.previous = null;
        member.ring = NOWHERE;
        size--;
    }

    /** The stream whose turn it is; null if there is none. */
    @Nullable
    Member next() {
        int most = ringFrom(0);
        if (most == NOWHERE) {
            return null;
        }
        int less = ringFrom(most + 1);
        if (less == NOWHERE) {
            return turns[most];
        }
        passed++;
        if (passed <= MOST_PASSED) {
            return turns[most];
        }
        passed = 0;
        int further = ringFrom(Math.max(most, lastLifted) + 1);
        lastLifted = further == NOWHERE ? less : further; // the less urgent rings take turns in this
        return turns[lastLifted];
    }

    /** The most urgent ring that is not empty, of this urgency or a lower one. */
    private int ringFrom(int urgency) {
        for (int ring = urgency; ring < URGENCIES; ring++) {
            if (turns[ring] != null) {
                return ring;
            }
        }
        return NOWHERE;
    }

    /** Is called when the stream has sent something: passes the turn to the next of its ring, if they take turns. */
    void served(Member member) {
        if (member.ring != NOWHERE && takesTurns(member.priority)) {
            turns[member.ring] = member.next;
        }
    }

    /** Gives a stream another priority. */
    void prioritize(Member member, int priority) {
        boolean waits = contains(member);
        remove(member);
        member.priority = priority;
        if (waits) {
            add(member);
        }
    }

    private static boolean takesTurns(int priority) {
        return Priority.isIncremental(priority) || priority == Priority.DEFAULT;
    }
}
