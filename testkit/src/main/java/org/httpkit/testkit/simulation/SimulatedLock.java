package org.httpkit.testkit.simulation;

import java.util.ArrayDeque;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** A lock by which fibers wait for each other: one that is woken goes on when chance says so, and sometimes without a cause. */
final class SimulatedLock implements Lock {
    private final Schedule schedule;
    private boolean held;

    SimulatedLock(Schedule schedule) {
        this.schedule = schedule;
    }

    @Override
    public void lock() {
        if (held) {
            throw new AssertionError("The holder of the lock lets others go on");
        }
        held = true;
    }

    @Override
    public void unlock() {
        if (!held) {
            throw new AssertionError("The lock is not held");
        }
        held = false;
    }

    @Override
    public Condition newCondition() {
        return new Waiting();
    }

    @Override
    public void lockInterruptibly() {
        throw new UnsupportedOperationException("Not simulated");
    }

    @Override
    public boolean tryLock() {
        throw new UnsupportedOperationException("Not simulated");
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) {
        throw new UnsupportedOperationException("Not simulated");
    }

    private final class Waiting implements Condition {
        private final ArrayDeque<Fiber> fibers = new ArrayDeque<>();

        @Override
        public void await() throws InterruptedException {
            Fiber fiber = Fiber.current();
            fibers.add(fiber);
            if (schedule.oneIn(20)) {
                schedule.resume(() -> wakeWithoutCause(fiber));
            }
            unlock();
            fiber.suspend();
            lock();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }

        private void wakeWithoutCause(Fiber fiber) {
            if (fibers.remove(fiber)) {
                fiber.run();
            }
        }

        @Override
        public void signal() {
            Fiber first = fibers.poll();
            if (first != null) {
                schedule.resume(first);
            }
        }

        @Override
        public void signalAll() {
            while (!fibers.isEmpty()) {
                signal();
            }
        }

        @Override
        public void awaitUninterruptibly() {
            throw new UnsupportedOperationException("Not simulated");
        }

        @Override
        public long awaitNanos(long nanos) {
            throw new UnsupportedOperationException("Not simulated");
        }

        @Override
        public boolean await(long time, TimeUnit unit) {
            throw new UnsupportedOperationException("Not simulated");
        }

        @Override
        public boolean awaitUntil(Date deadline) {
            throw new UnsupportedOperationException("Not simulated");
        }
    }
}
