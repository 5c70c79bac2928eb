package org.httpkit.internal.net;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of the application's code on a loop. Confined to the holder of the loop's baton, except for methods
 * marked "Any thread".
 *
 * <p>The work on a link's input only notes a call; {@link #make} makes it right afterwards. So a thread that loses the
 * loop during a call has nothing of the loop on its stack, and another thread continues from the fields.
 *
 * <p>A call may lead to the next: one link can have thousands of pipelined requests in a single read. After a while the
 * next call is refused, so that the worker makes it, and the link goes on behind others.
 */
final class LoopCalls {
    /** How long calls may follow one another before others have their turns. */
    static final long CHAIN_NANOS = 1_000_000;

    private final Loop loop;
    private final LoopClock clock;
    private final Standby standby;
    private final Baton baton = new Baton();

    /** Whether the current work is on one link alone, so that a call of that link can follow right after it. */
    private boolean allowed;
    /** The call to make when the work on its link has returned. */
    private @Nullable LoopCall call;

    private @Nullable Link caller;
    /** The link whose call is being made. */
    private @Nullable Link calling;
    /** A task that waits for the end of a link's calls. */
    private @Nullable Runnable afterwards;
    /** When the first of the calls that follow one another began. */
    private long chainNanos;

    /** The thread that holds the loop, or has put it down. Read by any thread. */
    private volatile @Nullable LoopThread holder;

    LoopCalls(Loop loop, LoopClock clock, Standby standby) {
        this.loop = loop;
        this.clock = clock;
        this.standby = standby;
    }

    Baton baton() {
        return baton;
    }

    /** Sets the thread that holds the loop from now on. */
    void holdBy(LoopThread thread) {
        assert loop.isHeldByCaller();
        holder = thread;
    }

    /** Makes the thread of a call that takes too long remember the reason. Any thread. */
    void lookAtReason() {
        LoopThread stuck = holder;
        if (stuck != null) {
            stuck.lookAtReason();
        }
    }

    /** Interrupts the call of the application's code that the thread makes on the loop, if any. Any thread. */
    void interrupt() {
        LoopThread runner = holder;
        if (runner != null) {
            runner.interruptCall();
        }
    }

    /** Is called when work on one link alone begins. */
    void allow() {
        allowed = true;
    }

    /** Is called when that work has ended, or is on many links. */
    void forbid() {
        allowed = false;
    }

    /** Notes a call. Returns false if it cannot be made here. */
    boolean note(Link link, LoopCall next) {
        assert loop.isHeldByCaller();
        if (!allowed || call != null || !standby.isReady()) {
            return false;
        }
        call = next;
        caller = link;
        return true;
    }

    /** Whether a call is noted. */
    boolean isNoted() {
        return call != null;
    }

    /** Runs the task when the noted call, and those that it leads to, are over. */
    void afterwards(Runnable task) {
        afterwards = task;
    }

    /** Makes the noted call, and for a while those that it leads to. Returns false if the loop was lost in a call. */
    boolean make() {
        assert loop.isHeldByCaller();
        if (call == null) {
            return true;
        }
        clock.readIfOld(); // so that the call is not charged for earlier work
        chainNanos = clock.nanos();
        return makeChain();
    }

    private boolean makeChain() {
        while (call != null) {
            LoopCall made = call;
            calling = caller;
            call = null;
            clock.readIfOld();
            long begun = clock.nanos();
            LoopThread self = LoopThread.caller();
            self.putDown(baton);
            standby.rouse();
            make(made);
            boolean mine = self.pickUp(baton, loop);
            long now = clock.systemNanos();
            if (mine) {
                clock.set(now);
            }
            try {
                made.finish(mine ? LoopCall.Effect.KEPT_LOOP : self.reasonForLoss(), now - begun);
            } catch (Throwable e) {
                loop.report(e);
            }
            if (!mine) {
                return false;
            }
            called(now);
        }
        return true;
    }

    private void make(LoopCall made) {
        try {
            made.call();
        } catch (Throwable e) {
            loop.report(e);
        }
        Thread.interrupted(); // whatever the application meant by it, it must not reach the loop
    }

    /** Continues where the loop's previous thread got stuck. Returns false if the loop was lost again. */
    boolean goOn() {
        assert loop.isHeldByCaller();
        if (calling == null) {
            return true;
        }
        clock.read();
        called(clock.nanos());
        return makeChain(); // not a new chain: the call that got stuck was a part of this one
    }

    private void called(long now) {
        Link link = Objects.requireNonNull(calling);
        calling = null;
        allowed = now - chainNanos < CHAIN_NANOS;
        link.called();
        allowed = false;
        Runnable task = afterwards;
        if (task != null && call == null) {
            afterwards = null;
            task.run();
        }
    }
}
