package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the tasks of one channel one at a time, in order, on threads of another executor; none before it is opened. Safe
 * from any thread.
 *
 * <p>Every task sees the effects of the one before it. No thread waits in between: when there is something to do, the
 * underlying executor receives one task, this object itself, which runs up to 64 tasks before it yields the thread to
 * others. A task submitted by a task runs after it, not inside it.
 *
 * <p>There is one per channel, and most are idle: then it takes 24 bytes and no queue. To save another object, the
 * class that decides where tasks run extends this one.
 */
public abstract class SerialExecutor implements Executor, Runnable {
    private static final int BATCH = 64;

    private enum State {
        /** Not opened: tasks wait. */
        HELD,
        IDLE,
        /** The underlying executor has this object as a task, or is about to receive it. */
        HANDED_OVER,
        RUNNING,
        /**
         * The thread that runs tasks is handing this object to the underlying executor again, to yield the thread to
         * others.
         */
        HANDING_ON,
        /**
         * The executor has called this object during that handover, on any thread: the thread that hands over continues
         * instead, so that calls do not nest.
         */
        HANDED_BACK
    }

    /** A task that needs no other object to wait. Submit it once. */
    public abstract static class Task implements Runnable {
        /** The one after it in the ring. */
        private Task next = this;
    }

    /** Wraps any other task, so that it can wait. */
    private static final class Wrapped extends Task {
        private final Runnable task;

        Wrapped(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            task.run();
        }
    }

    // Guarded by this object's own monitor, which is never held while a task runs, nor while one is handed over: loops
    // take it, and a
    // thread may have to be started for the task.
    private State state = State.HELD;
    /** The newest waiting task; its next is the oldest. */
    private @Nullable Task newest;

    // Written under the monitor, read by any thread.
    private volatile int waiting;

    /**
     * Arranges one call of {@link #run}, or makes it at once.
     *
     * @throws RejectedExecutionException or another exception, to refuse
     */
    protected abstract void handOver();

    /**
     * Arranges one call of {@link #run} for tasks that were accepted, although the underlying executor has refused it.
     */
    protected void handOverRefused() {
        ForkJoinPool.commonPool().execute(this);
    }

    /** Runs a task in its turn. */
    protected void runTask(Runnable task) {
        task.run();
    }

    /** Is called when a task has thrown; the tasks after it still run. */
    protected abstract void failed(Throwable thrown);

    /**
     * Begins to run tasks; if the underlying executor refuses those that have waited, runs them in the caller's thread.
     * Only the first call counts.
     */
    public final void open() {
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            if (newest == null) {
                state = State.IDLE;
                return;
            }
            state = State.HANDED_OVER;
        }
        try {
            handOver();
        } catch (RuntimeException | Error refused) {
            run();
        }
    }

    /**
     * Runs the task after all earlier ones.
     *
     * @throws RejectedExecutionException or whatever the underlying executor throws to refuse; then this task will not
     *     run, nothing else changes, and a later one may be accepted
     */
    @Override
    public final void execute(Runnable task) {
        Task added = task instanceof Task waits ? waits : new Wrapped(task);
        synchronized (this) {
            append(added);
            if (state != State.IDLE) {
                return; // the thread that runs the earlier tasks finds it
            }
            state = State.HANDED_OVER;
        }
        try {
            handOver();
        } catch (RuntimeException | Error refused) {
            if (takeBack(added)) {
                throw refused;
            }
        }
    }

    /** Takes a task back after a refusal. Returns false if the task has run in spite of it. */
    private boolean takeBack(Task refused) {
        synchronized (this) {
            Task newest = this.newest;
            if (state != State.HANDED_OVER || newest == null || newest.next != refused) {
                return false;
            }
            removeOldest(newest);
            if (this.newest == null) {
                state = State.IDLE;
                return true;
            }
        }
        // Other threads have submitted tasks in the meantime, which were accepted.
        try {
            handOver();
        } catch (RuntimeException | Error refusedAgain) {
            handOverRefused();
        }
        return true;
    }

    /** Whether no task waits yet for {@link #open}. */
    public final synchronized boolean isHeldEmpty() {
        return state == State.HELD && newest == null;
    }

    /** Whether no task runs or waits. */
    public final synchronized boolean isIdle() {
        return state == State.IDLE && newest == null;
    }

    /** How many tasks have not started yet. Callers that submit many check this and pause: there is no limit inside. */
    public final int waiting() {
        return waiting;
    }

    /** Runs a batch of tasks. Called by the underlying executor. */
    @Override
    public final void run() {
        Task task = begin();
        for (int ran = 1; task != null; ran++) {
            perform(task);
            if (ran < BATCH) {
                task = next();
            } else {
                ran = 0;
                task = handOn() ? null : next();
            }
        }
    }

    /** Returns the first task to run; null if this call must not run any. */
    private synchronized @Nullable Task begin() {
        return switch (state) {
            case HANDED_OVER -> {
                state = State.RUNNING;
                yield next();
            }
            case HANDING_ON -> {
                state = State.HANDED_BACK;
                yield null;
            }
            case HELD, IDLE, RUNNING, HANDED_BACK -> null; // called more often than it was handed over
        };
    }

    private synchronized @Nullable Task next() {
        Task newest = this.newest;
        if (newest == null) {
            state = State.IDLE;
            return null;
        }
        return removeOldest(newest);
    }

    /** Returns true if another thread will run the remaining tasks, if any; false if this one must continue. */
    private boolean handOn() {
        synchronized (this) {
            if (newest == null) {
                return false;
            }
            state = State.HANDING_ON;
        }
        boolean refused = false;
        try {
            handOver();
        } catch (RuntimeException | Error e) {
            refused = true; // the tasks were accepted, so they must run
        }
        synchronized (this) {
            if (refused || state == State.HANDED_BACK) {
                state = State.RUNNING;
                return false;
            }
            state = State.HANDED_OVER;
            return true;
        }
    }

    private void perform(Runnable task) {
        assert !Thread.holdsLock(this);
        try {
            runTask(task);
        } catch (Throwable thrown) {
            try {
                failed(thrown);
            } catch (Throwable alsoThrown) {
                // There is no one left to report to, and the tasks after this one must run.
            }
        }
    }

    private void append(Task added) {
        assert Thread.holdsLock(this);
        Task newest = this.newest;
        if (newest != null) {
            added.next = newest.next;
            newest.next = added;
        }
        this.newest = added;
        int before = waiting; // only holders of the monitor write it
        waiting = before + 1;
    }

    private Task removeOldest(Task newest) {
        assert Thread.holdsLock(this);
        Task oldest = newest.next;
        if (oldest == newest) {
            this.newest = null;
        } else {
            newest.next = oldest.next;
            oldest.next = oldest;
        }
        int before = waiting;
        waiting = before - 1;
        return oldest;
    }
}
