package org.httpkit.testkit.simulation;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.net.DeadlineWheel;
import org.httpkit.internal.net.InputBudget;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Loop;
import org.httpkit.internal.net.LoopCall;
import org.httpkit.internal.net.OutputBudget;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.net.Turn;
import org.jspecify.annotations.Nullable;

/**
 * A loop whose thread is the simulation's, while that works for the loop. A call may lose the loop by chance: then the
 * loop goes on first, and the call ends at some time. Confined to the simulation's thread.
 */
final class SimulatedLoop implements Loop {
    /** Longer than a link's turn should take. */
    private static final long SLOW_NANOS = 200_000;

    private final Schedule schedule;
    private final OutputBudget backlog;
    private final InputBudget inputBudget;
    private final DeadlineWheel wheel;
    private final Scratch scratch = new Scratch();
    private final Turn turn = new Turn();
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024);
    private final ArrayDeque<Runnable> commands = new ArrayDeque<>();
    private final ArrayDeque<Runnable> urgent = new ArrayDeque<>();
    private final List<Throwable> failures = new ArrayList<>();

    private boolean current;
    private boolean callsAllowed;
    private @Nullable LoopCall call;
    private @Nullable Link caller;
    private long nanos;
    int closed;
    int callsMade;
    int loopsLost;

    SimulatedLoop(Schedule schedule, OutputBudget backlog, InputBudget inputBudget) {
        this.schedule = schedule;
        this.backlog = backlog;
        this.inputBudget = inputBudget;
        this.wheel = new DeadlineWheel(schedule.nanos());
        this.nanos = schedule.nanos();
    }

    // ---- for the simulation

    boolean runCommand() {
        Runnable command = urgent.isEmpty() ? commands.poll() : urgent.poll();
        if (command == null) {
            return false;
        }
        work(command, true);
        return true;
    }

    void readable(Link link) {
        work(() -> link.readable(input), true);
    }

    void writable(Link link) {
        work(link::writable, true);
    }

    void checkDeadlines() {
        work(() -> wheel.run(schedule.nanos()), false);
    }

    /** Begins with a connection, and checks whether it has sent something already. */
    void adopt(Link link, Runnable start) {
        work(
                () -> {
                    start.run();
                    link.readable(input);
                },
                true);
        work(link::updateInterest, false);
    }

    List<Throwable> failures() {
        return failures;
    }

    boolean isBusy() {
        return !commands.isEmpty() || !urgent.isEmpty();
    }

    private void work(Runnable unit, boolean onOneLink) {
        nanos = schedule.nanos();
        current = true;
        callsAllowed = onOneLink;
        try {
            unit.run();
            makeCalls();
        } catch (RuntimeException | Error e) {
            report(e);
        } finally {
            current = false;
        }
    }

    private void makeCalls() {
        while (call != null) {
            LoopCall made = call;
            Link link = java.util.Objects.requireNonNull(caller);
            call = null;
            callsAllowed = false;
            current = false;
            made.call();
            callsMade++;
            if (schedule.oneIn(50)) {
                loopsLost++;
                schedule.execute(() -> made.finish(LoopCall.Effect.LOST_LOOP, 2_000_000));
                current = true;
            } else {
                current = true;
                made.finish(LoopCall.Effect.KEPT_LOOP, 1_000);
            }
            callsAllowed = true;
            link.called();
        }
        callsAllowed = false;
    }

    // ---- for the links

    @Override
    public boolean isCurrent() {
        return current;
    }

    @Override
    public void execute(Runnable command) {
        commands.add(command);
    }

    @Override
    public void executeFirst(Runnable command) {
        urgent.add(command);
    }

    @Override
    public long nanos() {
        return nanos;
    }

    /** Work may have taken some time, so that links read less, or more. */
    @Override
    public long readClock() {
        nanos += schedule.oneIn(3) ? SLOW_NANOS : 0;
        return nanos;
    }

    @Override
    public long freshNanos() {
        return schedule.nanos();
    }

    @Override
    public boolean callNext(Link link, LoopCall next) {
        if (!callsAllowed || call != null) {
            return false;
        }
        call = next;
        caller = link;
        return true;
    }

    @Override
    public void readSoon(Link link) {
        execute(() -> {
            if (!link.isClosed()) {
                link.readable(input);
            }
        });
    }

    @Override
    public void runBlocking(Runnable task) {
        schedule.execute(task);
    }

    @Override
    public boolean hasCall() {
        return call != null;
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
        return backlog;
    }

    @Override
    public boolean countFor(InetAddress client, Link link) {
        return true;
    }

    @Override
    public void closeFailed(IOException cause) {
        report(cause);
    }

    @Override
    public void closed(Link link) {
        closed++;
    }

    @Override
    public void report(Throwable failure) {
        failures.add(failure);
    }
}
