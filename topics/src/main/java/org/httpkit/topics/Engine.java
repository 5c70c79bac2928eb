package org.httpkit.topics;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/**
 * The thread that owns the {@link TopicTable}, and what waits for it. Safe from any thread.
 *
 * <p>One thread gives a message to all its receivers, so their order is that of the log, and publishers wait for nobody. It hands data over
 * and never waits for a client: the server's loops write.
 */
final class Engine implements Runnable {
    private static final System.Logger LOG = System.getLogger("org.httpkit.topics");
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    final TopicTable table;
    final Limits limits;
    final LongAdder stale = new LongAdder();
    final LongAdder skipped = new LongAdder();

    private final PresenceBoard board;
    private final long presenceNanos;
    private final long readyByNanos;

    // Guarded by the monitor.
    private Deque<Runnable> waiting = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean closed;
    private int unpublished;
    private boolean readerWaits;
    private long lastOffset;
    private long published;

    // The thread's own.
    private long presenceToldNanos = System.nanoTime();

    /** Receivers that came before it was known what is in the shared log; null when it is. */
    private @Nullable List<Runnable> early;

    /** @param readyInNanos how long receivers wait at most for {@link #ready}; 0 if there is nothing to wait for */
    Engine(TopicTable table, Limits limits, PresenceBoard board, long presenceNanos, long readyInNanos) {
        this.early = readyInNanos == 0 ? null : new ArrayList<>();
        this.readyByNanos = System.nanoTime() + readyInNanos;
        this.table = table;
        this.limits = limits;
        this.board = board;
        this.presenceNanos = presenceNanos;
    }

    /** Puts a message at the end of this process's log; null if too many wait to be delivered, or nothing is delivered any more. */
    synchronized @Nullable MessageId publish(String topic, Message message) {
        if (closed || unpublished >= limits.unpublished()) {
            return null;
        }
        lastOffset++;
        published++;
        unpublished++;
        long offset = lastOffset;
        add(() -> {
            delivered();
            table.append(offset, topic, message, System.nanoTime());
        });
        return new MessageId(table.epoch(), offset);
    }

    /** Takes a message from a shared log. Waits while as many wait to be delivered as may. */
    synchronized void append(long offset, String topic, Message message) {
        boolean interrupted = false;
        while (unpublished >= limits.unpublished() && !closed) {
            readerWaits = true;
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // the reader's thread looks for its end by itself
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        unpublished++;
        post(() -> {
            delivered();
            table.append(offset, topic, message, System.nanoTime());
        });
    }

    private synchronized void delivered() {
        unpublished--;
        if (readerWaits && unpublished <= limits.unpublished() / 2) {
            readerWaits = false;
            notifyAll();
        }
    }

    /** A message goes its way by a shared log. */
    synchronized void countPublished() {
        published++;
    }

    // ---- the thread of topics

    /** Has a receiver come in, as soon as it is known what is in the log. */
    void comeIn(Runnable receiver) {
        List<Runnable> waitingOnes = early;
        if (waitingOnes == null) {
            receiver.run();
        } else {
            waitingOnes.add(receiver);
        }
    }

    /** Receivers can come in. */
    void ready() {
        List<Runnable> waitingOnes = early;
        early = null;
        if (waitingOnes != null) {
            waitingOnes.forEach(Engine::perform);
        }
    }

    // ---- any thread

    synchronized long published() {
        return published;
    }

    /** Messages that wait to be delivered. */
    synchronized int unpublished() {
        return unpublished;
    }

    /**
     * Has the thread run a command behind those that wait. For those of which there are few for each channel: as it comes, goes, and has
     * taken what waited.
     */
    synchronized void post(Runnable command) {
        if (!closed) {
            add(command);
        }
    }

    /** The same for commands that clients give as they like; false if too much waits for one more. */
    synchronized boolean tryPost(Runnable command) {
        if (waiting.size() >= limits.unpublished()) {
            return false;
        }
        post(command);
        return true;
    }

    private void add(Runnable command) {
        waiting.add(command);
        if (thread == null) {
            Thread started = new Thread(this, "httpkit-topics");
            started.setDaemon(true);
            started.start();
            thread = started;
        } else if (waiting.size() == 1) {
            notifyAll();
        }
    }

    /** Closes all channels, and ends the thread. */
    synchronized void close() {
        post(() -> table.topics().forEach(topic -> {
            for (Membership each = topic.first; each != null; each = each.next) {
                each.receiver.hangUp();
            }
        }));
        closed = true;
        notifyAll();
    }

    @Override
    public void run() {
        for (Deque<Runnable> batch = take(); batch != null; batch = take()) {
            for (Runnable command = batch.poll(); command != null; command = batch.poll()) {
                perform(command);
            }
            perform(this::lookAround);
        }
    }

    private static void perform(Runnable command) {
        try {
            command.run();
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "A fault in topics; please report it", e);
        }
    }

    /** What waits, or nothing if it is time to look around; null at the end. */
    private synchronized @Nullable Deque<Runnable> take() {
        try {
            if (waiting.isEmpty() && !closed) {
                long nanos = lookInNanos();
                if (nanos > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, nanos);
                } else {
                    while (waiting.isEmpty() && !closed) {
                        wait();
                    }
                }
            }
        } catch (InterruptedException e) {
            closed = true; // nobody has a reason to interrupt it but to end it
        }
        if (waiting.isEmpty() && closed) {
            return null;
        }
        Deque<Runnable> batch = waiting;
        waiting = new ArrayDeque<>(batch.isEmpty() ? 16 : Math.min(batch.size(), 1024));
        return batch;
    }

    /** How long until something is due that nobody asks for; 0 if nothing is. */
    private long lookInNanos() {
        if (early != null) {
            return Math.max(1, readyByNanos - System.nanoTime());
        }
        if (table.hasPresenceToTell()) {
            return Math.max(1, presenceToldNanos + presenceNanos - System.nanoTime());
        }
        return table.history().isEmpty() ? 0 : LOOK_NANOS;
    }

    private void lookAround() {
        long now = System.nanoTime();
        table.trim(now);
        if (early != null && now - readyByNanos >= 0) {
            ready(); // a broker that is down must not keep clients waiting; it will say what they have missed
        }
        if (table.hasPresenceToTell() && now - presenceToldNanos >= presenceNanos) {
            presenceToldNanos = now;
            table.tellPresence(topic -> {
                board.changed(topic.name, topic.count());
                return board.everywhere(topic.name, topic.count());
            });
        }
    }
}
