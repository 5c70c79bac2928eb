package org.httpkit.internal.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A pool of platform threads that grows to its maximum before a task has to wait. Safe from any thread.
 *
 * <p>A task goes to an idle thread if there is one; else to a new thread while there are fewer than the maximum; else
 * into the bounded queue; else the pool rejects it. The thread that became idle last is used first, so that unneeded
 * threads stay idle long enough to end. Each decision is made under one lock, which a thread holds for a few
 * instructions: that makes the order above exact, and keeps this invariant: while a thread is idle, the queue is empty.
 *
 * <p>While threads wait for clients, the pool has additional threads. When the waits are over these are surplus, until
 * the next wait needs them: they rest in between, and end if that lasts.
 */
public final class GrowingPool extends AbstractExecutorService {
    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final int MOST_WAITING = 256;

    private final int minThreads;
    private final int maxThreads;
    private final String prefix;
    private final long keepAliveNanos;
    /** How many threads the pool may have above the maximum, while as many wait for clients. */
    private final int mostWaiting;
    /** Threads use the class loader of the pool's creator, not that of the thread whose task made the pool grow. */
    private final @Nullable ClassLoader contextClassLoader =
            Thread.currentThread().getContextClassLoader();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition noThreadLeft = lock.newCondition();

    // Guarded by the lock.
    private final BlockingQueue<Runnable> queue;
    private final Set<Worker> workers = new HashSet<>();
    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    /** Threads above the maximum: they take tasks again once others wait for clients. */
    private final ArrayDeque<Worker> resting = new ArrayDeque<>();
    /** The waits for clients, oldest first. */
    private final LinkedHashSet<ClientWait> waits = new LinkedHashSet<>();

    private long threadsMade;
    /** Workers whose threads are being started; starting may fail. */
    private int starting;

    // Written under the lock.
    private volatile boolean shutdown;

    /**
     * @param minThreads this many threads stay when idle; others end after 60 seconds without a task. None starts
     *     before it is needed
     * @param queue where tasks wait while all threads run; bounded and empty; from now on read-only for other code
     * @param prefix of thread names; a number follows
     */
    public GrowingPool(int minThreads, int maxThreads, BlockingQueue<Runnable> queue, String prefix) {
        this(minThreads, maxThreads, queue, prefix, KEEP_ALIVE_NANOS, MOST_WAITING);
    }

    GrowingPool(
            int minThreads,
            int maxThreads,
            BlockingQueue<Runnable> queue,
            String prefix,
            long keepAliveNanos,
            int mostWaiting) {
        if (minThreads < 0 || maxThreads < 1 || minThreads > maxThreads) {
            throw new IllegalArgumentException(
                    "threads: " + minThreads + " to " + maxThreads + " (legal: 0 <= min <= max, 1 <= max)");
        }
        this.minThreads = minThreads;
        this.maxThreads = maxThreads;
        this.queue = queue;
        this.prefix = prefix;
        this.keepAliveNanos = keepAliveNanos;
        this.mostWaiting = mostWaiting;
    }

