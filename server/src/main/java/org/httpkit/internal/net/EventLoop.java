package org.httpkit.internal.net;

import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One thread, one selector, and the links that live there. What is not said to be safe from any thread is confined to that
 * thread.
 */
public final class EventLoop implements Loop, Runnable {
    private static final int INPUT_BYTES = 64 * 1024;
    private static final long FAULT_PAUSE_MILLIS = 50;
    private static final int COMMANDS_PER_CYCLE = 4096;
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(EventLoop.class, "asleep", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A thread on which nothing may block. */
    static final class LoopThread extends Thread {
        LoopThread(Runnable loop, String name) {
            super(loop, name);
        }
    }

    private final Selector selector;
    private final Network network;
    private final Backlog backlog;
    private final NetObserver observer;
    private final Function<Link, Protocol> protocols;
    private final Thread thread;
    private final ByteBuffer input = ByteBuffer.allocate(INPUT_BYTES);
    private final Scratch scratch = new Scratch();
    private final DeadlineWheel wheel;
    private final Consumer<SelectionKey> ready = this::ready;

    // Confined to the loop thread.
    private boolean clockIsFresh;

    // Any thread.
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private volatile boolean asleep;
    private volatile boolean ended;
    /** The thread runs no more commands. */
    private volatile boolean over;

    private volatile long nanos = System.nanoTime();

    EventLoop(String name, Network network, Backlog backlog, Function<Link, Protocol> protocols, NetObserver observer)
            throws IOException {
        this.network = network;
        this.backlog = backlog;
        this.selector = Selector.open();
        this.protocols = protocols;
        this.observer = observer;
        this.wheel = new DeadlineWheel(nanos);
        this.thread = new LoopThread(this, name);
    }

    void start() {
        thread.start();
    }

    // ---- any thread

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
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
    public Backlog backlog() {
        return backlog;
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
        observer.loopFailed(failure);
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
            observer.loopFailed(e);
        }
    }

    void join() throws InterruptedException {
        thread.join();
    }

    // ---- loop thread

    @Override
    public void run() {
        while (!ended) {
            try {
                runCommands();
                select();
                wheel.run(nanos);
            } catch (IOException | RuntimeException | Error e) {
                // Each connection's faults are caught where they arise; this one is the loop's own.
                observer.loopFailed(e);
                pause();
            }
        }
        closeAll();
    }

    @Override
    public DeadlineWheel wheel() {
        return wheel;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        network.leaveClient(link.clientCount());
        link.clientCount(null);
        if (!network.isCounted(client)) {
            return true;
        }
        ClientCounts.Count count = network.tryEnter(client);
        link.clientCount(count);
        return count != null;
    }

    @Override
    public void closed(Link link) {
        network.leave(link.clientCount());
        observer.closed(link);
    }

    /** Adopts an accepted socket, and its client's count if it is counted. */
    void adopt(SocketChannel socket, ClientCounts.@Nullable Count count) {
        SelectionKey key;
        try {
            socket.configureBlocking(false);
            key = socket.register(selector, 0);
        } catch (IOException e) {
            observer.loopFailed(e);
            network.leave(count);
            discard(socket);
            return;
        }
        Link link = new Link(this, new NioWire(socket, key, network));
        link.clientCount(count);
        key.attach(link);
        observer.accepted(link);
        try {
            link.start(protocols.apply(link));
        } catch (RuntimeException | Error e) {
            observer.loopFailed(e);
            link.close(null);
        }
    }

    SelectionKey register(Acceptor acceptor) throws IOException {
        return acceptor.channel().register(selector, SelectionKey.OP_ACCEPT, acceptor);
    }

    /** Tells every link that the server stops, but for those that are to be told in their turn; after a last look at its input. */
    void stopLinks(Collection<Link> inTurn) {
        for (SelectionKey key : selector.keys().toArray(new SelectionKey[0])) {
            if (key.attachment() instanceof Link link) {
                link.readable(input); // requests that have arrived already
                if (link.endsInTurn()) {
                    inTurn.add(link);
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

    void closeLinks() {
        for (SelectionKey key : selector.keys().toArray(new SelectionKey[0])) {
            if (key.attachment() instanceof Link link) {
                link.close(null);
            }
        }
    }

    private void runCommands() {
        for (int i = 0; i < COMMANDS_PER_CYCLE; i++) {
            if (!runCommand()) {
                return;
            }
        }
    }

    private boolean runCommand() {
        Runnable command = commands.poll();
        if (command == null) {
            return false;
        }
        try {
            command.run();
        } catch (RuntimeException | Error e) {
            observer.loopFailed(e);
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

    private void select() throws IOException {
        clockIsFresh = false;
        asleep = true;
        if (commands.isEmpty() && !ended) { // the command that came with the end may have run already
            selector.select(ready, wheel.sleepMillis(System.nanoTime()));
        } else {
            selector.selectNow(ready);
        }
        awake();
    }

    /** Reads the clock, once per cycle; whoever woke the loop has cleared {@link #asleep} already. */
    private void awake() {
        if (!clockIsFresh) {
            clockIsFresh = true;
            asleep = false;
            nanos = System.nanoTime();
        }
    }

    private void ready(SelectionKey key) {
        awake();
        if (key.attachment() instanceof Link link) {
            int ready = key.isValid() ? key.readyOps() : 0;
            if ((ready & SelectionKey.OP_WRITE) != 0) {
                link.writable();
            }
            if ((ready & SelectionKey.OP_READ) != 0 && !link.isClosed()) {
                link.readable(input);
            }
        } else if (key.attachment() instanceof Acceptor acceptor) {
            acceptor.acceptable();
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(FAULT_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // Nobody interrupts a loop on purpose; it goes on.
        }
    }

    private void closeAll() {
        closeLinks();
        over = true;
        runLateCommands();
        discard();
    }
}
