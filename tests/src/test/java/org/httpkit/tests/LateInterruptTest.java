package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

/** The interrupt by which a stop ends a handler hits that handler, not what its thread does afterwards. */
final class LateInterruptTest extends ServerTest {
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    /** A worker's thread whose interrupt takes until its handler has returned. */
    private final class Interrupted extends Thread {
        private volatile boolean returned;
        private volatile boolean interruptIsOver;

        Interrupted(Runnable task, CompletableFuture<Boolean> interruptWasOver) {
            super(() -> {
                Interrupted self = (Interrupted) Thread.currentThread();
                task.run();
                interruptWasOver.complete(self.interruptIsOver);
                self.returned = true;
            });
        }

        @Override
        public void interrupt() {
            release.countDown();
            while (!returned && !waitsForUs()) {
                Thread.onSpinWait();
            }
            super.interrupt();
            interruptIsOver = true;
        }

        private boolean waitsForUs() {
            return Arrays.stream(getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("stopBeingRunner"));
        }
    }

    @Test
    void aTaskReturnsOnlyWhenAnInterruptOnItsWayHasCome() throws Exception {
        CompletableFuture<Boolean> interruptWasOver = new CompletableFuture<>();
        HttpServer server = serve(
                request -> {
                    running.countDown();
                    await(release);
                    return Response.text("late");
                },
                options -> options.dispatch(Dispatch.WORKER)
                        .worker(task -> new Interrupted(task, interruptWasOver).start()));
        connect(server).send(get("/"));
        await(running);

        server.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);

        assertThat(interruptWasOver.get(10, TimeUnit.SECONDS)).isTrue();
    }
}
