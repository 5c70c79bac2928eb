package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.httpkit.tests.ServerTest.eventually;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Traffic of all kinds at once, with faults, round after round, each with a new server that is stopped at rest or under
 * load. After each round the clients' counts are compared with the server's, and what is left is measured. Takes {@code
 * -Dhttpkit.soak.seconds}.
 */
@Tag("long")
final class SoakTest {
    static final int SMALL_FILE_BYTES = 100_000;
    /** Above what is streamed without being mapped into memory. */
    static final int LARGE_FILE_BYTES = (21 << 20) + 12_345;

    private static final int SECONDS = Integer.getInteger("httpkit.soak.seconds", 15);
    private static final int ROUNDS = Math.max(6, SECONDS / 20);
    private static final int CLIENTS = 8;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private static final long HEAP_SLACK_BYTES = 1 << 20;
    /** Such as a class path that is read. */
    private static final long DESCRIPTOR_SLACK = 4;
    /** Such as those that complete futures. */
    private static final long THREAD_SLACK = 4;

    /** What is there after a round. */
    private record Left(long heapBytes, long descriptors, long threads) {
        static Left now() {
            UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Left(
                    IdleMemoryBudgetTest.liveBytes(),
                    system.getOpenFileDescriptorCount(),
                    ManagementFactory.getThreadMXBean().getThreadCount());
        }
    }

    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final long seed = Seeds.fresh();

    private long asked;
    private long answered;
    private long aborted;
    private long lostToStops;
    private long takenForCut;

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** One server's life under traffic. */
    private final class Round {
        private final int number;
        private final boolean stopsUnderLoad;
        private final SoakSite site;
        private final SoakLedger ledger = new SoakLedger();
        private final Queue<Throwable> problems = new ConcurrentLinkedQueue<>();
        private final CountDownLatch problem = new CountDownLatch(1);
        private volatile boolean ending;
        private volatile boolean stopping;

        Round(int number, SoakSite site) {
            this.number = number;
            this.stopsUnderLoad = number % 2 == 1;
            this.site = site;
        }

        void run() throws Exception {
            Dispatch dispatch = Dispatch.values()[number % Dispatch.values().length];
            HttpServer server = HttpServer.builder()
                    .address("127.0.0.1", 0)
                    .dispatch(dispatch)
                    .eventLoops(2)
                    .handler(site)
                    .observer(site)
                    .closeTimeout(Duration.ofMillis(500))
                    .start();
            try {
                List<Future<?>> clients = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    Random random = new Random(seed + (long) CLIENTS * number + i);
                    clients.add(threads.submit(() -> runErrands(server.port(), random)));
                }
                boolean unused = problem.await(1000L * SECONDS / ROUNDS, TimeUnit.MILLISECONDS);
                stopping = stopsUnderLoad;
                ending = true;
                if (stopsUnderLoad) {
                    server.stop(STOP_TIMEOUT).get(30, TimeUnit.SECONDS);
                }
                for (Future<?> client : clients) {
                    client.get(60, TimeUnit.SECONDS);
                }
                if (!stopsUnderLoad) {
                    eventually(() -> assertAtRest(server));
                    DrainReport report = server.stop(STOP_TIMEOUT).get(30, TimeUnit.SECONDS);
                    assertThat(report.cut()).isZero();
                }
            } finally {
                server.close();
            }
            String what = "round " + number + " with " + dispatch;
            assertThat(problems).as(what).isEmpty();
            assertThat(site.loopFailures).as(what).isEmpty();
            eventually(() -> assertThat(site.finishedRequests())
                    .as(what)
                    .isEqualTo(server.stats().requests()));
            eventually(() -> assertThat(site.channelsClosed).as(what).hasValue(site.channelsOpened.get()));
            for (SoakKind kind : SoakKind.values()) {
                account(kind, what + ": " + kind);
            }
        }

        private void runErrands(int port, Random random) {
            SoakKind[] kinds = SoakKind.values();
            SoakClient client = new SoakClient(port, ledger, random);
            while (!ending) {
                SoakKind kind = kinds[random.nextInt(kinds.length)];
                try {
                    client.run(kind);
                } catch (IOException | RuntimeException | Error e) {
                    if (!stopping) {
                        problems.add(new AssertionError(kind + ": " + e, e));
                        problem.countDown();
                        return;
                    }
                }
            }
        }

