package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/**
 * The loop of a link, run by one thread at a time, as the link sees it: an {@link EventLoop} in the server, a scheduler
 * in tests.
 */
public interface Loop extends Executor {

    /** Whether the caller is the thread that runs the loop. */
    boolean isCurrent();

    /**
     * Whether the caller may use what is confined to the loop thread: it is that thread, or the loop has ended and this
     * is a command that came too late. For assertions.
     */
    default boolean isHeldByCaller() {
        return isCurrent();
    }

    /** Runs the command on the loop thread, soon and in order. Safe from any thread. */
    @Override
    void execute(Runnable command);

    /** Runs a command that frees memory on the loop thread, ahead of all others. Safe from any thread. */
    default void executeFirst(Runnable command) {
        execute(command);
    }

    /** The time of the current cycle on the scale of {@link System#nanoTime}. Safe from any thread; at rest it may lag. */
    long nanos();

    /** The current time, on that scale; reads the clock if the caller is not on the loop. Safe from any thread. */
    default long freshNanos() {
        return isCurrent() ? nanos() : System.nanoTime();
    }

    /** Reads the clock, for work that may take long, and returns the time. Confined to the loop thread. */
    default long readClock() {
        return nanos();
    }

    /**
     * Makes the call as soon as the current work on this link has returned; {@link Link#called} follows. Returns false
     * if that is impossible, as on a loop that makes no calls. Confined to the loop thread.
     */
    default boolean callNext(Link link, LoopCall call) {
        return false;
    }

    /**
     * Makes the link read at the loop's next turn, even if the selector reports nothing for it. Confined to the loop
     * thread.
     */
    void readSoon(Link link);

    /**
     * Notes that work was done that may have taken long, so that no call is charged for it. Confined to the loop
     * thread.
     */
    default void workedLong() {}

    /**
     * Runs a task that may wait for a disk on a thread that may wait. It always runs, and nothing interrupts it. Safe
     * from any thread.
     *
     * @throws Error if there is no thread for it
     */
    void runBlocking(Runnable task);

    /** Whether a call waits to be made. Confined to the loop thread. */
    default boolean hasCall() {
        return false;
    }

    /** The pending checks of this loop. Confined to the loop thread. */
    DeadlineWheel wheel();

    /** The loop's own buffers. Confined to the loop thread. */
    Scratch scratch();

    /** The work on one link's input. Confined to the loop thread. */
    Turn turn();

    /** The count of all bytes that wait for peers. Safe from any thread. */
    OutputBudget backlog();

    /** The count of received bytes that are held. Safe from any thread. */
    InputBudget inputBudget();

    /**
     * Counts the link for this client from now on. Returns false if the client has too many. Confined to the loop
     * thread.
     */
    boolean countFor(InetAddress client, Link link);

    /** Is called when the system reported an error at the closing of a link's socket. Confined to the loop thread. */
    void closeFailed(IOException cause);

    /** Is called when the link was closed. Confined to the loop thread. */
    void closed(Link link);

    /** Reports a failure that the loop cannot attribute to anything else. */
    void report(Throwable failure);
}
