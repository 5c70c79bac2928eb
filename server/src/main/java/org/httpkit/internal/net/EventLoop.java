package org.httpkit.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One selector, its links, and one thread at a time that runs them: the holder of the loop's {@link Baton}. Members not
 * marked as safe from any thread are confined to the holder.
 */
public final class EventLoop implements Loop {
    private static final long FAULT_PAUSE_MILLIS = 50;
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(EventLoop.class, "asleep", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Accepts connections. */
    interface Listener {
        void acceptable();
    }

    private final Selector selector;
    private final LoopSurroundings surroundings;
    private final LoopClock clock = new LoopClock();
    private final LoopCalls calls;
    private final LoopLinks links;
    private final LoopTurns turns;
    private final LoopCommands commands;
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Scratch scratch = new Scratch();
    private final Turn turn = new Turn();
    private final DeadlineWheel wheel = new DeadlineWheel(clock.nanos());
    private final Consumer<SelectionKey> collect = new Collector();

    // Any thread.
    private volatile boolean asleep;
    /** A fault that could not be reported, usually for lack of memory; reported later. */
    private volatile @Nullable Throwable unreported;

    private volatile boolean ended;
    /** Whether the thread runs no more commands. */
    private volatile boolean over;

    EventLoop(LoopSurroundings surroundings, Function<Link, Protocol> protocols) throws IOException {
        this.surroundings = surroundings;
        this.selector = Selector.open();
        this.calls = new LoopCalls(this, clock, surroundings.standby());
        this.links = new LoopLinks(this, selector, calls, surroundings, protocols);
        this.turns = new LoopTurns(this, links, calls);
        this.commands = new LoopCommands(this, calls);
    }

    LoopLinks links() {
        return links;
    }

    LoopCalls calls() {
        return calls;
    }

    /**
     * Since when a thread has worked on one cycle of a loop, for tests that detect long cycles. 0 if it is not a loop's
     * thread, sleeps, or makes a call of the application's code. From any thread; may be outdated.
     */
    public static long busySinceNanos(Thread thread) {
        Executor held = thread instanceof LoopThread runner && !runner.isInCall() ? runner.held() : null;
        return !(held instanceof EventLoop loop) || loop.asleep ? 0 : loop.clock.nanos();
    }

    // ---- any thread

    @Override
    public boolean isCurrent() {
        return LoopThread.callerHolds(this);
    }

    @Override
    public boolean isHeldByCaller() {
        return isCurrent() || (over && Thread.holdsLock(this));
    }

    /** With the next method, the only entry to the loop. Wakes it only if it sleeps, and once for all commands of that time. */
    @Override
    public void execute(Runnable command) {
        commands.add(command);
        rouse();
    }

    @Override
    public void executeFirst(Runnable command) {
        commands.addFirst(command);
        rouse();
    }

    private void rouse() {
        if (asleep && ASLEEP.compareAndSet(this, true, false)) {
            selector.wakeup();
        } else if (over) {
            ForkJoinPool.commonPool().execute(this::runLateCommands); // not here: the caller may hold a lock
        }
    }

    @Override
    public OutputBudget backlog() {
        return surroundings.backlog();
    }

    @Override
    public InputBudget inputBudget() {
        return surroundings.inputBudget();
    }

    @Override
    public long nanos() {
        return clock.nanos();
    }

    @Override
    public Scratch scratch() {
        assert isHeldByCaller();
        return scratch;
    }

    @Override
    public void report(Throwable failure) {
        try {
            surroundings.observer().loopFailed(failure);
        } catch (Throwable e) {
            unreported = failure;
        }
    }

    private void reportLate() {
        Throwable failure = unreported;
        if (failure != null) {
            unreported = null;
            report(failure);
        }
    }

    @Override
    public void runBlocking(Runnable task) {
        surroundings.blockingThreads().execute(task);
    }

    /** Lets the thread end after the current cycle; it closes links that are still open. */
    void end() {
        ended = true;
        execute(() -> {});
    }

    /** Frees the selector of a loop that was never started, or has ended. */
    void discard() {
        links.discard(selector);
    }

    /** Waits for the loop's end until the deadline; returns whether it has ended. Ignores interrupts. */
    boolean join(long deadlineNanos) {
        return Patience.await(finished, deadlineNanos);
    }

    /**
     * Closes the sockets of a loop that should end but has not, because a call of the application's code does not
     * return. If it ever does, the loop ends as usual.
     */
    void abandon() {
        if (links.closeAbandoned()) {
            deregisterClosed();
        } // else the call has just returned, and the loop ended normally
    }

    /** Makes the kernel release channels that a thread other than the loop's has closed. */
    void deregisterClosed() {
        try {
            selector.wakeup();
            selector.selectNow(ready -> {}); // the loop finds ready keys when it selects
        } catch (IOException | ClosedSelectorException e) {
            // The loop has ended.
        }
    }

    // ---- the holder

    /** Runs the loop until it ends, or another thread has taken it over during a call. */
    void run() {
        calls.holdBy(LoopThread.caller());
        boolean mine = true;
        while (mine && !ended) {
            try {
                mine = calls.goOn() && turns.give() && commands.run(clock.cycleNanos());
                if (mine) {
                    select();
                    mine = turns.give();
                }
                if (mine) {
                    wheel.run(clock.nanos());
                }
            } catch (Throwable e) { // also what is checked: code in other languages throws it undeclared
                // Each connection's faults are caught where they arise; this one is the loop's own.
                report(e);
                mine = isCurrent();
                if (mine) {
                    calls.forbid();
                    pause();
                }
            }
        }
        if (mine) {
            try {
                closeAll();
            } finally {
                finished.countDown();
            }
        }
    }

    // ---- for the links

    @Override
    public boolean callNext(Link link, LoopCall call) {
        return calls.note(link, call);
    }

    @Override
    public void readSoon(Link link) {
        turns.add(link);
    }

    @Override
    public long readClock() {
        assert isHeldByCaller();
        clock.read();
        return clock.nanos();
    }

    @Override
    public void workedLong() {
        clock.workedLong();
    }

    @Override
    public boolean hasCall() {
        assert isHeldByCaller();
        return calls.isNoted();
    }

    @Override
    public Turn turn() {
        assert isHeldByCaller();
        return turn;
    }

    @Override
    public DeadlineWheel wheel() {
        assert isHeldByCaller();
        return wheel;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        return links.countFor(client, link);
    }

    @Override
    public void closed(Link link) {
        links.closed(link);
    }

    @Override
    public void closeFailed(IOException cause) {
        surroundings.observer().closeFailed(cause);
    }

    // ---- the work

    SelectionKey register(ServerSocketChannel channel, Listener listener) throws IOException {
        return channel.register(selector, SelectionKey.OP_ACCEPT, listener);
    }

    /** Makes the selector release closed channels: until then the kernel keeps a listening socket. */
    void letGoOfClosed() throws IOException {
        assert isHeldByCaller();
        selector.selectNow(collect);
    }

    /** Runs commands after the end, because their senders may wait for them. */
    private synchronized void runLateCommands() {
        for (boolean more = true; more; ) {
            more = commands.runNext();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // where yielding does nothing, broadcasts only cost more wake-ups
    private void select() throws IOException {
        assert isCurrent();
        clock.beginCycle();
        reportLate();
        Thread.interrupted(); // meant for a call that is over: the selector would not sleep
        if (commands.takeFlushed() && commands.isEmpty()) {
            Thread.yield(); // a thread that sends to many links probably continues, and the wake-up interrupted it
        }
        asleep = true;
        if (commands.isEmpty() && !turns.isWaitedFor() && !ended) { // the command of the end may have run already
            selector.select(collect, wheel.sleepMillis(System.nanoTime()));
        } else {
            selector.selectNow(collect);
        }
        awake();
    }

    /** Only collects the ready keys, because the selector is locked during the call. */
    private final class Collector implements Consumer<SelectionKey> {
        @Override
        public void accept(SelectionKey key) {
            awake();
            turns.add(key);
        }
    }

    /** The thread that woke the loop has already cleared {@link #asleep}. */
    private void awake() {
        if (clock.readOnce()) {
            asleep = false;
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(FAULT_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // Meant for a call of the application's code that is over; the loop continues.
        }
    }

    private void closeAll() {
        links.close();
        over = true;
        runLateCommands();
        discard();
    }
}
