package org.httpkit.testkit.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * Time, chance and tally of one simulation: a clock that stands still until it is told to go on, tasks of the worker that run in any
 * order, and tasks due at a time. Confined to the simulation's thread.
 */
final class Schedule implements Executor {
    private record Timed(long nanos, long order, Runnable task) {}

    final Tally tally = new Tally();
    final Story story = new Story();
    private final SplittableRandom random;
    private final List<Runnable> worker = new ArrayList<>();
    private final List<Fiber> fibers = new ArrayList<>();
    private final PriorityQueue<Timed> timed =
            new PriorityQueue<>(Comparator.comparingLong(Timed::nanos).thenComparingLong(Timed::order));

    private long nanos;
    private long order;
    /** Whether what is handed to the worker may block. */
    private boolean mayBlock;

    Schedule(SplittableRandom random) {
        this.random = random;
    }

    long nanos() {
        return nanos;
    }

    SplittableRandom random() {
        return random;
    }

    /** True once in so many times. */
    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    /** Has the worker run the task some time. */
    @Override
    public void execute(Runnable task) {
        if (mayBlock) {
            Fiber fiber = new Fiber(task);
            fibers.add(fiber);
            worker.add(fiber);
        } else {
            worker.add(task);
        }
    }

    /** Has a fiber go on some time. */
    void resume(Runnable fiber) {
        worker.add(fiber);
    }

    /** Says whether what is handed to the worker from now on may block. */
    void mayBlock(boolean may) {
        mayBlock = may;
    }

    /** Ends what is blocked. */
    void abandon() {
        fibers.forEach(Fiber::abandon);
    }

    /** Whether no task of the worker is still blocked. To be called when all is over. */
    boolean areAllOver() {
        return fibers.stream().allMatch(Fiber::isOver);
    }

    /** Runs the task when so much time has gone by. */
    void after(long delayNanos, Runnable task) {
        timed.add(new Timed(nanos + delayNanos, order++, task));
    }

    void goOn(long byNanos) {
        nanos += byNanos;
    }

    /** Runs a task of the worker, whichever; false if there is none. */
    boolean runWorker() {
        if (worker.isEmpty()) {
            return false;
        }
        int chosen = random.nextInt(worker.size());
        Runnable task = worker.get(chosen);
        worker.set(chosen, worker.get(worker.size() - 1));
        worker.remove(worker.size() - 1);
        task.run();
        return true;
    }

    /** Runs a task that is due; false if there is none. */
    boolean runDue() {
        Timed next = timed.peek();
        if (next == null || next.nanos > nanos) {
            return false;
        }
        timed.remove();
        next.task.run();
        return true;
    }

    /** Whether somebody still has something to do. */
    boolean isBusy() {
        return !worker.isEmpty() || !timed.isEmpty();
    }
}
