package org.httpkit.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrowingPoolTest {
    private static final long MINUTE = TimeUnit.SECONDS.toNanos(60);

    private final List<GrowingPool> pools = new ArrayList<>();
    private final Semaphore started = new Semaphore(0);
    private final Semaphore mayEnd = new Semaphore(0);

    @AfterEach
    void stopsEveryThread() throws InterruptedException {
        for (GrowingPool pool : pools) {
            pool.shutdownNow();
            assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pool.threads()).isZero();
        }
    }

    @Test
    void growsToTheMaximumBeforeATaskWaits() throws InterruptedException {
        BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(100);
        GrowingPool pool = pool(1, 5, queue, MINUTE);

        for (int i = 0; i < 5; i++) {
            pool.execute(this::holdThread);
            assertThat(queue).isEmpty();
        }

        started.acquire(5);
        assertThat(pool.threads()).isEqualTo(5);
        pool.execute(this::holdThread);
        assertThat(queue).hasSize(1);
        assertThat(pool.threads()).isEqualTo(5);
    }

    /** Threads without a task sleep with a limit, the test's tasks without one. */
    private static long idleThreads(GrowingPool pool) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread instanceof PoolThread own && own.pool() == pool)
                .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
                .count();
    }

    private void waitForClient(Consumer<ClientWait> giveUp) {
        ClientWait wait = Objects.requireNonNull(GrowingPool.beginWait(giveUp));
        try {
            holdThread();
        } finally {
            wait.close();
        }
    }

    @Test
    void aTaskThatWaitsForItsClientKeepsNoOtherFromRunning() throws InterruptedException {
        BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(100);
        GrowingPool pool = pool(1, 2, queue, TimeUnit.MILLISECONDS.toNanos(200));
        CountDownLatch others = new CountDownLatch(10);
        for (int i = 0; i < 20; i++) {
            pool.execute(() -> waitForClient(wait -> {}));
        }
        started.acquire(20);

        for (int i = 0; i < 10; i++) {
            pool.execute(others::countDown);
        }

        assertThat(others.await(10, TimeUnit.SECONDS)).isTrue();
        mayEnd.release(20);
        await().until(() -> pool.threads() <= 2);
    }

    @Test
    void makesNoThreadsAgainAndAgainForTasksThatWaitForTheirClientsNowAndThen() throws InterruptedException {
        GrowingPool pool = pool(0, 1, new ArrayBlockingQueue<>(100), MINUTE);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        for (int round = 0; round < 100; round++) {
            CountDownLatch meanwhile = new CountDownLatch(1);
            CountDownLatch over = new CountDownLatch(2);
            pool.execute(() -> {
                threads.add(Thread.currentThread());
                ClientWait wait = Objects.requireNonNull(GrowingPool.beginWait(given -> {}));
                started.release();
                awaitDone(meanwhile);
                wait.close();
                over.countDown();
            });
            started.acquire();
            pool.execute(() -> {
                threads.add(Thread.currentThread());
                meanwhile.countDown();
                over.countDown();
            });
            awaitDone(over);
        }

        assertThat(threads).hasSizeLessThanOrEqualTo(2);
    }

    private static void awaitDone(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatWaitedForAThreadGetsOneAsSoonAsATaskWaitsForItsClient() throws InterruptedException {
        BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(100);
        GrowingPool pool = pool(1, 1, queue, MINUTE);
        CountDownLatch ran = new CountDownLatch(1);
        pool.execute(() -> {
            holdThread();
            waitForClient(wait -> {});
        });
        started.acquire();
        pool.execute(ran::countDown);
        assertThat(queue).hasSize(1);

        mayEnd.release();

        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        mayEnd.release();
    }

    @Test
    void givesUpTheOneThatHasWaitedLongestIfTooManyDo() throws InterruptedException {
        GrowingPool pool = new GrowingPool(0, 1, new ArrayBlockingQueue<>(100), "test-", MINUTE, 3);
        pools.add(pool);
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        List<Integer> givenUp = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            CompletableFuture<Void> end = new CompletableFuture<>();
            pool.execute(() -> {
                ClientWait wait = Objects.requireNonNull(GrowingPool.beginWait(given -> end.complete(null)));
                started.release();
                end.join();
                givenUp.add(number);
                wait.close();
            });
            started.acquire();
            ends.add(end);
        }
        assertThat(givenUp).isEmpty();
        CountDownLatch ran = new CountDownLatch(1);

        pool.execute(ran::countDown);

        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(givenUp).containsExactly(0);
        ends.forEach(end -> end.complete(null));
    }

    @Test
    void givesUpNoWaitThatDoesNotCount() throws InterruptedException {
        GrowingPool pool = new GrowingPool(0, 1, new ArrayBlockingQueue<>(100), "test-", MINUTE, 3);
        pools.add(pool);
        AtomicInteger givenUp = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            pool.execute(() -> waitForClient(wait -> givenUp.incrementAndGet()));
        }
        started.acquire(3);
        pool.execute(this::holdThread);
        started.acquire();
        CountDownLatch ran = new CountDownLatch(5);

        for (int i = 0; i < 5; i++) {
            pool.execute(ran::countDown); // they wait for the thread that computes
        }
        mayEnd.release(4);

        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(givenUp).hasValue(0);
    }

    @Test
    void aWaitSaysWhetherItIsOver() throws Exception {
        GrowingPool pool = pool(0, 1, new ArrayBlockingQueue<>(100), MINUTE);
        CompletableFuture<ClientWait> begun = new CompletableFuture<>();
        pool.execute(() -> {
            ClientWait wait = Objects.requireNonNull(GrowingPool.beginWait(given -> {}));
            begun.complete(wait);
            holdThread();
            wait.close();
            started.release();
        });
        ClientWait wait = begun.get(10, TimeUnit.SECONDS);
        assertThat(wait.isOver()).isFalse();

        mayEnd.release();

        started.acquire(2);
        assertThat(wait.isOver()).isTrue();
    }

    @Test
    void countsNoWaitOfAThreadThatIsNotOfAPool() {
        assertThat(GrowingPool.beginWait(wait -> {})).isNull();
    }

    @Test
    void refusesWhatTheQueueHasNoRoomFor() throws InterruptedException {
        GrowingPool pool = pool(1, 1, new LinkedBlockingQueue<>(2), MINUTE);
        for (int i = 0; i < 3; i++) {
            pool.execute(this::holdThread);
        }

        assertThatThrownBy(() -> pool.execute(this::holdThread))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("1 threads run and 2 tasks wait");

        mayEnd.release(3);
        started.acquire(3);
        await().until(() -> idleThreads(pool) == 1);
        pool.execute(this::holdThread);
        started.acquire();
    }

    @Test
    void givesATaskToAnIdleThreadRatherThanToANewOne() throws Exception {
        GrowingPool pool = pool(4, 4, new ArrayBlockingQueue<>(1), MINUTE);

        for (int i = 0; i < 100; i++) {
            pool.submit(() -> {}).get();
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> idleThreads(pool) == 1);
        }

        assertThat(pool.threads()).isEqualTo(1);
    }

    @Test
    void makesNoThreadBeforeTheFirstTask() {
        assertThat(pool(3, 5, new ArrayBlockingQueue<>(1), MINUTE).threads()).isZero();
    }

    @Test
    void keepsTheMinimumWhenIdleAndEndsTheOthers() throws Exception {
        GrowingPool pool = pool(2, 6, new ArrayBlockingQueue<>(1), TimeUnit.MILLISECONDS.toNanos(5));
        for (int i = 0; i < 6; i++) {
            pool.execute(this::holdThread);
        }
        started.acquire(6);
        assertThat(pool.threads()).isEqualTo(6);

        mayEnd.release(6);

        await().until(() -> pool.threads() == 2 && idleThreads(pool) == 2);
        await().during(50, TimeUnit.MILLISECONDS).until(() -> pool.threads() == 2);
        assertThat(pool.submit(() -> "still works").get()).isEqualTo("still works");
    }

    @Test
    void runsTheTasksThatWaitInTheirOrder() throws InterruptedException {
        GrowingPool pool = pool(1, 1, new ArrayBlockingQueue<>(50), MINUTE);
        List<Integer> order = new ArrayList<>();
        pool.execute(this::holdThread);
        for (int i = 0; i < 50; i++) {
            int number = i;
            pool.execute(() -> order.add(number));
        }

        mayEnd.release();
        pool.shutdown();

        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(order).hasSize(50).isSorted();
    }

    @Test
    void keepsTheThreadWhoseTaskThrew() throws Exception {
        GrowingPool pool = pool(1, 1, new ArrayBlockingQueue<>(5), MINUTE);
        CompletableFuture<Thread> first = new CompletableFuture<>();
        CompletableFuture<Throwable> reported = new CompletableFuture<>();

        pool.execute(() -> {
            first.complete(Thread.currentThread());
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.complete(thrown));
            throw new IllegalStateException("on purpose");
        });

        assertThat(pool.submit(Thread::currentThread).get()).isSameAs(first.get());
        assertThat(reported.get()).hasMessage("on purpose");
    }

    @Test
    void hidesAnInterruptFromTheNextTask() throws Exception {
        GrowingPool pool = pool(1, 1, new ArrayBlockingQueue<>(5), MINUTE);

        Future<?> interrupting = pool.submit(() -> Thread.currentThread().interrupt());
        Future<Boolean> next = pool.submit(() -> Thread.currentThread().isInterrupted());

        interrupting.get();
        assertThat(next.get()).isFalse();
    }

    @Test
    void namesItsDaemonThreadsAndGivesThemTheClassLoaderOfItsCreator() throws Exception {
        GrowingPool pool = pool(1, 1, new ArrayBlockingQueue<>(1), MINUTE);

        Thread thread = pool.submit(Thread::currentThread).get();

        assertThat(thread.getName()).isEqualTo("test-1");
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getContextClassLoader())
                .isSameAs(Thread.currentThread().getContextClassLoader());
    }

    @Test
    void finishesWhatItAcceptedAfterShutdown() throws Exception {
        GrowingPool pool = pool(1, 2, new ArrayBlockingQueue<>(5), MINUTE);
        for (int i = 0; i < 5; i++) {
            pool.execute(this::holdThread);
        }

        pool.shutdown();

        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        assertThat(pool.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
        mayEnd.release(5);
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(started.availablePermits()).isEqualTo(5);
    }

    @Test
    void interruptsWhatRunsAndReturnsWhatWaitsAtShutdownNow() throws Exception {
        GrowingPool pool = pool(1, 1, new ArrayBlockingQueue<>(5), MINUTE);
        Runnable waiting = () -> {};
        pool.execute(this::holdThread);
        started.acquire();
        pool.execute(waiting);

        List<Runnable> neverRun = pool.shutdownNow();

        assertThat(neverRun).containsExactly(waiting);
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 100_000})
    void runsEveryTaskAcceptedExactlyOnceUnderManySubmitters(int places) throws Exception {
        int submitters = 8;
        int tasksEach = 5_000;
        // The short life of idle threads makes them come and go all the time.
        GrowingPool pool = pool(1, 6, new LinkedBlockingQueue<>(places), TimeUnit.MICROSECONDS.toNanos(20));
        AtomicIntegerArray runs = new AtomicIntegerArray(submitters * tasksEach);
        AtomicInteger rejected = new AtomicInteger();
        SplittableRandom seeds = new SplittableRandom(Seeds.fresh());
        List<Thread> threads = new ArrayList<>();
        for (int s = 0; s < submitters; s++) {
            SplittableRandom random = seeds.split();
            int first = s * tasksEach;
            Thread thread = new Thread(() -> {
                for (int i = first; i < first + tasksEach; i++) {
                    int task = i;
                    int spins = random.nextInt(200);
                    boolean throwing = random.nextInt(500) == 0;
                    Runnable body = () -> {
                        spin(spins);
                        runs.incrementAndGet(task);
                        if (throwing) {
                            Thread.currentThread().setUncaughtExceptionHandler((ignoredThread, ignored) -> {});
                            throw new IllegalStateException("on purpose");
                        }
                    };
                    try {
                        pool.execute(body);
                    } catch (RejectedExecutionException full) {
                        rejected.incrementAndGet();
                        runs.incrementAndGet(task);
                    }
                    spin(random.nextInt(50));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        pool.shutdown();

        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < runs.length(); i++) {
            assertThat(runs.get(i)).as("runs of task %d", i).isEqualTo(1);
        }
        if (places >= submitters * tasksEach) {
            assertThat(rejected).hasValue(0);
        }
    }

    @Test
    void neverLetsATaskWaitWhileItCouldGrowEvenIfThreadsEndMeanwhile() throws Exception {
        GrowingPool pool = pool(1, 3, new ArrayBlockingQueue<>(10), 1_000);
        for (int round = 0; round < 5_000; round++) {
            // Each task needs all the others to run at the same time.
            CountDownLatch together = new CountDownLatch(3);
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                results.add(pool.submit(() -> {
                    together.countDown();
                    return together.await(20, TimeUnit.SECONDS);
                }));
            }
            for (Future<?> result : results) {
                assertThat(result.get()).as("round %d", round).isEqualTo(true);
            }
        }
    }

    private GrowingPool pool(int min, int max, BlockingQueue<Runnable> queue, long keepAliveNanos) {
        GrowingPool pool = new GrowingPool(min, max, queue, "test-", keepAliveNanos, GrowingPool.MOST_WAITING);
        pools.add(pool);
        return pool;
    }

    private void holdThread() {
        started.release();
        try {
            mayEnd.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
