package org.httpkit.internal.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of all loops. If loops make calls, it checks every few milliseconds whether a loop's thread is stuck in
 * one, and lets a standby thread continue with the loop; the stuck thread finishes its call, and then stands by itself.
 * Safe from any thread.
 */
class StandbyThreads implements Standby, Runnable, IntConsumer {
    /** How long it starts no thread after a start has failed. */
    private static final long PAUSE_NANOS = 1_000_000_000;

    /** Most threads besides one for each loop. */
    private static final int MAX_EXTRA_THREADS = 64;

    /** How often the end of the calls looks whether its deadline has come closer. */
    private static final long LOOK_NANOS = 100_000_000;

    private static final VarHandle RESTING;

    static {
        try {
            RESTING = MethodHandles.lookup().findVarHandle(StandbyThreads.class, "resting", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A loop's thread. Between two loops it stands by. */
    private static final class Follower extends LoopThread {
        private static final long FAULT_PAUSE_NANOS = 10_000_000;

        private final StandbyThreads threads;
        /** The loop to go on with. Guarded by the threads' lock. */
        private @Nullable EventLoop given;

        Follower(StandbyThreads threads, String name) {
            super(name);
            this.threads = threads;
        }

        @Override
        public void run() {
            EventLoop loop = null;
            boolean over = false;
            while (!over) {
                try {
                    if (loop == null) {
                        loop = threads.awaitLoop(this);
                        over = loop == null;
                    }
                    if (loop != null) {
                        hold(loop);
                        loop.run();
                        hold(null);
                        loop = null;
                    }
                } catch (Throwable e) { // probably for lack of memory: no loop must remain without its thread
                    LockSupport.parkNanos(this, FAULT_PAUSE_NANOS);
                }
            }
        }
    }

    private final EventLoop[] loops;
    private final NetObserver observer;
    /**
     * Keeps the JVM alive instead of the loops' threads, which may be stuck in a call when the server ends. Watches
     * them if they make calls.
     */
    private final Thread watcher;

    private final boolean callsOnLoops;

    /** Whether the watcher sleeps until {@link #rouse}. */
    private volatile boolean resting;
    /** Threads that stand by. Written under the lock. */
    private volatile int ready;

    private volatile boolean ended;

    // Guarded by the lock.
    private final ArrayDeque<Follower> standingBy = new ArrayDeque<>();
    private final Set<Follower> threads = new HashSet<>();
    private int threadsMade;

    // Confined to the watcher's thread.
    private long startsFromNanos = System.nanoTime();

    StandbyThreads(EventLoop[] loops, boolean callsOnLoops, NetObserver observer) {
        this.loops = loops;
        this.observer = observer;
        this.callsOnLoops = callsOnLoops;
        this.watcher = new Thread(this, "httpkit-relay");
    }

    /**
     * Starts a thread for each loop, and for the first one last: it listens, and would give connections to loops that
     * may never run.
     */
    synchronized void start() {
        for (int i = loops.length - 1; i > 0; i--) {
            addThread(i + 1, loops[i]);
        }
        begin(watcher);
        addThread(1, loops[0]);
    }

    /** Starts a thread. Tests play a system that has none. */
    void begin(Thread thread) {
        thread.start();
    }

    /**
     * After a failed start: ends the threads that were started, frees the loops without one, and waits until the kernel
     * has released their sockets; for a loop in a call, at most for this patience.
     */
    void abandon(long patienceNanos) {
        long deadline = System.nanoTime() + patienceNanos;
        int running;
        synchronized (this) {
            ended = true;
            running = threadsMade;
        }
        LockSupport.unpark(watcher);
        int without = Math.max(0, loops.length - running); // these are the first ones
        for (int i = 0; i < loops.length; i++) {
            if (i < without) {
                loops[i].discard();
            } else {
                loops[i].end();
            }
        }
        for (int i = without; i < loops.length; i++) {
            loops[i].join(deadline);
        }
    }

    @Override
    public boolean isReady() {
        if (ready >= loops.length) {
            return true;
        }
        rouse();
        return false;
    }

    @Override
    public void rouse() {
        if (resting && RESTING.compareAndSet(this, true, false)) {
            LockSupport.unpark(watcher);
        }
    }

    /** Ends the threads, and waits until the deadline for those that are not stuck in a call. */
    void end(long deadlineNanos) {
        Follower[] all;
        synchronized (this) {
            ended = true;
            all = threads.toArray(new Follower[0]);
        }
        for (Follower thread : all) {
            LockSupport.unpark(thread);
        }
        LockSupport.unpark(watcher);
        Patience.join(watcher, deadlineNanos);
        for (Follower thread : all) {
            Patience.join(thread, deadlineNanos);
        }
    }

    /**
     * After the end: waits until the deadline, which may come closer meanwhile, for the threads whose calls have lost
     * their loop, and interrupts those that still run. No link leads to them if their clients have gone.
     */
    void endCalls(LongSupplier deadlineNanos) {
        Follower[] left;
        synchronized (this) {
            left = threads.toArray(new Follower[0]);
        }
        for (Follower thread : left) {
            long now = System.nanoTime();
            while (thread.isAlive() && deadlineNanos.getAsLong() - now > 0) {
                Patience.join(thread, now + Math.min(LOOK_NANOS, deadlineNanos.getAsLong() - now));
                now = System.nanoTime();
            }
        }
        for (Follower thread : left) {
            if (thread.held() == null) { // else the stop has interrupted it already, and it still has its loop to end
                thread.interrupt();
            }
        }
    }

    // ---- the loops' threads

    /** Stands by until a loop needs the thread; returns null if the thread must end. */
    private @Nullable EventLoop awaitLoop(Follower self) {
        while (true) {
            synchronized (this) {
                EventLoop loop = self.given;
                if (loop != null) {
                    self.given = null;
                    return loop;
                }
                if (ended || !standBy(self)) {
                    threads.remove(self);
                    return null;
                }
            }
            Thread.interrupted(); // meant for a call that is over
            LockSupport.park(this);
        }
    }

    /** Returns false if there are more than enough. */
    private boolean standBy(Follower self) {
        assert Thread.holdsLock(this);
        if (standingBy.contains(self)) {
            return true;
        }
        if (standingBy.size() >= 2 * loops.length) {
            return false;
        }
        standingBy.push(self);
        ready = standingBy.size();
        return true;
    }

    private void addThread(int number, @Nullable EventLoop loop) {
        assert Thread.holdsLock(this);
        Follower thread = new Follower(this, "httpkit-loop-" + number);
        thread.setDaemon(true);
        thread.given = loop;
        begin(thread);
        threads.add(thread);
        threadsMade++;
        if (loop == null) {
            standBy(thread);
        }
    }

    // ---- the watcher's thread

    @Override
    public void run() {
        Baton[] batons = new Baton[loops.length];
        for (int i = 0; i < batons.length; i++) {
            batons[i] = loops[i].calls().baton();
        }
        BatonWatch watch = new BatonWatch(batons, System.nanoTime());
        while (!callsOnLoops && !ended) {
            Thread.interrupted();
            LockSupport.park(this);
        }
        while (!ended) {
            Thread.interrupted(); // meant for another thread: it would keep this one from sleeping
            try {
                watch.look(System.nanoTime(), this);
                haveEnoughStandBy();
            } catch (RuntimeException | Error e) {
                startsFromNanos = System.nanoTime() + PAUSE_NANOS;
                report(e); // probably a thread that cannot be started
            }
            if (watch.isQuiet()) {
                rest(watch);
            } else {
                LockSupport.parkNanos(this, watch.intervalNanos());
            }
        }
    }

    /** This thread must live, whatever the observer does. */
    private void report(Throwable failure) {
        try {
            observer.loopFailed(failure);
        } catch (RuntimeException | Error e) {
            // Probably for lack of memory: the next failure may be reported.
        }
    }

    private void rest(BatonWatch watch) {
        assert Thread.currentThread() == watcher;
        resting = true;
        watch.look(System.nanoTime(), this); // for a loop that moved before it could see the rest
        if (watch.isQuiet() && !ended) {
            LockSupport.park(this);
        }
        resting = false;
    }

    /** Lets a standby thread take over the loop with this index, whose thread is stuck in a call. */
    @Override
    public synchronized void accept(int stuck) {
        EventLoop loop = loops[stuck];
        Follower next = standingBy.peek();
        long turn = loop.calls().baton().turn();
        if (next == null || !Baton.isDown(turn)) {
            return;
        }
        loop.calls().lookAtReason();
        if (loop.calls().baton().pickUp(turn)) {
            standingBy.pop();
            ready = standingBy.size();
            next.given = loop;
            LockSupport.unpark(next);
        }
    }

    /** As many again as stand by may be stuck in calls. */
    private int mostExtra() {
        return Math.max(MAX_EXTRA_THREADS, 2 * loops.length);
    }

    private synchronized void haveEnoughStandBy() {
        assert Thread.currentThread() == watcher;
        if (System.nanoTime() - startsFromNanos < 0) {
            return; // until then calls go to the worker
        }
        while (!ended && standingBy.size() < loops.length && threads.size() < loops.length + mostExtra()) {
            addThread(threadsMade + 1, null);
        }
    }
}
