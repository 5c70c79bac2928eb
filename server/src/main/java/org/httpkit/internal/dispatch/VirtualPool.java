package org.httpkit.internal.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs each task on a virtual thread that no other task is blocking. Safe from any thread.
 *
 * <p>A thread that has run its task takes the next waiting one, a few times, before it ends: so under load most tasks
 * find an existing thread with an existing stack. A task waits for a processor, never for another task to finish.
 * Whenever a task waits, one of two things holds: a started thread has not taken a task yet (it is <em>coming</em>), or
 * a thread that just took one is about to start another. The pool does not limit the number of tasks; its callers do.
 *
 * <p>As on every pool, a thread-local that a task leaves behind is seen by the thread's next task; an interrupt is not.
 */
final class VirtualPool extends AbstractExecutorService implements Runnable {
    /** After this many tasks a thread ends, so that threads that were blocked and can continue get a processor soon. */
    private static final int TASKS_PER_THREAD = 16;

    private static final long SHUTDOWN = 1;
    private static final long ONE_TASK = 2;

    private final ThreadFactory factory;
    private final @Nullable ClassLoader contextClassLoader =
            Thread.currentThread().getContextClassLoader();
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean coming = new AtomicBoolean();
    /** Twice the number of unfinished tasks, plus one after shutdown. */
    private final AtomicLong state = new AtomicLong();

    private final CountDownLatch terminated = new CountDownLatch(1);
    /** The threads to interrupt. Each enters before it takes its first task. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    private volatile boolean interruptsAll;

    VirtualPool(ThreadFactory factory) {
        this.factory = factory;
    }

    /**
     * Runs the task soon.
     *
     * @throws RejectedExecutionException after shutdown, or if the JVM cannot start a thread
     */
    @Override
    public void execute(Runnable task) {
        if (task == null) {
            throw new NullPointerException("task");
        }
        if ((state.getAndAdd(ONE_TASK) & SHUTDOWN) != 0) {
            forgetOneTask();
            throw new RejectedExecutionException("The pool is shut down");
        }
        waiting.add(task);
        try {
            seeThatAThreadComes();
        } catch (RejectedExecutionException noThread) {
            boolean isMine = waiting.remove(task); // else another thread runs it
            leaveTheRestToAnother(); // tasks added in the meantime relied on the thread that does not come
            if (isMine) {
                forgetOneTask();
                throw noThread;
            }
        }
    }

    @Override
    public void shutdown() {
        long before = state.getAndUpdate(now -> now | SHUTDOWN);
        if (before < ONE_TASK) {
            terminated.countDown();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        interruptsAll = true; // for a thread whose task arrives after this loop
        List<Runnable> neverRun = new ArrayList<>();
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            neverRun.add(task);
            forgetOneTask();
        }
        threads.forEach(Thread::interrupt);
        return neverRun;
    }

    @Override
    public boolean isShutdown() {
        return (state.get() & SHUTDOWN) != 0;
    }

    @Override
    public boolean isTerminated() {
        return terminated.getCount() == 0;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return terminated.await(timeout, unit);
    }

    /** Runs on each thread of this pool, from its start to its end. */
    @Override
    public void run() {
        Thread self = Thread.currentThread();
        coming.set(false); // first: a task added from now on starts another thread
        self.setContextClassLoader(contextClassLoader);
        threads.add(self);
        try {
            for (int i = 0; i < TASKS_PER_THREAD; i++) {
                Thread.interrupted(); // meant for the task before
                Runnable task = waiting.poll();
                if (task == null) {
                    return;
                }
                leaveTheRestToAnother();
                perform(task);
            }
            leaveTheRestToAnother();
        } finally {
            threads.remove(self);
        }
    }

    private void leaveTheRestToAnother() {
        if (!waiting.isEmpty()) {
            try {
                seeThatAThreadComes();
            } catch (RejectedExecutionException noThread) {
                // The waiting tasks then wait for this thread, or for the next task, which starts one.
            }
        }
    }

    private void seeThatAThreadComes() {
        if (coming.get() || !coming.compareAndSet(false, true)) {
            return;
        }
        try {
            factory.newThread(this).start();
        } catch (Throwable noThread) {
            coming.set(false);
            throw new RejectedExecutionException("Cannot start a virtual thread", noThread);
        }
    }

    private void perform(Runnable task) {
        try {
            if (interruptsAll) {
                Thread.currentThread().interrupt();
            }
            task.run();
        } catch (Throwable thrown) {
            Tasks.reportUncaught(thrown);
        } finally {
            forgetOneTask();
        }
    }

    private void forgetOneTask() {
        if (state.addAndGet(-ONE_TASK) == SHUTDOWN) {
            terminated.countDown();
        }
    }
}
