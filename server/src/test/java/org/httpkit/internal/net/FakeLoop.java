package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A loop without a selector, whose commands run when a test says so. */
public class FakeLoop implements Loop {
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Runnable> blockingTasks = new ArrayDeque<>();
    private final DeadlineWheel wheel = new DeadlineWheel(0);
    private final Scratch scratch = new Scratch();
    private final Turn turn = new Turn();
    private final OutputBudget backlog;
    private final InputBudget inputBudget = new InputBudget(new InputLimits() {
        @Override
        public long maxReceivedBytesTotal() {
            return maxReceivedBytes;
        }

        @Override
        public long maxReceivedBytesPerAddress() {
            return maxReceivedBytesPerAddress;
        }
    });
    /** Whether no client has too many connections. */
    public boolean takesClients = true;

    long maxReceivedBytes = Long.MAX_VALUE;
    long maxReceivedBytesPerAddress = Long.MAX_VALUE;
    public long minBytesPerSecond;
    long nanos;
    private @Nullable Thread current;
    /** The thread of the test, which plays the loop even where it does not say so. */
    private final Thread player = Thread.currentThread();

    /** What another thread does at each time that somebody asks for the backlog. */
    Runnable whenAskedForBacklog = () -> {};

    public FakeLoop() {
        this(Long.MAX_VALUE);
    }

    /** @param maxQueuedBytes what may wait for all its links together */
    public FakeLoop(long maxQueuedBytes) {
        backlog = new OutputBudget(growing -> maxQueuedBytes, () -> minBytesPerSecond);
    }

    public void run(Runnable work) {
        current = Thread.currentThread();
        work.run();
        current = null;
    }

    /** Lets time pass, and checks what is due then. */
    public void letPass(long someNanos) {
        nanos += someNanos;
        run(() -> wheel.run(nanos));
    }

    public boolean hasCommands() {
        return !commands.isEmpty();
    }

    public void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            run(command);
        }
    }

    /** Runs what may wait for a disk, as another thread would. */
    public void runBlockingTasks() {
        for (Runnable task = blockingTasks.poll(); task != null; task = blockingTasks.poll()) {
            task.run();
        }
    }

    public boolean hasBlockingTasks() {
        return !blockingTasks.isEmpty();
    }

    @Override
    public boolean isCurrent() {
        return current == Thread.currentThread();
    }

    @Override
    public boolean isHeldByCaller() {
        return isCurrent() || Thread.currentThread() == player;
    }

    @Override
    public void execute(Runnable command) {
        commands.add(command);
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long freshNanos() {
        return nanos;
    }

    @Override
    public void readSoon(Link link) {
        execute(() -> link.readable(ByteBuffer.allocate(64 * 1024)));
    }

    @Override
    public void runBlocking(Runnable task) {
        blockingTasks.add(task);
    }

    @Override
    public DeadlineWheel wheel() {
        return wheel;
    }

    @Override
    public Scratch scratch() {
        return scratch;
    }

    @Override
    public Turn turn() {
        return turn;
    }

    @Override
    public InputBudget inputBudget() {
        return inputBudget;
    }

    @Override
    public OutputBudget backlog() {
        whenAskedForBacklog.run();
        return backlog;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        return takesClients;
    }

    @Override
    public void closeFailed(IOException cause) {
        throw new AssertionError(cause);
    }

    @Override
    public void closed(Link link) {}

    @Override
    public void report(Throwable failure) {
        throw new AssertionError(failure);
    }
}
