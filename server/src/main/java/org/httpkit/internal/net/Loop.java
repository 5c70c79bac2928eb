package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/** Where a link lives, one thread at a time, as the link sees it: an {@link EventLoop} in the server, a scheduler in tests. */
public interface Loop extends Executor {

    /** Whether the caller is the thread that runs the loop. */
    boolean isCurrent();

    /**
     * Whether the caller may do what is confined to the loop thread: it is that thread, or the loop has ended, and this is one of the
     * commands that came too late. For assertions.
     */
    default boolean isHeldByCaller() {
        return isCurrent();
    }

    /** Runs the command on the loop thread, soon and in order. Safe from any thread. */
    @Override
    void execute(Runnable command);

    /** The time of the current cycle on the scale of {@link System#nanoTime}. Safe from any thread; at rest it may lag. */
    long nanos();

    /** The time now, on the same scale; costs a look at the clock for a caller who is not on the loop. Safe from any thread. */
    default long freshNanos() {
        return isCurrent() ? nanos() : System.nanoTime();
    }

    /**
     * Has the call made as soon as the work on this link that runs now has returned; {@link Link#called} follows. False if that
     * cannot be, as on a loop that makes no calls. Confined to the loop thread.
     */
    default boolean callNext(Link link, LoopCall call) {
        return false;
    }

    /** Has the link read at the loop's next turn, although the selector may have nothing to tell of it. Confined to the loop thread. */
    void readSoon(Link link);

    /** Work was done that may have taken long: no call is to be blamed for it. Confined to the loop thread. */
    default void workedLong() {}

    /**
     * Runs a task that may wait for a disk, on a thread that may. It runs in any case, and nothing interrupts it. Safe from any
     * thread.
     *
     * @throws Error if there is no thread for it
     */
    void runBlocking(Runnable task);

    /** Whether a call is to be made. Confined to the loop thread. */
    default boolean hasCall() {
        return false;
    }

    /** The checks due on this loop. Confined to the loop thread. */
    DeadlineWheel wheel();

    /** The loop's own buffers. Confined to the loop thread. */
    Scratch scratch();

    /** The work on one link's input. Confined to the loop thread. */
    Turn turn();

    /** What waits for all peers. Safe from any thread. */
    OutputBudget backlog();

    /** What is held of what was received. Safe from any thread. */
    InputBudget inputBudget();

    /** Counts the link for that client from now on; false if the client has too many. Confined to the loop thread. */
    boolean countFor(InetAddress client, Link link);

    /** The system reported an error when a link's socket was closed. Confined to the loop thread. */
    void closeFailed(IOException cause);

    /** The link was closed. Confined to the loop thread. */
    void closed(Link link);

    /** Something the loop could not blame on anyone else. */
    void report(Throwable failure);
}
