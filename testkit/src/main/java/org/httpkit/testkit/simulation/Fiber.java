package org.httpkit.testkit.simulation;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A task of the worker that may block: it has a separate thread, which runs only while the simulation's thread waits
 * for it. So one thread works at any time, and chance alone decides which.
 */
final class Fiber implements Runnable {
    private static final ThreadLocal<@Nullable Fiber> CURRENT = new ThreadLocal<>();

    /** Thrown into a fiber whose simulation has failed, so that its thread does not wait for ever. */
    private static final class Abandoned extends Error {
        private static final long serialVersionUID = 1;
    }

    private final Runnable task;
    private final Semaphore turn = new Semaphore(0);
    private final Semaphore turnIsOver = new Semaphore(0);
    private boolean begun;
    private boolean over;
    private boolean abandoned;
    private @Nullable Throwable failure;

    Fiber(Runnable task) {
        this.task = task;
    }

    /** The fiber that runs. */
    static Fiber current() {
        Fiber fiber = CURRENT.get();
        if (fiber == null) {
            throw new AssertionError("What blocks here is not run by a thread that may block");
        }
        return fiber;
    }

    /** Begins, or goes on where it was suspended, up to the end or to where it is suspended again. The simulation's thread. */
    @Override
    public void run() {
        if (begun) {
            turn.release();
        } else {
            begun = true;
            Thread thread = new Thread(this::perform, "simulated-worker"); // a new one knows nothing of other fibers
            thread.setDaemon(true);
            thread.start();
        }
        turnIsOver.acquireUninterruptibly();
        if (failure != null && !abandoned) {
            throw new AssertionError("A task of the worker failed", failure);
        }
    }

    /** Lets the simulation go on until somebody runs this again. The fiber's thread. */
    void suspend() {
        turnIsOver.release();
        turn.acquireUninterruptibly();
        if (abandoned) {
            throw new Abandoned();
        }
    }

    boolean isOver() {
        return over;
    }

    /** Ends it wherever it is. The simulation's thread. */
    void abandon() {
        if (begun && !over) {
            abandoned = true;
            run();
        }
    }

    private void perform() {
        CURRENT.set(this);
        try {
            task.run();
        } catch (Throwable e) {
            failure = e;
        } finally {
            over = true;
            turnIsOver.release();
        }
    }
}
