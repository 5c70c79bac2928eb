package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A loop that whoever calls {@link #run} is the thread of, meanwhile. Its door is the real one's: a queue. */
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

    /** Works as the loop: the unit, and then what has come through the door. */
    public void run(Runnable unit) {
        current = Thread.currentThread();
        unit.run();
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
        current = null;
    }

    /** Works as the loop until there is nothing more to do for this link. */
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

    /** The loop finds that the peer has sent something. */
    public void read(Link link) {
        run(() -> link.readable(INPUT.get()));
    }

    /** What is still counted as waiting, and faults of ours; empty if all is as it should be. */
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
