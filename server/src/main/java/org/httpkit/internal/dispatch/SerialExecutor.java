package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the tasks of one channel one at a time, in the order given, on threads of another executor; none before it is opened.
 * Safe from any thread.
 *
 * <p>Every task sees what the one before it did. No thread waits in between: the underlying executor gets one task of ours when
 * there is something to do, which is this object itself, and that runs up to 64 tasks before it lets others have the thread. A
 * task given by a task runs after it, not inside it.
 *
 * <p>There is one of these per channel, most of them idle: then it is 24 bytes and no queue, and who knows where tasks run
 * extends it instead of being another object.
 */
public abstract class SerialExecutor implements Executor, Runnable {
    private static final int BATCH = 64;

    private enum State {
        /** Not opened: tasks wait. */
        HELD,
        IDLE,
        /** The underlying executor has our task, or is being given it. */
        HANDED_OVER,
        RUNNING,
        /** Who runs tasks gives our task to the underlying executor again, so that others have the thread. */
        HANDING_ON,
        /** That executor has called it meanwhile, in whichever thread: who gave it goes on instead, so that calls do not nest. */
        HANDED_BACK
    }

    /** A task that needs no other object to wait. To be given once. */
    public abstract static class Task implements Runnable {
        /** The one after it in the ring. */
        private Task next = this;
    }

    /** Lets any other task wait. */
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
    /** The newest task that waits; its next is the oldest. */
    private @Nullable Task newest;

    // Written under the monitor, read by any thread.
    private volatile int waiting;

    /**
     * Has {@link #run} called once, or calls it at once.
     *
     * @throws RejectedExecutionException or something else to refuse it
     */
    protected abstract void handOver();

    /** Has {@link #run} called once for tasks that were accepted, though the underlying executor has refused it. */
    protected void handOverRefused() {
        ForkJoinPool.commonPool().execute(this);
    }

    /** Runs a task in its turn. */
    protected void runTask(Runnable task) {
        task.run();
    }

    /** A task has thrown; the tasks after it run all the same. */
    protected abstract void failed(Throwable thrown);

    /** Begins to run tasks: here, if the underlying executor refuses those that have waited. Only the first call counts. */
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
     * Runs the task after all those given before.
     *
     * @throws RejectedExecutionException or what else the underlying executor throws when it refuses; this task will not run
     *     then, nothing else changes, and a later one may be accepted again
     */
    @Override
    public final void execute(Runnable task) {
        Task added = task instanceof Task waits ? waits : new Wrapped(task);
        synchronized (this) {
            append(added);
            if (state != State.IDLE) {
                return; // it is found by whoever runs those before it
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

    /** After a refusal: false if the task has been run all the same. */
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
        // Others have given tasks meanwhile, and were told that they will run.
        try {
            handOver();
        } catch (RuntimeException | Error refusedAgain) {
            handOverRefused();
        }
        return true;
    }

    /** Whether no task runs or waits. */
    public final synchronized boolean isIdle() {
        return state == State.IDLE && newest == null;
    }

    /** How many tasks have not started yet. Who gives many looks here, and pauses in time: there is no limit inside. */
    public final int waiting() {
        return waiting;
    }

    /** Runs a batch of tasks. For what was handed over. */
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

    /** The first task to run; null if nobody is to run any here. */
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

    /** True if another thread will run the tasks, if there are any; false if this one is to go on. */
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
            refused = true; // those who gave the tasks were told that they will run
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
        try {
            runTask(task);
        } catch (Throwable thrown) {
            try {
                failed(thrown);
            } catch (Throwable alsoThrown) {
                // Nobody is left to tell, and the tasks behind this one must run.
            }
        }
    }

    private void append(Task added) {
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
