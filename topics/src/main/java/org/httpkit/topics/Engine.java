package org.httpkit.topics;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;

/**
 * Runs the thread that owns the {@link TopicTable}, and the queue of its work. Safe from any thread.
 *
 * <p>One thread gives a message to all of its receivers, so they get messages in the order of the log, and publishers
 * never wait. It hands data over and never waits for a client: the server's loops write.
 */
final class Engine implements Runnable {
    private static final System.Logger LOG = System.getLogger("org.httpkit.topics");
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    final TopicTable table;
    final Limits limits;
    final LongAdder stale = new LongAdder();
    final LongAdder skipped = new LongAdder();

    /** The thread's own. */
    final IdleWheel idle;

    private final PresenceBoard board;
    private final long presenceNanos;

    // Guarded by the monitor.
    private Deque<Runnable> waiting = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean closed;
    private int unpublished;
    /** Topics that the commands of clients name, from their arrival until they run. */
    private int ordered;

    private boolean readerWaits;
    private long lastOffset;
    private long published;

    // The thread's own.
    private long presenceToldNanos = System.nanoTime();

    /** Receivers that came from servers which had read more of the shared log. */
    private final Forerunners forerunners = new Forerunners();

    private final boolean sharesLog;

    /**
     * @param idle of the streams
     * @param sharesLog whether messages come from a log that other servers read, too
     */
    Engine(
            TopicTable table,
            Limits limits,
            PresenceBoard board,
            IdleWheel idle,
            long presenceNanos,
            boolean sharesLog) {
        this.idle = idle;
        this.sharesLog = sharesLog;
        this.table = table;
        this.limits = limits;
        this.board = board;
        this.presenceNanos = presenceNanos;
        if (sharesLog) {
            table.awaitLog();
        }
    }

    /**
     * Adds a message at the end of this process's log; returns null if too many wait to be delivered, or the engine is
     * closed.
     */
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

    /** Takes a message from a shared log. Waits while the limit of messages to be delivered is reached. */
    synchronized void append(long offset, String topic, Message message) {
        boolean interrupted = false;
        while (unpublished >= limits.unpublished() && !closed) {
            readerWaits = true;
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // the reader's thread checks for its end itself
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        post(() -> {
            delivered();
            table.append(offset, topic, message, System.nanoTime());
        });
        unpublished++; // the command runs later, and is counted only if it waits
    }

    private synchronized void delivered() {
        unpublished--;
        if (readerWaits && unpublished <= limits.unpublished() / 2) {
            readerWaits = false;
            notifyAll();
        }
    }

    /** Counts a message that is published through a shared log. */
    synchronized void countPublished() {
        published++;
    }

    // ---- the thread of topics

    /**
     * Runs a command of a receiver as soon as the log has been read as far as its client has seen it.
     *
     * @param after the last message that the client has seen; null if it names none
     */
    void comeIn(Receiver receiver, @Nullable MessageId after, Runnable command) {
        if (forerunners.size() >= limits.unpublished()) {
            forerunners.takeAll().forEach(Engine::perform);
        }
        if (!sharesLog || !forerunners.add(receiver, after, command, table, System.nanoTime())) {
            command.run();
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
     * Takes in a receiver whose channel has opened, and lets it come in; hangs it up if the engine is closed.
     *
     * @param after as for {@link #comeIn}
     */
    void open(Receiver receiver, @Nullable MessageId after, Runnable begin) {
        boolean taken = post(() -> {
            table.enter(receiver);
            comeIn(receiver, after, begin);
        });
        if (!taken) {
            receiver.hangUp();
        }
    }

    /**
     * Makes the thread run a command behind those that wait. For commands that are few for each channel: when it comes,
     * goes, and has taken its waiting data. Returns false if the engine is closed.
     */
    synchronized boolean post(Runnable command) {
        if (!closed) {
            add(command);
        }
        return !closed;
    }

    /**
     * As {@link #comeIn}, for commands that clients send at will; returns false if those that wait, wherever they do,
     * name as many topics as there may be messages.
     *
     * @param names topics that it names, each of limited length: they are what it holds
     */
    synchronized boolean order(Receiver receiver, @Nullable MessageId after, int names, Runnable command) {
        if (ordered >= limits.unpublished()) {
            return false;
        }
        ordered += names;
        post(() -> comeIn(receiver, after, () -> {
            doneOf(names);
            command.run();
        }));
        return true;
    }

    private synchronized void doneOf(int names) {
        ordered -= names;
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
        post(() -> table.receivers().forEach(Receiver::hangUp));
        closed = true;
        notifyAll();
    }

    @Override
    public void run() {
        boolean more = true;
        while (more) {
            try {
                more = takeTurn();
            } catch (Throwable e) {
                report(e); // the commands are still there
            }
        }
    }

    /** Runs the waiting commands; returns false at the end. */
    private boolean takeTurn() {
        Deque<Runnable> batch = take();
        if (batch == null) {
            return false;
        }
        for (Runnable command = batch.poll(); command != null; command = batch.poll()) {
            perform(command);
        }
        lookAround();
        return true;
    }

    private static void perform(Runnable command) {
        try {
            command.run();
        } catch (Throwable e) {
            report(e);
        }
    }

    private static void report(Throwable fault) {
        try {
            LOG.log(Level.ERROR, "A fault in topics; please report it", fault);
        } catch (Throwable ignored) {
            // The thread has to live, even if there is no memory to say so.
        }
    }

    /** Takes the waiting commands; none if periodic work is due; null at the end. */
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
            closed = true; // only the end of the thread is a reason to interrupt it
        }
        if (waiting.isEmpty() && closed) {
            return null;
        }
        Deque<Runnable> batch = waiting;
        waiting = new ArrayDeque<>(batch.isEmpty() ? 16 : Math.min(batch.size(), 1024));
        return batch;
    }

    /** How long until periodic work is due; 0 if none is. */
    private long lookInNanos() {
        long now = System.nanoTime();
        long least = table.history().isEmpty() ? Long.MAX_VALUE : LOOK_NANOS;
        if (!table.presence().isEmpty()) {
            least = Math.min(least, presenceToldNanos + presenceNanos - now);
        }
        if (!idle.isEmpty()) {
            least = Math.min(least, idle.dueInNanos(now));
        }
        least = Math.min(least, forerunners.dueInNanos(now));
        return least == Long.MAX_VALUE ? 0 : Math.max(1, least);
    }

    private void lookAround() {
        long now = System.nanoTime();
        table.trim(now);
        forerunners.take(table, now).forEach(Engine::perform);
        if (!idle.isEmpty() && idle.dueInNanos(now) <= 0) {
            LiveNotices notices = new LiveNotices(table.place().toString());
            idle.advance(now, receiver -> receiver.keepAlive(notices));
        }
        if (!table.presence().isEmpty() && now - presenceToldNanos >= presenceNanos) {
            presenceToldNanos = now;
            table.presence().tell(topic -> {
                board.changed(topic.name, topic.count());
                return board.everywhere(topic.name, topic.count());
            });
        }
    }
}