    /**
     * Runs the task on a thread of this pool.
     *
     * @throws RejectedExecutionException if all threads run and the queue is full, or after shutdown
     */
    @Override
    public void execute(Runnable task) {
        Worker receiver;
        Worker added = null;
        ClientWait longest = null;
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("The pool " + prefix + " is shut down");
            }
            receiver = pollReceiver();
            if (receiver == null) {
                if (hasRoom()) {
                    added = addWorker(task);
                } else if (!queue.offer(task)) {
                    throw new RejectedExecutionException("The pool " + prefix + " is full: " + workers.size()
                            + " threads run and " + queue.size() + " tasks wait");
                }
                longest = queue.isEmpty() ? null : longestOfTooMany();
            } else {
                receiver.handed = task;
            }
        } finally {
            lock.unlock();
        }
        if (longest != null) {
            longest.giveUp();
        }
        if (added != null) {
            start(added, task);
        } else if (receiver != null) {
            LockSupport.unpark(receiver.thread);
        }
    }

    /** Returns a worker that can take a task at once, or null. Under the lock. */
    private @Nullable Worker pollReceiver() {
        assert lock.isHeldByCurrentThread();
        Worker receiver = idle.pollLast();
        return receiver == null && hasRoom() ? resting.pollLast() : receiver;
    }

    /** Whether another thread may take tasks. Under the lock. */
    private boolean hasRoom() {
        return countedThreads() < maxThreads;
    }

    /** How many threads count towards the maximum. Under the lock. */
    private int countedThreads() {
        assert lock.isHeldByCurrentThread();
        return workers.size() - resting.size() - Math.min(waits.size(), mostWaiting);
    }

    /**
     * Notes that the caller's task waits for a client from now on, until the returned wait is closed. Up to 256 waiting
     * threads do not count towards the maximum of their pool. If more wait, the pool gives up the longest waits as soon
     * as tasks have to wait for a thread because of them.
     *
     * @param giveUp makes the wait end soon, by an exception; called on any thread, perhaps when the wait {@link
     *     ClientWait#isOver is over}
     * @return null if the caller is not a thread of a pool
     */
    public static @Nullable ClientWait beginWait(Consumer<ClientWait> giveUp) {
        return Thread.currentThread() instanceof PoolThread thread
                ? thread.pool().waitForClient(giveUp)
                : null;
    }

    private ClientWait waitForClient(Consumer<ClientWait> giveUp) {
        ClientWait wait = new ClientWait(lock, waits, giveUp);
        Runnable goOn = () -> {}; // continues with the queue
        Worker rested = null;
        Worker added = null;
        ClientWait longest;
        lock.lock();
        try {
            waits.add(wait);
            if (!queue.isEmpty() && hasRoom()) {
                rested = resting.pollLast();
                if (rested == null) {
                    added = addWorker(goOn);
                } else {
                    rested.handed = queue.poll();
                }
            }
            longest = queue.isEmpty() ? null : longestOfTooMany();
        } finally {
            lock.unlock();
        }
        try {
            if (longest != null) {
                longest.giveUp();
            }
            if (rested != null) {
                LockSupport.unpark(rested.thread);
            } else if (added != null) {
                start(added, goOn);
            }
        } catch (RejectedExecutionException e) {
            // No thread is available: the queue continues to wait.
        } catch (Throwable e) { // usually for lack of memory
            wait.close();
            throw e;
        }
        return wait;
    }

    /** Returns the wait to give up if too many wait and no thread is left; each at most once. Under the lock. */
    private @Nullable ClientWait longestOfTooMany() {
        assert lock.isHeldByCurrentThread();
        return waits.size() <= mostWaiting || hasRoom() ? null : ClientWait.takeLongest(waits);
    }

    /** Threads alive, running a task or idle. */
    public int threads() {
        lock.lock();
        try {
            return workers.size();
        } finally {
            lock.unlock();
        }
    }

    /** Tasks waiting for a thread. */
    int waiting() {
        return queue.size();
    }

    @Override
    public void shutdown() {
        lock.lock();
        try {
            shutdown = true;
            idle.forEach(worker -> LockSupport.unpark(worker.thread));
            resting.forEach(worker -> LockSupport.unpark(worker.thread));
            signalIfTerminated();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        List<Runnable> neverRun = new ArrayList<>();
        lock.lock();
        try {
            queue.drainTo(neverRun);
            shutdown();
            workers.forEach(worker -> worker.thread.interrupt());
        } finally {
            lock.unlock();
        }
        return neverRun;
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        lock.lock();
        try {
            return shutdown && workers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long nanosLeft = unit.toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (!(shutdown && workers.isEmpty())) {
                if (nanosLeft <= 0) {
                    return false;
                }
                nanosLeft = noThreadLeft.awaitNanos(nanosLeft);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a worker. Under the lock; the caller starts it without the lock. */
    private Worker addWorker(Runnable task) {
        assert lock.isHeldByCurrentThread();
        Worker worker = new Worker(task, prefix + ++threadsMade);
        workers.add(worker);
        starting++;
        return worker;
    }

    /**
     * Starts a worker's thread. Not under the lock, which loops take: a start may last until the new thread has run.
     *
     * @throws RejectedExecutionException if the system provides no thread, and no other thread can take the task later
     */
    private void start(Worker worker, Runnable task) {
        assert !lock.isHeldByCurrentThread();
        Throwable refused = null;
        try {
            worker.thread.start();
        } catch (Throwable noThread) { // an OutOfMemoryError if the system refuses; or the caller's stack is full
            refused = noThread;
        }
        Worker receiver = null;
        lock.lock();
        try {
            starting--;
            if (refused != null) {
                leave(worker);
                receiver = pollReceiver();
                if (receiver != null) {
                    receiver.handed = task;
                } else if (workers.size() == starting || !queue.offer(task)) {
                    throw new RejectedExecutionException("The pool " + prefix + " cannot start a thread", refused);
                }
            }
        } finally {
            lock.unlock();
        }
        if (receiver != null) {
            LockSupport.unpark(receiver.thread);
        }
    }

    private void leave(Worker worker) {
        assert lock.isHeldByCurrentThread();
        workers.remove(worker);
        signalIfTerminated();
    }

    private void signalIfTerminated() {
        if (shutdown && workers.isEmpty()) {
            noThreadLeft.signalAll();
        }
    }

    /** A thread of this pool. */
    private final class Worker extends PoolWorker {
        final Thread thread;

        Worker(Runnable first, String name) {
            super(first);
            this.thread = new PoolThread(GrowingPool.this, this, name, contextClassLoader);
        }

        @Override
        boolean isOver() {
            return shutdown;
        }

        /** Returns the next task, from the queue or handed over while idle or resting; null if this thread must end. */
        @Override
        @Nullable
        Runnable next() {
            boolean mayEnd;
            lock.lock();
            try {
                boolean tooMany = countedThreads() > maxThreads;
                Runnable task = tooMany ? null : queue.poll();
                if (task != null) {
                    return task;
                }
                if (shutdown) {
                    leave(this);
                    return null;
                }
                (tooMany ? resting : idle).addLast(this);
                mayEnd = workers.size() > minThreads;
            } finally {
                lock.unlock();
            }
            return awaitTask(mayEnd ? keepAliveNanos : Long.MAX_VALUE);
        }

        private @Nullable Runnable awaitTask(long nanos) {
            for (long wait = nanos; ; wait = Long.MAX_VALUE) {
                parkWhileIdle(wait);
                lock.lock();
                try {
                    Runnable task = handed;
                    if (task != null) {
                        handed = null;
                        return task;
                    }
                    if (shutdown || workers.size() > minThreads) {
                        idle.remove(this);
                        resting.remove(this);
                        leave(this);
                        return null;
                    } // else enough others have ended: this one stays
                } finally {
                    lock.unlock();
                }
            }
        }
    }
}
