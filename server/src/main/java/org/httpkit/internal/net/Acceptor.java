package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections from the listening socket and distributes them to the loops in turn. Confined to one loop.
 *
 * <p>When accepting fails, mostly for lack of descriptors, it pauses, longer each time, and tries again. At the limit
 * of open connections it gives up the one that has been idle longest, and leaves new ones in the backlog until one
 * closes. It closes a connection at once if the client has too many.
 */
final class Acceptor extends DeadlineWheel.Entry implements EventLoop.Listener, IdleSearch.Owner {
    private enum State {
        ACCEPTING,
        BACKING_OFF,
        FULL,
        CLOSED
    }

    private static final int ACCEPTS_PER_TURN = 128;
    private static final long SEARCH_PAUSE_NANOS = 250_000_000L;
    private static final long FIRST_PAUSE_NANOS = 50_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000L;

    private final ServerSocketChannel channel;
    private final EventLoop[] loops;
    /** The loop that listens. */
    private final EventLoop home;

    private final Admission admission;
    private final Traffic traffic;
    private final NetObserver observer;

    private final IdleSearch idleSearch;

    private State state = State.ACCEPTING;
    /** Whether the observer has been informed that there is no room. */
    private boolean toldFull;

    private @Nullable SelectionKey key;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private int turn;

    /** @param loops the first of them listens */
    Acceptor(
            ServerSocketChannel channel,
            EventLoop[] loops,
            Admission admission,
            Traffic traffic,
            NetObserver observer) {
        this.channel = channel;
        this.loops = loops;
        this.home = loops[0];
        this.admission = admission;
        this.traffic = traffic;
        this.observer = observer;
        this.idleSearch = new IdleSearch(loops, home, this);
    }

    void start() throws IOException {
        key = home.register(channel, this);
    }

    @Override
    public void acceptable() {
        assert home.isHeldByCaller();
        for (int i = 0; i < ACCEPTS_PER_TURN && state == State.ACCEPTING; i++) {
            if (!admission.tryEnter()) {
                if (i > 0) {
                    return; // perhaps no client waits: the selector will tell
                }
                moveTo(State.FULL);
                if (admission.hasRoom()) {
                    moveTo(State.ACCEPTING); // one closed between the two checks
                } else {
                    toldFull = false;
                    search();
                }
                return;
            }
            if (!acceptOne()) {
                admission.leave(null);
                return;
            }
        }
    }

    /** Makes sure that the search ends, whatever becomes of it. */
    private void search() {
        home.wheel().checkBy(this, home.nanos() + IdleSearch.LONGEST_NANOS);
        idleSearch.begin();
    }

    @Override
    public void searched(int givenUp) {
        assert home.isHeldByCaller();
        if (state != State.FULL) {
            return;
        }
        if (givenUp == 0 && !toldFull) {
            toldFull = true;
            observer.connectionsExhausted(admission.open());
        }
        home.wheel().checkBy(this, home.nanos() + SEARCH_PAUSE_NANOS);
    }

    /** Is called when a connection has closed, so that there may be room again. */
    void roomAgain() {
        assert home.isHeldByCaller();
        if (state == State.FULL && admission.hasRoom()) {
            moveTo(State.ACCEPTING);
        }
    }

    /**
     * Takes the connections that the kernel has already accepted, at most a full backlog in case more keep coming, and
     * stops listening.
     */
    void close() {
        assert home.isHeldByCaller();
        if (state == State.CLOSED) {
            return;
        }
        for (int i = 0; i < Network.BACKLOG && admission.tryEnter(); i++) {
            if (!acceptOne()) {
                admission.leave(null);
                break;
            }
        }
        moveTo(State.CLOSED);
        home.links().discard(channel);
    }

    /** Closes the listening socket of a server that could not be started. */
    void abandon() {
        home.links().discard(channel);
    }

    @Override
    protected long check(long nowNanos) {
        assert home.isHeldByCaller();
        if (state == State.BACKING_OFF) {
            moveTo(State.ACCEPTING);
        } else if (state == State.FULL) {
            search();
        }
        return Protocol.NO_DEADLINE;
    }

    private boolean acceptOne() {
        SocketChannel socket;
        try {
            socket = channel.accept();
        } catch (IOException | RuntimeException | Error e) { // the application may have supplied the listener
            moveTo(State.BACKING_OFF);
            home.wheel().checkBy(this, home.nanos() + pauseNanos);
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
            traffic.acceptFailures.increment();
            observer.acceptFailed(e instanceof IOException io ? io : new IOException("Accepting failed: " + e, e));
            return false;
        }
        if (socket == null) {
            return false;
        }
        pauseNanos = FIRST_PAUSE_NANOS;
        ClientCounts.Count count = null;
        try {
            traffic.accepted.increment();
            InetAddress client = clientOf(socket);
            if (client == null || !admission.isCounted(client)) {
                deal(socket, null);
                return true;
            }
            count = admission.tryEnter(client);
            if (count != null) {
                deal(socket, count);
                return true;
            }
            observer.connectionRefused(client);
        } catch (Throwable e) { // probably for lack of memory: neither the socket nor its place must be lost
            home.report(e);
        }
        home.links().discard(socket);
        admission.leave(count);
        return true;
    }

    /** A loop's task for a new socket. */
    private record Adoption(EventLoop loop, SocketChannel socket, ClientCounts.@Nullable Count count)
            implements Runnable {
        @Override
        public void run() {
            loop.links().adopt(socket, count);
        }
    }

    private void deal(SocketChannel socket, ClientCounts.@Nullable Count count) {
        assert home.isHeldByCaller();
        EventLoop loop = loops[Math.floorMod(turn++, loops.length)];
        loop.execute(new Adoption(loop, socket, count)); // on this loop too: it may lead to a call
    }

    /** Returns null for a Unix domain socket, and for a client that has already gone. */
    private static @Nullable InetAddress clientOf(SocketChannel socket) {
        try {
            return socket.getRemoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        } catch (IOException e) {
            return null;
        }
    }

    private void moveTo(State next) {
        state = next;
        if (key != null && key.isValid()) {
            key.interestOps(next == State.ACCEPTING ? SelectionKey.OP_ACCEPT : 0);
        }
    }
}
