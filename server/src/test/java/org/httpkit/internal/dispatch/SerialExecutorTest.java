package org.httpkit.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    private final Queue<Runnable> given = new ArrayDeque<>();
    private final List<Object> log = new ArrayList<>();
    private final AtomicInteger elsewhere = new AtomicInteger();
    private final SerialExecutor serial = executor(given::add, log::add);

    @Test
    void givesOneTaskToThePoolForAllThatWait() {
        for (int i = 0; i < 3; i++) {
            serial.execute(logging(i));
        }

        assertThat(given).hasSize(1);
        assertThat(serial.waiting()).isEqualTo(3);
        given.remove().run();
        assertThat(log).containsExactly(0, 1, 2);
        assertThat(serial.waiting()).isZero();
    }

    @Test
    void givesThePoolAnotherTaskOnceItWasIdle() {
        serial.execute(logging("first"));
        given.remove().run();
        serial.execute(logging("second"));

        given.remove().run();

        assertThat(log).containsExactly("first", "second");
        assertThat(given).isEmpty();
    }

    @Test
    void letsOthersHaveTheThreadAfter64Tasks() {
        for (int i = 0; i < 130; i++) {
            serial.execute(logging(i));
        }

        given.remove().run();
        assertThat(log).hasSize(64);
        assertThat(given).hasSize(1);
        given.remove().run();
        assertThat(log).hasSize(128);
        given.remove().run();
        assertThat(log).hasSize(130);
        assertThat(given).isEmpty();
    }

    @Test
    void reportsWhatATaskThrowsAndRunsTheNext() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        serial.execute(() -> {
            throw thrown;
        });
        serial.execute(logging("next"));

        given.remove().run();

        assertThat(log).containsExactly(thrown, "next");
    }

    @Test
    void goesOnIfWhoIsToldOfAFailureFailsToo() {
        SerialExecutor serial = executor(given::add, thrown -> {
            throw new IllegalStateException(thrown);
        });
        serial.execute(() -> {
            throw new AssertionError("on purpose");
        });
        serial.execute(logging("next"));

        given.remove().run();

        assertThat(log).containsExactly("next");
    }

    @Test
    void runsATaskGivenByATaskAfterIt() {
        SerialExecutor serial = executor(Runnable::run, log::add);

        serial.execute(() -> {
            log.add("outer begins");
            serial.execute(logging("inner"));
            log.add("outer ends");
        });

        assertThat(log).containsExactly("outer begins", "outer ends", "inner");
    }

    @Test
    void runsManyTasksOnAnExecutorThatRunsThemAtOnceWithoutNesting() {
        SerialExecutor serial = executor(Runnable::run, log::add);

        serial.execute(() -> {
            for (int i = 0; i < 100_000; i++) {
                serial.execute(logging(i));
            }
        });

        assertThat(log).hasSize(100_000);
        assertThat(serial.waiting()).isZero();
    }

    @Test
    void holdsNoLockWhileATaskRunsInsideTheCaller() {
        SerialExecutor serial = executor(Runnable::run, log::add);

        serial.execute(() -> log.add(Thread.holdsLock(serial)));

        assertThat(log).containsExactly(false);
    }

    @Test
    void tellsTheCallerOfARefusalAndWorksAfterIt() {
        AtomicInteger refusing = new AtomicInteger(1);
        SerialExecutor serial = executor(refusing(refusing), log::add);

        assertThatThrownBy(() -> serial.execute(logging("refused"))).isInstanceOf(RejectedExecutionException.class);
        assertThat(serial.waiting()).isZero();
        serial.execute(logging("accepted"));

        given.remove().run();
        assertThat(log).containsExactly("accepted");
    }

    @Test
    void keepsNobodyWaitingWhileAnExecutorTakesItsTimeToTakeATask() throws Exception {
        CountDownLatch handingOver = new CountDownLatch(1);
        CountDownLatch threadStarted = new CountDownLatch(1);
        SerialExecutor serial = executor(
                task -> {
                    handingOver.countDown();
                    await(threadStarted);
                    task.run();
                },
                log::add);
        CompletableFuture<Void> first =
                CompletableFuture.runAsync(() -> serial.execute(logging("first")), task -> new Thread(task).start());
        await(handingOver);

        CompletableFuture<Void> second =
                CompletableFuture.runAsync(() -> serial.execute(logging("second")), task -> new Thread(task).start());

        assertThat(second).succeedsWithin(10, TimeUnit.SECONDS);
        assertThat(log).isEmpty();
        threadStarted.countDown();
        assertThat(first).succeedsWithin(10, TimeUnit.SECONDS);
        assertThat(log).containsExactly("first", "second");
    }

    @Test
    void keepsNobodyWaitingWhileAnExecutorTakesItsTimeToTakeTheNextBatch() throws Exception {
        CountDownLatch handingOn = new CountDownLatch(1);
        CountDownLatch threadStarted = new CountDownLatch(1);
        AtomicInteger handedOver = new AtomicInteger();
        SerialExecutor serial = executor(
                task -> {
                    if (handedOver.getAndIncrement() > 0) {
                        handingOn.countDown();
                        await(threadStarted);
                    }
                    given.add(task);
                },
                log::add);
        for (int i = 0; i < 65; i++) {
            serial.execute(logging(i));
        }
        CompletableFuture<Void> batch = CompletableFuture.runAsync(given.remove(), task -> new Thread(task).start());
        await(handingOn);

        CompletableFuture<Void> giver =
                CompletableFuture.runAsync(() -> serial.execute(logging("more")), task -> new Thread(task).start());

        assertThat(giver).succeedsWithin(10, TimeUnit.SECONDS);
        threadStarted.countDown();
        assertThat(batch).succeedsWithin(10, TimeUnit.SECONDS);
        given.remove().run();
        assertThat(log).hasSize(66).endsWith(64, "more");
    }

    @Test
    void runsWhatOthersHaveGivenWhileATaskWasBeingRefused() {
        AtomicInteger refusing = new AtomicInteger(1);
        SerialExecutor serial = executor(givingAndRefusing(refusing), log::add);

        assertThatThrownBy(() -> serial.execute(logging("refused"))).isInstanceOf(RejectedExecutionException.class);

        given.remove().run();
        assertThat(log).containsExactly("given meanwhile");
        assertThat(serial.isIdle()).isTrue();
    }

    @Test
    void runsWhatOthersHaveGivenElsewhereIfThePoolGoesOnRefusing() {
        AtomicInteger refusing = new AtomicInteger(2);
        SerialExecutor serial = executor(givingAndRefusing(refusing), log::add);

        assertThatThrownBy(() -> serial.execute(logging("refused"))).isInstanceOf(RejectedExecutionException.class);

        assertThat(log).containsExactly("given meanwhile");
        assertThat(elsewhere).hasValue(1);
        assertThat(serial.isIdle()).isTrue();
    }

    /** Has a task given by somebody else while it refuses one. */
    private Executor givingAndRefusing(AtomicInteger times) {
        AtomicBoolean first = new AtomicBoolean(true);
        Executor refusing = refusing(times);
        return task -> {
            if (first.getAndSet(false)) {
                ((SerialExecutor) task).execute(logging("given meanwhile"));
            }
            refusing.execute(task);
        };
    }

    @Test
    void doesNotTakeATaskForRefusedThatHasRun() {
        SerialExecutor serial = executor(
                task -> {
                    task.run();
                    throw new RejectedExecutionException("too late");
                },
                log::add);

        serial.execute(logging("ran"));

        assertThat(log).containsExactly("ran");
        assertThat(serial.isIdle()).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void goesOnInTheSameThreadIfThePoolRefusesTheNextBatch() {
        AtomicInteger refusing = new AtomicInteger();
        SerialExecutor serial = executor(refusing(refusing), log::add);
        for (int i = 0; i < 200; i++) {
            serial.execute(logging(i));
        }
        refusing.set(1);

        given.remove().run();

        assertThat(log).hasSize(128);
        given.remove().run();
        given.remove().run();
        assertThat(log).hasSize(200);
    }

    @Test
    void runsNothingBeforeItIsOpened() {
        SerialExecutor serial = held(Runnable::run, log::add);
        serial.execute(logging(1));
        serial.execute(logging(2));

        assertThat(log).isEmpty();
        assertThat(serial.waiting()).isEqualTo(2);
        serial.open();
        serial.open();
        serial.execute(logging(3));
        assertThat(log).containsExactly(1, 2, 3);
    }

    @Test
    void asksThePoolForNothingWhenItIsOpenedWithoutTasks() {
        SerialExecutor serial = held(given::add, log::add);

        serial.open();

        assertThat(given).isEmpty();
        serial.execute(logging("first"));
        assertThat(given).hasSize(1);
    }

    @Test
    void runsWhatHasWaitedInTheThreadThatOpensItIfThePoolRefuses() {
        AtomicInteger refusing = new AtomicInteger(1);
        SerialExecutor serial = held(refusing(refusing), log::add);
        serial.execute(logging(1));
        serial.execute(logging(2));

        serial.open();

        assertThat(log).containsExactly(1, 2);
        serial.execute(logging(3));
        given.remove().run();
        assertThat(log).containsExactly(1, 2, 3);
    }

    @Test
    void runsEachAcceptedTaskOnceAndInTheOrderOfItsSubmitterWhileThePoolRefusesSome() throws Exception {
        SplittableRandom seeds = new SplittableRandom(Seeds.fresh());
        ExecutorService pool = new GrowingPool(1, 4, new ArrayBlockingQueue<>(10_000), "test-");
        int submitters = 6;
        int tasksEach = 20_000;
        SplittableRandom refusals = seeds.split();
        Executor moody = task -> {
            boolean refuses;
            synchronized (refusals) {
                refuses = refusals.nextInt(4) == 0;
            }
            if (refuses) {
                throw new RejectedExecutionException("on purpose");
            }
            pool.execute(task);
        };
        SerialExecutor serial = executor(moody, log::add);
        // Not thread-safe on purpose: tasks run one at a time and see what the one before did.
        int[] last = new int[submitters];
        int[] ran = new int[1];
        List<String> disorder = new ArrayList<>();
        Arrays.fill(last, -1);
        AtomicInteger accepted = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int s = 0; s < submitters; s++) {
            int submitter = s;
            SplittableRandom random = seeds.split();
            Thread thread = new Thread(() -> {
                for (int i = 0; i < tasksEach; i++) {
                    int number = i;
                    try {
                        serial.execute(() -> {
                            if (last[submitter] >= number) {
                                disorder.add(submitter + ": " + number + " after " + last[submitter]);
                            }
                            last[submitter] = number;
                            ran[0]++;
                        });
                        accepted.incrementAndGet();
                    } catch (RejectedExecutionException refused) {
                        // It must not run; the count shows that.
                    }
                    for (int spins = random.nextInt(100); spins > 0; spins--) {
                        Thread.onSpinWait();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        awaitAllTasks(serial);
        pool.shutdown();

        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log).isEmpty();
        assertThat(disorder).isEmpty();
        assertThat(ran[0]).isEqualTo(accepted.get());
        assertThat(serial.waiting()).isZero();
    }

    /** Not all tasks run in the pool: those that were accepted before it refused others run elsewhere if they have to. */
    private static void awaitAllTasks(SerialExecutor serial) throws InterruptedException {
        CountDownLatch last = new CountDownLatch(1);
        boolean accepted = false;
        while (!accepted) {
            try {
                serial.execute(last::countDown);
                accepted = true;
            } catch (RejectedExecutionException refused) {
                // It is tried again.
            }
        }
        assertThat(last.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private SerialExecutor executor(Executor underlying, Consumer<Throwable> failures) {
        SerialExecutor made = held(underlying, failures);
        made.open();
        return made;
    }

    private SerialExecutor held(Executor underlying, Consumer<Throwable> failures) {
        return new SerialExecutor() {
            @Override
            protected void handOver() {
                underlying.execute(this);
            }

            @Override
            protected void handOverRefused() {
                elsewhere.incrementAndGet();
                run();
            }

            @Override
            protected void failed(Throwable thrown) {
                failures.accept(thrown);
            }
        };
    }

    private Executor refusing(AtomicInteger times) {
        return task -> {
            if (times.getAndDecrement() > 0) {
                throw new RejectedExecutionException("on purpose");
            }
            given.add(task);
        };
    }

    private Runnable logging(Object what) {
        return () -> log.add(what);
    }
}