        private void assertAtRest(HttpServer server) {
            assertThat(server.stats().connectionsOpen()).isZero();
            assertThat(server.stats().exchangesRunning()).isZero();
            assertThat(server.stats().webSocketsOpen()).isZero();
            assertThat(server.stats().queuedBytes()).isZero();
        }

        /**
         * What the clients have seen is what the server believes; only that it may take an answer for cut that was whole, if its
         * client goes away in the moment between the last byte and the end of the exchange.
         */
        private void account(SoakKind kind, String what) {
            long sent = ledger.howManyAsked(kind);
            long whole = ledger.howManyAnswered(kind);
            asked += sent;
            answered += whole;
            if (kind == SoakKind.ABORTED) {
                aborted += sent;
            } else if (stopsUnderLoad) {
                lostToStops += sent - whole;
                boolean endsEarly =
                        kind == SoakKind.POLL || kind == SoakKind.EVENTS; // with an answer, but not that one
                if (!endsEarly) {
                    assertThat(site.finished(kind, Outcome.ANSWERED)).as(what).isLessThanOrEqualTo(whole);
                }
            } else {
                assertThat(whole).as(what).isEqualTo(sent).isEqualTo(site.finished(kind));
                takenForCut += sent - site.finished(kind, kind.outcome);
            }
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS) // it takes as long as it was asked to
    void accountsForEveryRequestAndLeavesNothingBehind(@TempDir Path folder) throws Exception {
        assumeTrue(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean);
        Path smallFile = SoakPattern.file(folder.resolve("small"), SMALL_FILE_BYTES);
        Path largeFile = SoakPattern.file(folder.resolve("large"), LARGE_FILE_BYTES);
        List<Left> left = new ArrayList<>();
        for (int number = 0; number < ROUNDS; number++) {
            new Round(number, new SoakSite(smallFile, largeFile)).run();
            left.add(Left.now());
        }

        System.out.printf(
                "Soak: %d rounds, %d requests: %d answered, %d aborted by their clients, %d refused by a server that stops; %d of the"
                        + " answers taken for cut; heap %d to %d KB, descriptors %d to %d,"
                        + " threads %d to %d after the first round%n",
                ROUNDS,
                asked,
                answered,
                aborted,
                lostToStops,
                takenForCut,
                least(left, Left::heapBytes) >> 10,
                most(left, Left::heapBytes) >> 10,
                least(left, Left::descriptors),
                most(left, Left::descriptors),
                least(left, Left::threads),
                most(left, Left::threads));
        assertHeapFlat(left);
        assertFlat("descriptors", left, Left::descriptors, DESCRIPTOR_SLACK);
        assertFlat("threads", left, Left::threads, THREAD_SLACK);
    }

    /**
     * The least of the last third is as the least of the first: what the first round makes once is no leak. A single round does not tell:
     * a collection leaves gaps now and then, which count as used, of more than a megabyte together.
     */
    private static void assertHeapFlat(List<Left> left) {
        int third = left.size() / 3;
        long early = least(left.subList(0, 1 + third), Left::heapBytes);
        long late = least(left.subList(left.size() - 1 - third, left.size()), Left::heapBytes);
        System.out.printf("Soak: heap %d KB in the first third, %d KB in the last%n", early >> 10, late >> 10);
        assertThat(late).as("heap").isLessThanOrEqualTo(early + HEAP_SLACK_BYTES);
    }

    /** The last third is as the second round: what the first makes once is no leak. */
    private static void assertFlat(String what, List<Left> left, ToLongFunction<Left> figure, long slack) {
        for (Left late : left.subList(left.size() - left.size() / 3, left.size())) {
            assertThat(figure.applyAsLong(late)).as(what).isLessThanOrEqualTo(figure.applyAsLong(left.get(1)) + slack);
        }
    }

    private static long least(List<Left> left, ToLongFunction<Left> figure) {
        return left.stream().skip(1).mapToLong(figure).min().orElseThrow();
    }

    private static long most(List<Left> left, ToLongFunction<Left> figure) {
        return left.stream().skip(1).mapToLong(figure).max().orElseThrow();
    }
}
