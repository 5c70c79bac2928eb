package org.httpkit.internal.net;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the application's code that a loop makes itself. Confined to the holder of the loop's
 * baton, but for what any thread may call.
 *
 * <p>A call is not made within the work on a link's input, but noted there and made right after it, by {@link #make}: so a thread
 * that loses the loop meanwhile has nothing of the loop's on its stack, and another goes on from the fields.
 */
final class LoopCalls {
    private final Loop loop;
    private final LoopClock clock;
    private final Standby standby;
    private final Baton baton = new Baton();

    /** Whether the work that runs is on one link alone, so that a call of that link can be made right after it. */
    private boolean allowed;
    /** The call to make when the work on its link has returned. */
    private @Nullable LoopCall call;

    private @Nullable Link caller;
    /** Whose call is being made. */
    private @Nullable Link calling;
    /** What waits for the calls of a link to be over. */
    private @Nullable Runnable afterwards;

    /** Who holds the loop, or has put it down. Read by any thread. */
    private volatile @Nullable LoopThread holder;

    LoopCalls(Loop loop, LoopClock clock, Standby standby) {
        this.loop = loop;
        this.clock = clock;
        this.standby = standby;
    }

    Baton baton() {
        return baton;
    }

    /** That thread holds the loop from now on. */
    void holdBy(LoopThread thread) {
        assert loop.isHeldByCaller();
        holder = thread;
    }

    /** The call that is made takes too long: has its thread remember why. Any thread. */
    void lookAtReason() {
        LoopThread stuck = holder;
        if (stuck != null) {
            stuck.lookAtReason();
        }
    }

    /** If the thread is in a call of the application's that it makes on the loop, has it give up. Any thread. */
    void interrupt() {
        LoopThread runner = holder;
        if (runner != null) {
            runner.interruptCall();
        }
    }

    /** Work begins that is on one link alone. */
    void allow() {
        allowed = true;
    }

    /** That work has ended, or is on many links. */
    void forbid() {
        allowed = false;
    }

    /** Notes a call; false if it cannot be made here. */
    boolean note(Link link, LoopCall next) {
        assert loop.isHeldByCaller();
        if (!allowed || call != null || !standby.isReady()) {
            return false;
        }
        call = next;
        caller = link;
        return true;
    }

    /** Whether a call is to be made. */
    boolean isNoted() {
        return call != null;
    }

    /** Has this run when the call that is noted, and those that it leads to, are over. */
    void afterwards(Runnable task) {
        afterwards = task;
    }

    /** Makes the call that the last work has left, and those that it leads to; false if the loop was lost meanwhile. */
    boolean make() {
        assert loop.isHeldByCaller();
        while (call != null) {
            LoopCall made = call;
            calling = caller;
            call = null;
            clock.readIfOld(); // what came before is not the call's fault
            long begun = clock.nanos();
            LoopThread self = LoopThread.caller();
            self.putDown(baton);
            standby.rouse();
            make(made);
            boolean mine = self.pickUp(baton, loop);
            long now = System.nanoTime();
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
            called();
        }
        return true;
    }

    private void make(LoopCall made) {
        try {
            made.call();
        } catch (Throwable e) {
            loop.report(e);
        }
        Thread.interrupted(); // whatever the application meant by it, the loop is not to hear of it
    }

    /** Goes on where the thread that held the loop before has got stuck; false if the loop was lost meanwhile. */
    boolean goOn() {
        assert loop.isHeldByCaller();
        if (calling == null) {
            return true;
        }
        clock.read();
        called();
        return make();
    }

    private void called() {
        Link link = Objects.requireNonNull(calling);
        calling = null;
        allowed = true;
        link.called();
        allowed = false;
        Runnable task = afterwards;
        if (task != null && call == null) {
            afterwards = null;
            task.run();
        }
    }
}
