package org.httpkit.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs on platform threads where the JVM has no virtual ones: the pool's rules are the same. */
class VirtualPoolTest {
    /** Fewer on platform threads, which cost far more to start. */
    private static final int ROUNDS = VirtualThreads.isSupported() ? 50 : 10;

    private final List<ExecutorService> pools = new ArrayList<>();

    @AfterEach
    void stopsEveryPool() throws InterruptedException {
        for (ExecutorService pool : pools) {
            pool.shutdownNow();
            assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void isSupportedFromJdk21() {
        assertThat(VirtualThreads.isSupported()).isEqualTo(Runtime.version().feature() >= 21);
    }

    @Test
    void namesItsThreadsAndGivesThemTheClassLoaderOfItsCreator() throws Exception {
        Thread thread = pool().submit(Thread::currentThread).get();

        assertThat(thread.getName()).isEqualTo("test");
        assertThat(thread.isDaemon()).isTrue();
        assertThat(pool().submit(() -> Thread.currentThread().getContextClassLoader())
                        .get())
                .isSameAs(Thread.currentThread().getContextClassLoader());
    }

    @Test
    void neverMakesATaskWaitForAnotherOne() throws Exception {
        ExecutorService pool = pool();
        for (int round = 0; round < ROUNDS; round++) {
            CountDownLatch together = new CountDownLatch(100);
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                results.add(pool.submit(() -> {
                    together.countDown();
                    return together.await(20, TimeUnit.SECONDS);
                }));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    @Test
    void runsATaskThatARunningOneGivesAndWaitsFor() throws Exception {
        ExecutorService pool = pool();

        Future<String> outer = pool.submit(() -> pool.submit(() -> "inner").get());

        assertThat(outer.get()).isEqualTo("inner");
    }

    @Test
    void hidesAnInterruptFromTheNextTask() throws Exception {
        ExecutorService pool = pool();
        AtomicInteger interrupted = new AtomicInteger();
        List<Future<?>> results = new ArrayList<>();

        for (int i = 0; i < 1_000; i++) {
            results.add(pool.submit(() -> {
                if (Thread.currentThread().isInterrupted()) {
                    interrupted.incrementAndGet();
                }
                Thread.currentThread().interrupt();
            }));
        }

        for (Future<?> result : results) {
            result.get();
        }
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void goesOnAfterATaskThatThrew() throws Exception {
        ExecutorService pool = pool();
        CompletableFuture<Throwable> reported = new CompletableFuture<>();

        pool.execute(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.complete(thrown));
            throw new IllegalStateException("on purpose");
        });

        assertThat(reported.get(10, TimeUnit.SECONDS)).hasMessage("on purpose");
        assertThat(pool.submit(() -> "next").get()).isEqualTo("next");
    }

    @Test
    void finishesWhatItAcceptedAfterShutdown() throws Exception {
        ExecutorService pool = pool();
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            results.add(pool.submit(() -> mayEnd.await(20, TimeUnit.SECONDS)));
        }

        pool.shutdown();

        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        mayEnd.countDown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        for (Future<Boolean> result : results) {
            assertThat(result.get()).isTrue();
        }
    }

    @Test
    void terminatesAtOnceWhenNothingRuns() {
        ExecutorService pool = pool();

        pool.shutdown();

        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void interruptsWhatRunsAtShutdownNow() throws Exception {
        ExecutorService pool = pool();
        CountDownLatch running = new CountDownLatch(20);
        AtomicInteger interrupted = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            pool.execute(() -> {
                running.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    interrupted.incrementAndGet();
                }
            });
        }
        running.await();

        pool.shutdownNow();

        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupted).hasValue(20);
    }

    @Test
    void refusesATaskForWhichNoThreadStarts() throws Exception {
        List<Error> errors =
                new ArrayList<>(List.of(new OutOfMemoryError("on purpose"), new StackOverflowError("on purpose")));
        ThreadFactory real = factory();
        ExecutorService pool = new VirtualPool(task -> {
            if (!errors.isEmpty()) {
                throw errors.remove(0);
            }
            return real.newThread(task);
        });
        pools.add(pool);

        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);

        assertThat(pool.submit(() -> "next").get()).isEqualTo("next");
    }

    @Test
    void runsOrReturnsEveryTaskAcceptedExactlyOnceWhileItIsShutDown() throws Exception {
        SplittableRandom seeds = new SplittableRandom(Seeds.fresh());
        for (int round = 0; round < ROUNDS; round++) {
            ExecutorService pool = pool();
            int submitters = 4;
            int tasksEach = 1_000;
            int shutdownAt = seeds.nextInt(submitters * tasksEach * 2); // half of the time after the last task
            AtomicInteger given = new AtomicInteger();
            AtomicIntegerArray runs = new AtomicIntegerArray(submitters * tasksEach);
            AtomicInteger returned = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int s = 0; s < submitters; s++) {
                int first = s * tasksEach;
                Thread thread = new Thread(() -> {
                    for (int i = first; i < first + tasksEach; i++) {
                        int task = i;
                        if (given.getAndIncrement() == shutdownAt) {
                            returned.addAndGet(pool.shutdownNow().size());
                        }
                        try {
                            pool.execute(() -> runs.incrementAndGet(task));
                        } catch (RejectedExecutionException shutDown) {
                            returned.incrementAndGet();
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }

            pool.shutdown();

            assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            int ran = 0;
            for (int i = 0; i < runs.length(); i++) {
                assertThat(runs.get(i)).isLessThan(2);
                ran += runs.get(i);
            }
            assertThat(ran + returned.get()).isEqualTo(submitters * tasksEach);
        }
    }

    @Test
    void aTaskThatReliedOnAThreadThatCannotBeStartedGetsAnotherOne() throws Exception {
        CountDownLatch relied = new CountDownLatch(1);
        AtomicInteger failing = new AtomicInteger(1);
        ThreadFactory real = factory();
        CompletableFuture<ExecutorService> made = new CompletableFuture<>();
        ExecutorService pool = new VirtualPool(task -> {
            if (failing.getAndDecrement() > 0) {
                made.join().execute(relied::countDown); // comes while the first thread is being started
                throw new OutOfMemoryError("on purpose");
            }
            return real.newThread(task);
        });
        pools.add(pool);
        made.complete(pool);

        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);

        assertThat(relied.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private ExecutorService pool() {
        ExecutorService pool =
                VirtualThreads.isSupported() ? VirtualThreads.newPool("test") : new VirtualPool(factory());
        pools.add(pool);
        return pool;
    }

    private static ThreadFactory factory() {
        return task -> {
            Thread thread = new Thread(task, "test");
            thread.setDaemon(true);
            return thread;
        };
    }
}
