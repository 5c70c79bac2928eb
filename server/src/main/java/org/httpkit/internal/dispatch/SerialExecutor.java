package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
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
        /** The underlying executor is being given our task, under the monitor: only who gives it can see this. */
        HANDING_OVER,
        /** It has run our task there and then: who gave it is to do the work. */
        CALLER_RUNS,
        /** The underlying executor has our task. */
        SCHEDULED,
        RUNNING
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

    // Guarded by this object's own monitor, which is never held while a task runs.
    private State state = State.HELD;
    /** The newest task that waits; its next is the oldest. */
    private @Nullable Task newest;

    // Written under the monitor, read by any thread.
    private volatile int waiting;

    /**
     * Has {@link #run} called once, or calls it at once. Called under the monitor.
     *
     * @throws RejectedExecutionException or something else to refuse it
     */
    protected abstract void handOver();

    /** Runs a task in its turn. */
    protected void runTask(Runnable task) {
        task.run();
    }

    /** A task has thrown; the tasks after it run all the same. */
    protected abstract void failed(Throwable thrown);

    /** Begins to run tasks: here, if the underlying executor refuses those that have waited. Only the first call counts. */
    public final void open() {
        boolean here;
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            state = State.IDLE;
            here = newest != null && !scheduleAccepted();
        }
        if (here) {
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
        synchronized (this) {
            boolean here = state == State.IDLE && !schedule(State.IDLE);
            if (!here) {
                // Whoever was given ours needs the monitor first, so it finds the task.
                append(task instanceof Task waits ? waits : new Wrapped(task));
                return;
            }
        }
        perform(task);
        run();
    }

    /** Whether no task runs or waits. */
    public final synchronized boolean isIdle() {
        return state == State.IDLE && newest == null;
    }

    /** How many tasks have not started yet. Who gives many looks here, and pauses in time: there is no limit inside. */
    public final int waiting() {
        return waiting;
    }

    /** True if another thread will run our tasks, false if this one must; goes to the given state if it throws. */
    private boolean schedule(State ifRefused) {
        State reached = ifRefused;
        state = State.HANDING_OVER;
        try {
            handOver();
            reached = state == State.CALLER_RUNS ? State.RUNNING : State.SCHEDULED;
        } finally {
            state = reached;
        }
        return reached == State.SCHEDULED;
    }

    /** Runs a batch of tasks. For what was handed over. */
    @Override
    public final void run() {
        for (int ran = 0; ; ran++) {
            Runnable task;
            synchronized (this) {
                if (state == State.HANDING_OVER) {
                    state = State.CALLER_RUNS;
                    return;
                }
                state = State.RUNNING;
                Task newest = this.newest;
                if (newest == null) {
                    state = State.IDLE;
                    return;
                }
                if (ran == BATCH) {
                    if (scheduleAccepted()) {
                        return;
                    }
                    ran = 0;
                }
                task = removeOldest(newest);
            }
            perform(task);
        }
    }

    /** False if this thread has to run the tasks, because the executor refuses them after they were accepted. */
    private boolean scheduleAccepted() {
        try {
            return schedule(State.RUNNING);
        } catch (RuntimeException | Error refused) {
            return false; // those who gave the tasks were told that they will run
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
