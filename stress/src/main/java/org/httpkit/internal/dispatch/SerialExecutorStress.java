package org.httpkit.internal.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The calls of one channel: they run one at a time, in each submitter's order, none is lost, and each sees what the one before did. */
final class SerialExecutorStress {
    private SerialExecutorStress() {}

    /** What ran. No lock guards it, so it is right only if tasks run one at a time and see each other's work. */
    private static final class Diary {
        private String ran = "";
        private boolean running;
        private boolean overlapped;

        Runnable task(char name) {
            return () -> {
                overlapped |= running;
                running = true;
                ran += name;
                running = false;
            };
        }

        @Override
        public String toString() {
            return ran + (overlapped ? " two at once" : "");
        }
    }

    /** An open executor that ignores failures, since no task fails. */
    private static final class Opened extends SerialExecutor {
        private final Executor underlying;

        Opened(Executor underlying) {
            this.underlying = underlying;
            open();
        }

        @Override
        protected void handOver() {
            underlying.execute(this);
        }

        @Override
        protected void failed(Throwable thrown) {}
    }

    @JCStressTest
    @Description("Two threads give tasks to an executor that runs each in the thread that gives it.")
    @Outcome(
            id = {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"},
            expect = ACCEPTABLE,
            desc = "All, each giver's in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled, out of order, or two at once")
    @State
    public static class InTheCaller {
        private final Diary diary = new Diary();
        private final SerialExecutor executor = new Opened(Runnable::run);

        @Actor
        public void one() {
            executor.execute(diary.task('a'));
            executor.execute(diary.task('b'));
        }

        @Actor
        public void another() {
            executor.execute(diary.task('x'));
            executor.execute(diary.task('y'));
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = diary + (executor.waiting() == 0 ? "" : " waiting " + executor.waiting());
        }
    }

    @JCStressTest
    @Description("A thread gives tasks while a thread of the worker runs earlier ones and finds nothing more to do.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "All, in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled, out of order, or two at once")
    @State
    public static class OnAWorker {
        private final Diary diary = new Diary();
        private final ConcurrentLinkedQueue<Runnable> worker = new ConcurrentLinkedQueue<>();
        private final SerialExecutor executor = new Opened(worker::add);

        public OnAWorker() {
            executor.execute(diary.task('a'));
        }

        @Actor
        public void giver() {
            executor.execute(diary.task('b'));
            executor.execute(diary.task('c'));
        }

        @Actor
        public void worker() {
            for (Runnable task = worker.poll(); task != null; task = worker.poll()) {
                task.run();
            }
        }

        @Arbiter
        public void arbiter(L_Result result) {
            worker();
            result.r1 = diary + (executor.waiting() == 0 ? "" : " waiting " + executor.waiting());
        }
    }

    @JCStressTest
    @Description("The worker refuses the first task, while another thread gives one.")
    @Outcome(
            id = {"b, refused a", "a, refused b"},
            expect = ACCEPTABLE,
            desc = "What was accepted runs, what was refused does not")
    @Outcome(id = ", refused ab", expect = FORBIDDEN, desc = "Refused although the worker takes tasks again")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled, or run although refused")
    @State
    public static class Refused {
        private final Diary diary = new Diary();
        private final AtomicBoolean refuses = new AtomicBoolean(true);
        private final SerialExecutor executor = new Opened(this::runUnlessRefused);
        private volatile String refusedOne = "";
        private volatile String refusedOther = "";

        private void runUnlessRefused(Runnable task) {
            if (refuses.getAndSet(false)) {
                throw new RejectedExecutionException();
            }
            task.run();
        }

        @Actor
        public void one() {
            try {
                executor.execute(diary.task('a'));
            } catch (RejectedExecutionException e) {
                refusedOne = "a";
            }
        }

        @Actor
        public void another() {
            try {
                executor.execute(diary.task('b'));
            } catch (RejectedExecutionException e) {
                refusedOther = "b";
            }
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = diary + (executor.waiting() == 0 ? "" : " waiting " + executor.waiting());
            result.r2 = "refused " + refusedOne + refusedOther;
        }
    }
}
