package org.httpkit.internal.net;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits that end at a deadline and not by an interrupt, for threads that must complete their work. Stateless. */
public final class Patience {
    private Patience() {}

    /** Waits until the latch is open or the deadline has passed; returns whether it is open. */
    public static boolean await(CountDownLatch latch, long deadlineNanos) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return latch.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until the deadline. */
    public static void sleepUntil(long deadlineNanos) {
        boolean unused = await(new CountDownLatch(1), deadlineNanos);
    }

    /** Waits until the thread has ended or the deadline has passed. */
    static void join(Thread thread, long deadlineNanos) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
