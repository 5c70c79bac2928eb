package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A loop that runs in the thread that calls {@link #run}. Other threads hand it commands through a queue, as they do with a real loop. */
public final class StressLoop implements Loop {
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);
    private static final ThreadLocal<ByteBuffer> INPUT = ThreadLocal.withInitial(() -> ByteBuffer.allocate(4096));

    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final OutputBudget backlog = new OutputBudget(growing -> Long.MAX_VALUE);
    private final InputBudget inputBudget = new InputBudget(new InputLimits() {
        @Override
        public long maxReceivedBytesTotal() {
            return Long.MAX_VALUE;
        }

        @Override
        public long maxReceivedBytesPerAddress() {
            return Long.MAX_VALUE;
        }
    });
    private final DeadlineWheel wheel = new DeadlineWheel(0);
    private final Turn turn = new Turn();
    private volatile @Nullable Thread current;
    private volatile @Nullable Throwable fault;

    public StressLoop() {}

    /** Runs the unit as the loop, and then the commands that have come through the queue. */
    public void run(Runnable unit) {
        current = Thread.currentThread();
        unit.run();
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
        current = null;
    }

    /** Works as the loop until this link needs nothing more. */
    public void finish(Link link, StressWire wire) {
        run(() -> {});
        while (wire.wantsRoom()) {
            run(link::writable);
        }
    }

    @Override
    public void readSoon(Link link) {
        execute(() -> link.readable(INPUT.get()));
    }

    /** Tells the loop that the peer has sent something. */
    public void read(Link link) {
        run(() -> link.readable(INPUT.get()));
    }

    /** What the server still counts as waiting, and its faults; empty if all is as it should be. */
    public String leftBehind(Link link) {
        return (link.queuedBytes() == 0 ? "" : " queued " + link.queuedBytes())
                + (backlog.bytes() == 0 ? "" : " backlog " + backlog.bytes())
                + (backlog.links() == 0 ? "" : " waiting links " + backlog.links())
                + (fault == null ? "" : " " + fault);
    }

    @Override
    public boolean isCurrent() {
        return current == Thread.currentThread();
    }

    @Override
    public void execute(Runnable command) {
        commands.add(command);
    }

    @Override
    public long nanos() {
        return 0;
    }

    @Override
    public long freshNanos() {
        return 0;
    }

    @Override
    public void runBlocking(Runnable task) {
        throw new UnsupportedOperationException("No files here");
    }

    @Override
    public DeadlineWheel wheel() {
        return wheel;
    }

    @Override
    public Scratch scratch() {
        return SCRATCH.get();
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
        return backlog;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        return true;
    }

    @Override
    public void closeFailed(IOException cause) {
        fault = cause;
    }

    @Override
    public void closed(Link link) {}

    @Override
    public void report(Throwable failure) {
        fault = failure;
    }
}
