package org.httpkit.internal.net;

import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One selector, the links that live there, and one thread at a time that runs them: the holder of the loop's {@link Baton}. What
 * is not said to be safe from any thread is confined to the holder.
 *
 * <p>A call of the application's is not made within the work on a link's input, but noted there and made right after it, by
 * {@link #makeCalls}: so a thread that loses the loop meanwhile has nothing of the loop's on its stack, and another goes on from
 * the fields.
 */
public final class EventLoop implements Loop {
    private static final int INPUT_BYTES = 64 * 1024;
    private static final long FAULT_PAUSE_MILLIS = 50;
    private static final int COMMANDS_PER_CYCLE = 128;
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(EventLoop.class, "asleep", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Who takes connections in. */
    interface Listener {
        /** Somebody may have connected. */
        void acceptable();
    }

    private final Selector selector;
    private final LoopSurroundings surroundings;
    private final Function<Link, Protocol> protocols;
    private final Baton baton = new Baton();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final ByteBuffer input = ByteBuffer.allocate(INPUT_BYTES);
    private final Scratch scratch = new Scratch();
    private final DeadlineWheel wheel;
    private final Consumer<SelectionKey> collect = new Collector();

    // Confined to the holder.
    private boolean clockIsFresh;
    /** Whether work that may have taken long was done since the clock was read. */
    private boolean clockIsOld;
    /** Whether output was written that others had left to the loop. */
    private boolean flushed;
    /** The keys that were ready when the selector was last asked, up to readyCount; those before readyNext have had their turn. */
    private SelectionKey[] ready = new SelectionKey[64];

    private int readyCount;
    private int readyNext;
    /** Whether the work that runs is on one link alone, so that a call of that link can be made right after it. */
    private boolean callsAllowed;
    /** The call to make when the work on its link has returned. */
    private @Nullable LoopCall call;

    private @Nullable Link caller;
    /** Whose call is being made. */
    private @Nullable Link calling;
    /** Registers the caller with the selector, if it has just been accepted; after its calls. */
    private @Nullable Runnable newcomer;

    // Any thread.
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private volatile boolean asleep;
    /** Who holds the loop, or has put it down. */
    private volatile @Nullable LoopThread thread;

    /** A fault that could not be reported, for want of memory above all; reported later. */
    private volatile @Nullable Throwable unreported;

    /** The link that was just accepted and is not registered yet, while work on it runs. Written by the holder. */
    private volatile @Nullable Link adopted;

    private volatile boolean ended;
    /** The thread runs no more commands. */
    private volatile boolean over;

    private volatile long nanos = System.nanoTime();

    EventLoop(LoopSurroundings surroundings, Function<Link, Protocol> protocols) throws IOException {
        this.surroundings = surroundings;
        this.selector = Selector.open();
        this.protocols = protocols;
        this.wheel = new DeadlineWheel(nanos);
    }

    Baton baton() {
        return baton;
    }

    /**
     * Since when a thread has been at work on one cycle of a loop, on the scale of {@link System#nanoTime}: for tests, which watch that
     * no cycle lasts. 0 if the thread is no loop's, sleeps, or makes a call of the application's. From any thread; what it says may be
     * outdated.
     */
    public static long busySinceNanos(Thread thread) {
        Loop held = thread instanceof LoopThread runner && !runner.isInCall() ? runner.held() : null;
        return !(held instanceof EventLoop loop) || loop.asleep ? 0 : loop.nanos;
    }

    // ---- any thread

    @Override
    public boolean isCurrent() {
        return LoopThread.callerHolds(this);
    }

    /** The one door into the loop. Wakes it only if it sleeps, and only once for all who come meanwhile. */
    @Override
    public void execute(Runnable command) {
        commands.add(command);
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
        return nanos;
    }

    @Override
    public Scratch scratch() {
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

    /** The call that is made takes too long: has its thread remember why. */
    void lookAtReason() {
        LoopThread stuck = thread;
        if (stuck != null) {
            stuck.lookAtReason();
        }
    }

    /** Lets the thread end after the current cycle; links that are still open are closed. */
    void end() {
        ended = true;
        execute(() -> {});
    }

    /** Frees the selector of a loop that was never started, or has ended. */
    void discard() {
        discard(selector);
    }

    void discard(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            report(e);
        }
    }

    /** Waits until the loop has ended, but no longer than that; whether it has. An interrupt does not end the wait. */
    boolean join(long deadlineNanos) {
        return Patience.await(finished, deadlineNanos);
    }

    /** If the thread is in a call of the application's that it makes on the loop, has it give up. */
    void interruptCall() {
        LoopThread runner = thread;
        if (runner != null) {
            runner.interruptCall();
        }
    }

    /**
     * Closes the sockets of a loop that was told to end and has not, because a call of the application's does not return. If it
     * ever does, the loop ends as usual.
     */
    void abandon() {
        Link unregistered = adopted;
        if (unregistered != null) {
            unregistered.closeAbandoned();
        }
        try {
            for (SelectionKey key : selector.keys().toArray(new SelectionKey[0])) {
                if (key.attachment() instanceof Link link) {
                    link.closeAbandoned();
                }
            }
        } catch (ClosedSelectorException e) {
            return; // the call has returned just now, and the loop ended by itself
        }
        deregisterClosed();
    }

    /** Has the kernel let go of channels that another thread than the loop's has closed. */
    void deregisterClosed() {
        try {
            selector.wakeup();
            selector.selectNow(ready -> {}); // the loop finds what is ready when it asks itself
        } catch (IOException | ClosedSelectorException e) {
            // The loop has ended meanwhile.
        }
    }

    // ---- the holder

    /** Runs the loop until it ends, or another thread has taken it over during a call. */
    void run() {
        thread = LoopThread.caller();
        boolean mine = true;
        while (mine && !ended) {
            try {
                mine = goOnAfterCall() && workOnReady() && runCommands();
                if (mine) {
                    select();
                    mine = workOnReady();
                }
                if (mine) {
                    wheel.run(nanos);
                }
            } catch (Throwable e) { // also what is checked: code in other languages throws it undeclared
                // Each connection's faults are caught where they arise; this one is the loop's own.
                report(e);
                mine = isCurrent();
                if (mine) {
                    callsAllowed = false;
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

    // ---- calls

    @Override
    public boolean callNext(Link link, LoopCall next) {
        if (!callsAllowed || call != null || !surroundings.standby().isReady()) {
            return false;
        }
        call = next;
        caller = link;
        return true;
    }

    @Override
    public void workedLong() {
        clockIsOld = true;
    }

    @Override
    public boolean hasCall() {
        return call != null;
    }

    /** Makes the call that the last work has left, and those that it leads to; false if the loop was lost meanwhile. */
    private boolean makeCalls() {
        while (call != null) {
            LoopCall made = call;
            calling = caller;
            call = null;
            if (clockIsOld) {
                nanos = System.nanoTime(); // what came before is not the call's fault
                clockIsOld = false;
            }
            long begun = nanos;
            LoopThread self = LoopThread.caller();
            self.putDown(baton);
            surroundings.standby().rouse();
            make(made);
            boolean mine = self.pickUp(baton, this);
            long now = System.nanoTime();
            if (mine) {
                nanos = now;
            }
            try {
                made.finish(mine ? LoopCall.Effect.KEPT_LOOP : self.reasonForLoss(), now - begun);
            } catch (Throwable e) {
                report(e);
            }
            if (!mine) {
                return false;
            }
            called();
        }
        return true;
    }

    private void make(LoopCall made) {
        try {
            made.call();
        } catch (Throwable e) {
            report(e);
        }
        Thread.interrupted(); // whatever the application meant by it, the loop is not to hear of it
    }

    /** Goes on where the thread that held the loop before has got stuck. */
    private boolean goOnAfterCall() {
        if (calling == null) {
            return true;
        }
        nanos = System.nanoTime();
        called();
        return makeCalls();
    }

    private void called() {
        Link link = Objects.requireNonNull(calling);
        calling = null;
        callsAllowed = true;
        link.called();
        callsAllowed = false;
        Runnable registration = newcomer;
        if (registration != null && call == null) {
            newcomer = null;
            registration.run();
        }
    }

    @Override
    public DeadlineWheel wheel() {
        return wheel;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        surroundings.admission().leaveClient(link.clientCount());
        link.clientCount(null);
        if (!surroundings.admission().isCounted(client)) {
            return true;
        }
        ClientCounts.Count count = surroundings.admission().tryEnter(client);
        link.clientCount(count);
        return count != null;
    }

    @Override
    public void closed(Link link) {
        surroundings.admission().leave(link.clientCount());
        surroundings.observer().closed(link);
    }

    @Override
    public void closeFailed(IOException cause) {
        surroundings.observer().closeFailed(cause);
    }

    /** Adopts an accepted socket, and its client's count if it is counted. */
    void adopt(SocketChannel socket, ClientCounts.@Nullable Count count) {
        SocketTransport wire;
        Link link;
        try {
            socket.configureBlocking(false);
            wire = new SocketTransport(socket, surroundings.traffic(), surroundings.address());
            link = new Link(this, wire);
        } catch (Throwable e) {
            discard(socket);
            surroundings.admission().leave(count);
            report(e);
            return;
        }
        link.clientCount(count);
        try {
            link.start(protocols.apply(link));
        } catch (Throwable e) {
            link.close(ClosedException.INTERNAL_ERROR);
            report(e);
        }
        adopted = link;
        link.readable(input); // most clients have sent something by now; who wants a single answer is never registered
        adopted = null;
        if (call == null) {
            register(wire, link);
        } else {
            newcomer = () -> register(wire, link);
        }
    }

    private void register(SocketTransport wire, Link link) {
        if (!link.isClosing()) {
            wire.register(selector, link);
            link.updateInterest();
        }
    }

    SelectionKey register(ServerSocketChannel channel, Listener listener) throws IOException {
        return channel.register(selector, SelectionKey.OP_ACCEPT, listener);
    }

    /** Tells every link that the server stops, but for those that are to be told in their turn; after a last look at its input. */
    void stopLinks(Consumer<Link> inTurn) {
        callsAllowed = false; // the work is on many links
        for (SelectionKey key : selector.keys().toArray(new SelectionKey[0])) {
            if (key.attachment() instanceof Link link) {
                link.readable(input); // requests that have arrived already
                if (link.endsInTurn()) {
                    inTurn.accept(link);
                } else {
                    link.stopping();
                }
            }
        }
    }

    /** Has every link look at the clock soon: what it goes by may have changed. */
    void checkLinks() {
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Link link) {
                link.checkBy(nanos);
            }
        }
    }

    /** The links that have been idle for longest. */
    List<LongestIdle.Idle> longestIdle(int most) {
        LongestIdle longest = new LongestIdle(most);
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Link link) {
                long since = link.idleSinceNanos();
                if (since != Protocol.NO_DEADLINE) {
                    longest.add(link, since);
                }
            }
        }
        return longest.all();
    }

    void closeLinks() {
        for (SelectionKey key : selector.keys().toArray(new SelectionKey[0])) {
            if (key.attachment() instanceof Link link) {
                link.close(null);
            }
        }
    }

    /** Has the selector let go of what was closed: until then the kernel keeps a listening socket. */
    void letGoOfClosed() throws IOException {
        selector.selectNow(collect);
    }

    private boolean runCommands() {
        for (int i = 0; i < COMMANDS_PER_CYCLE; i++) {
            callsAllowed = true;
            boolean ran = runCommand();
            callsAllowed = false;
            clockIsOld = true;
            if (!makeCalls()) {
                return false;
            }
            if (!ran) {
                break;
            }
        }
        return true;
    }

    private boolean runCommand() {
        Runnable command = commands.poll();
        if (command == null) {
            return false;
        }
        flushed |= command instanceof OutboundQueue;
        try {
            command.run();
        } catch (Throwable e) {
            report(e);
        }
        return true;
    }

    /** After the end: the links are closed, but who waits to be told of that must be told. */
    private synchronized void runLateCommands() {
        boolean more = true;
        while (more) {
            more = runCommand();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // where yielding does nothing, broadcasts only cost more wake-ups
    private void select() throws IOException {
        clockIsFresh = false;
        reportLate();
        Thread.interrupted(); // meant for a call of the application's that is over: it would keep the selector from
        // sleeping
        if (flushed && commands.isEmpty()) {
            Thread.yield(); // who sends to many is likely still at it, and was kept from it by our waking up
        }
        flushed = false;
        asleep = true;
        if (commands.isEmpty() && !ended) { // the command that came with the end may have run already
            selector.select(collect, wheel.sleepMillis(System.nanoTime()));
        } else {
            selector.selectNow(collect);
        }
        awake();
    }

    /** Takes note of what is ready. The selector is locked while it tells: the work on it comes later. */
    private final class Collector implements Consumer<SelectionKey> {
        @Override
        public void accept(SelectionKey key) {
            awake();
            if (readyCount == ready.length) {
                ready = Arrays.copyOf(ready, 2 * readyCount);
            }
            ready[readyCount++] = key;
        }
    }

    /** Gives each ready key its turn; false if the loop was lost meanwhile. */
    private boolean workOnReady() {
        while (readyNext < readyCount) {
            SelectionKey key = ready[readyNext];
            ready[readyNext++] = null;
            callsAllowed = true;
            workOn(key);
            callsAllowed = false;
            if (!makeCalls()) {
                return false;
            }
        }
        readyNext = 0;
        readyCount = 0;
        return true;
    }

    /** Reads the clock, once per cycle; whoever woke the loop has cleared {@link #asleep} already. */
    private void awake() {
        if (!clockIsFresh) {
            clockIsFresh = true;
            clockIsOld = false;
            asleep = false;
            nanos = System.nanoTime();
        }
    }

    private void workOn(SelectionKey key) {
        if (key.attachment() instanceof Link link) {
            int ready = readyOps(key);
            if ((ready & SelectionKey.OP_WRITE) != 0) {
                link.writable();
            }
            if ((ready & SelectionKey.OP_READ) != 0 && !link.isClosed()) {
                link.readable(input);
            }
        } else if (key.attachment() instanceof Listener listener) {
            listener.acceptable();
            clockIsOld = true;
        }
    }

    /** A thread that has written to the socket may close it at any moment, and cancels the key by that; see {@link SocketTransport#close}. */
    private static int readyOps(SelectionKey key) {
        try {
            return key.readyOps();
        } catch (CancelledKeyException e) {
            return 0;
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(FAULT_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // Meant for a call of the application's that is over; the loop goes on.
        }
    }

    private void closeAll() {
        closeLinks();
        over = true;
        runLateCommands();
        discard();
    }
}
