package org.httpkit.internal.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The links of a loop: adopts them, works on them, and removes them. Confined to the holder of the loop's baton. */
final class LoopLinks {
    private static final int INPUT_BYTES = 64 * 1024;
    /** Turns in which a link whose server stops may read what has arrived. */
    private static final int LAST_TURNS = 4;

    private final Loop loop;
    private final Selector selector;
    private final LoopCalls calls;
    private final LoopSurroundings surroundings;
    private final Function<Link, Protocol> protocols;
    private final ByteBuffer input = ByteBuffer.allocate(INPUT_BYTES);

    /** The link that was just accepted and is not registered yet, while work on it runs. Read by any thread. */
    private volatile @Nullable Link adopted;

    LoopLinks(
            Loop loop,
            Selector selector,
            LoopCalls calls,
            LoopSurroundings surroundings,
            Function<Link, Protocol> protocols) {
        this.loop = loop;
        this.selector = selector;
        this.calls = calls;
        this.surroundings = surroundings;
        this.protocols = protocols;
    }

    /** Adopts an accepted socket, with its client's count if the client is counted. */
    void adopt(SocketChannel socket, ClientCounts.@Nullable Count count) {
        assert loop.isHeldByCaller();
        SocketTransport wire;
        Link link;
        try {
            socket.configureBlocking(false);
            wire = new SocketTransport(socket, surroundings.traffic(), surroundings.address());
            link = new Link(loop, wire);
        } catch (Throwable e) {
            discard(socket);
            surroundings.admission().leave(count);
            loop.report(e);
            return;
        }
        link.clientCount(count);
        try {
            link.start(protocols.apply(link));
        } catch (Throwable e) {
            link.close(ClosedException.INTERNAL_ERROR);
            loop.report(e);
        }
        adopted = link;
        link.readable(input); // most clients have sent something by now; one with a single request is never registered
        adopted = null;
        register(wire, link);
    }

    /** Lets the selector wait for the link, but not before the calls are over to which its input has led. */
    private void register(SocketTransport wire, Link link) {
        try {
            if (calls.isNoted()) {
                calls.afterwards(() -> register(wire, link));
            } else if (!link.isClosing()) {
                wire.register(selector, link);
                link.updateInterest();
            }
        } catch (Throwable e) { // probably for lack of memory: nothing would ever happen to the link again
            link.close(ClosedException.INTERNAL_ERROR);
            loop.report(e);
        }
    }

    /** Is called when the selector has found work for a link that does not wait for room to write. */
    void workOn(Link link, SelectionKey key) {
        assert loop.isHeldByCaller();
        if ((readyOps(key) & SelectionKey.OP_READ) != 0 && !link.isClosed()) {
            link.readable(input);
        }
    }

    /** Is called when it is the turn of a demanding link: there may be room to write, or input. */
    void workOn(Link link) {
        assert loop.isHeldByCaller();
        if (link.awaitsRoom() && !link.isClosed()) {
            link.writable();
        }
        if (calls.isNoted()) { // room has led to a call, which comes first; the selector reports other input again
            link.readHeldInput();
        } else if (!link.isClosed()) {
            link.readable(input);
        }
    }

    /**
     * Returns the ready operations. A thread that has written to the socket may close it at any moment, which cancels
     * the key; see {@link SocketTransport#close}.
     */
    private static int readyOps(SelectionKey key) {
        try {
            return key.readyOps();
        } catch (CancelledKeyException e) {
            return 0;
        }
    }

    /** Counts the link for this client from now on. Returns false if the client has too many. */
    boolean countFor(InetAddress client, Link link) {
        assert loop.isHeldByCaller();
        Admission admission = surroundings.admission();
        admission.leaveClient(link.clientCount());
        link.clientCount(null);
        if (!admission.isCounted(client)) {
            return true;
        }
        ClientCounts.Count count = admission.tryEnter(client);
        link.clientCount(count);
        return count != null;
    }

    /** Is called when the link was closed. */
    void closed(Link link) {
        assert loop.isHeldByCaller();
        surroundings.admission().leave(link.clientCount());
        surroundings.observer().closed(link);
    }

    /**
     * Informs every link, after a last look at its input, that the server stops; passes on those that are informed one
     * by one.
     */
    void stop(Consumer<Link> inTurn) {
        assert loop.isHeldByCaller();
        calls.forbid(); // the work is on many links
        for (SelectionKey key : keysNow()) {
            if (key.attachment() instanceof Link link) {
                int turns = LAST_TURNS;
                do { // requests that have arrived already
                    link.readable(input);
                } while (link.wantsMore() && --turns > 0);
                if (link.endsInTurn()) {
                    inTurn.accept(link);
                } else {
                    link.stopping();
                }
            }
        }
    }

    /** Makes every link check its deadlines soon, because timeouts may have changed. */
    void check() {
        assert loop.isHeldByCaller();
        long now = loop.nanos();
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Link link) {
                link.checkBy(now);
            }
        }
    }

    /** The links that have been idle longest. */
    List<LongestIdle.Idle> longestIdle(int most) {
        assert loop.isHeldByCaller();
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

    void close() {
        assert loop.isHeldByCaller();
        for (SelectionKey key : keysNow()) {
            if (key.attachment() instanceof Link link) {
                link.close(null);
            }
        }
    }

    /** Closes the sockets of a stuck loop. Returns false if the loop has just ended normally. Any thread. */
    boolean closeAbandoned() {
        Link unregistered = adopted;
        if (unregistered != null) {
            unregistered.closeWire();
        }
        try {
            for (SelectionKey key : keysNow()) {
                if (key.attachment() instanceof Link link) {
                    link.closeWire();
                }
            }
            return true;
        } catch (ClosedSelectorException e) {
            return false;
        }
    }

    private SelectionKey[] keysNow() {
        return selector.keys().toArray(new SelectionKey[0]);
    }

    /** Closes a resource of the loop or of a link that is no longer needed. Any thread. */
    void discard(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            loop.report(e);
        }
    }
}
