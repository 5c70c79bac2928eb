package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.httpkit.server.Worker.QueueType;
import org.junit.jupiter.api.Test;

class WorkerTest {
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    @Test
    void hasVirtualThreadsWhereTheJvmHas() throws Exception {
        Worker worker = Worker.create();

        if (Runtime.version().feature() >= 21) {
            assertThat(worker.type()).isEqualTo(WorkerType.VIRTUAL);
            assertThat(worker.queue()).isNull();
            assertThat(worker.queueType()).isNull();
        } else {
            assertThat(worker.type()).isEqualTo(WorkerType.FIXED);
        }
        assertThat(worker.cores()).isEqualTo(CORES);
        assertThat(worker.pool().submit(() -> Thread.currentThread().getName()).get())
                .startsWith("httpkit-server-worker-");
        worker.pool().shutdown();
    }

    @Test
    void hasPlatformThreadsIfVirtualOnesAreNotAllowed() throws Exception {
        Worker worker = Worker.builder().allowVirtual(false).prefix("mine-").build();

        assertThat(worker.type()).isEqualTo(WorkerType.FIXED);
        assertThat(worker.minThreads()).isEqualTo(Math.max(2, CORES));
        assertThat(worker.maxThreads()).isEqualTo(16 * CORES);
        assertThat(worker.queueType()).isEqualTo(QueueType.ARRAY);
        assertThat(worker.queueSize()).isEqualTo(20480);
        assertThat(worker.queue()).isInstanceOf(ArrayBlockingQueue.class);
        assertThat(worker.pool().submit(() -> Thread.currentThread().getName()).get())
                .isEqualTo("mine-1");
        worker.pool().shutdown();
    }

    @Test
    void takesTheOptionsGiven() {
        Worker worker = Worker.builder()
                .allowVirtual(false)
                .minThreads(3)
                .maxThreads(7)
                .queueType(QueueType.LINKED)
                .queueSize(9)
                .build();

        assertThat(worker.minThreads()).isEqualTo(3);
        assertThat(worker.maxThreads()).isEqualTo(7);
        assertThat(worker.queueSize()).isEqualTo(9);
        assertThat(worker.queue()).isInstanceOf(LinkedBlockingQueue.class);
        assertThat(worker).hasToString("Worker[fixed, 3 to 7 threads, LINKED queue of 9]");
    }

    @Test
    void bendsADefaultToTheOtherBoundGiven() {
        Worker few = Worker.builder().allowVirtual(false).maxThreads(1).build();
        Worker many =
                Worker.builder().allowVirtual(false).minThreads(16 * CORES + 1).build();
        Worker same = Worker.builder().allowVirtual(false).threads(5).build();

        assertThat(few.minThreads()).isEqualTo(1);
        assertThat(many.maxThreads()).isEqualTo(16 * CORES + 1);
        assertThat(same.minThreads()).isEqualTo(5);
        assertThat(same.maxThreads()).isEqualTo(5);
    }

    @Test
    void refusesNumbersOutOfRangeAndNamesThem() {
        Worker.Builder builder = Worker.builder();

        assertThatThrownBy(() -> builder.minThreads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minThreads: 0 (legal: 1 to 32768)");
        assertThatThrownBy(() -> builder.maxThreads(32769)).hasMessage("maxThreads: 32769 (legal: 1 to 32768)");
        assertThatThrownBy(() -> builder.threads(-1)).hasMessage("threads: -1 (legal: 1 to 32768)");
        assertThatThrownBy(() -> builder.queueSize(0)).hasMessage("queueSize: 0 (legal: 1 to 16777216)");
    }

    @Test
    void refusesAMinimumAboveTheMaximum() {
        Worker.Builder builder = Worker.builder().minThreads(8).maxThreads(4);

        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minThreads: 8 (legal: 1 to maxThreads, which is 4)");
    }
}
