package org.httpkit.topics;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes published messages to the shared log, in order. Publishers hand over records and never wait; one thread takes
 * the turns, which may block.
 *
 * <p>It tries each record once: a record that was under way when the broker failed may or may not be in the log, and
 * its publisher learns just that.
 */
final class LogWriter {
    private static final int MOST = 256;

    /** This server's knowledge of the log. */
    interface Knowledge {
        /** The place up to which this server has read records. Any thread. */
        MessageId read();
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Waiting(byte[] record, long dueNanos, CompletableFuture<MessageId> done) {}

    private final Backplane backplane;
    private final Knowledge knowledge;
    private final Executor executor;
    private final int mostWaiting;
    private final long patienceNanos;

    // Guarded by the monitor.
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean closed;

    // The thread's own.
    private Backplane.@Nullable Session session;
    private @Nullable MessageId written;
    private String readAtOpening = "";

    /** @param executor completes the publishers' futures */
    LogWriter(Backplane backplane, Knowledge knowledge, Executor executor, int mostWaiting, long patienceNanos) {
        this.backplane = backplane;
        this.knowledge = knowledge;
        this.executor = executor;
        this.mostWaiting = mostWaiting;
        this.patienceNanos = patienceNanos;
    }

    /** Takes a record; the executor completes its future. */
    synchronized CompletableFuture<MessageId> write(byte[] record, long nowNanos) {
        CompletableFuture<MessageId> done = new CompletableFuture<>();
        if (closed || waiting.size() >= mostWaiting) {
            done.completeExceptionally(new RejectedExecutionException(
                    closed ? "These topics are closed" : "Too many messages wait for the broker"));
            return done;
        }
        waiting.add(new Waiting(record, nowNanos + patienceNanos, done));
        notifyAll();
        return done;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Waits until there is something to do, for this time at most. */
    @SuppressWarnings("WaitNotInLoop") // who comes too early finds nothing to do
    synchronized void await(long millis) throws InterruptedException {
        if (waiting.isEmpty() && !closed) {
            wait(millis);
        }
    }

    /**
     * Opens the log if it is not open, and appends what waits.
     *
     * @throws IOException if the broker cannot be reached; the next turn opens the log anew
     */
    void turn(long nowNanos) throws IOException {
        List<Waiting> taken = List.of();
        try {
            Backplane.Session known = session;
            if (known == null || hasEnded(known)) {
                closeSession();
                known = open();
            }
            taken = fitting(take(), known.mostRecordBytes());
            if (!taken.isEmpty()) {
                List<Long> offsets =
                        known.append(taken.stream().map(Waiting::record).toList());
                complete(taken, known.epoch(), offsets);
            }
        } catch (Throwable e) {
            fail(taken, new IOException("The broker failed; the message may have been published or not", e));
            failOverdue(nowNanos, e);
            closeSession();
            throw e;
        }
    }

    boolean isOpen() {
        return session != null;
    }

    /** Whether the reader has come to another epoch since the session was opened. The broker need not tell the session. */
    private boolean hasEnded(Backplane.Session known) {
        String reads = knowledge.read().epoch();
        return !reads.equals(known.epoch()) && !reads.equals(readAtOpening);
    }

    /** Opens the log. It appends nothing to a log that has lost records: a new one would get an old one's place. */
    private Backplane.Session open() throws IOException {
        Backplane.Session opened = backplane.open();
        session = opened;
        MessageId read = knowledge.read(); // before asking the log, which grows meanwhile
        readAtOpening = read.epoch();
        String epoch = opened.epoch();
        long last = opened.last();
        if (hasLost(read, epoch, last) || hasLost(written, epoch, last)) {
            opened.renew();
            throw new IOException("The broker has lost records; a new epoch begins");
        }
        return opened;
    }

    private static boolean hasLost(@Nullable MessageId known, String epoch, long last) {
        return known != null && known.epoch().equals(epoch) && known.offset() > last;
    }

    private synchronized List<Waiting> take() {
        List<Waiting> taken = new ArrayList<>();
        while (taken.size() < MOST && !waiting.isEmpty()) {
            taken.add(waiting.remove());
        }
        return taken;
    }

    /** Refuses records that are too long for the broker: with them in it, it would take none of a batch. */
    private List<Waiting> fitting(List<Waiting> taken, long mostBytes) {
        List<Waiting> fitting = new ArrayList<>();
        for (Waiting each : taken) {
            if (each.record.length <= mostBytes) {
                fitting.add(each);
            } else {
                fail(
                        List.of(each),
                        new IllegalArgumentException("The message has " + each.record.length
                                + " bytes with its topic; the broker takes " + mostBytes));
            }
        }
        return fitting;
    }

    private void complete(List<Waiting> taken, String epoch, List<Long> offsets) {
        for (int i = 0; i < taken.size(); i++) {
            MessageId id = new MessageId(epoch, offsets.get(i));
            CompletableFuture<MessageId> done = taken.get(i).done;
            executor.execute(() -> done.complete(id));
            written = id;
        }
    }

    private void fail(List<Waiting> taken, Exception failure) {
        for (Waiting each : taken) {
            executor.execute(() -> each.done.completeExceptionally(failure));
        }
    }

    /** Fails records that have waited too long for the broker: they were certainly not published. */
    private void failOverdue(long nowNanos, Throwable cause) {
        List<Waiting> overdue = new ArrayList<>();
        synchronized (this) {
            while (!waiting.isEmpty() && (closed || waiting.element().dueNanos - nowNanos <= 0)) {
                overdue.add(waiting.remove());
            }
        }
        fail(
                overdue,
                new IOException(
                        "The broker cannot be reached; the message was not published in "
                                + TimeUnit.NANOSECONDS.toMillis(patienceNanos) + " ms",
                        cause));
    }

    /** Takes no more records. */
    synchronized void stop() {
        closed = true;
        notifyAll();
    }

    /** After the last turn: takes no more records, and fails those that still wait, since they were not published. */
    void close() {
        List<Waiting> rest;
        synchronized (this) {
            closed = true;
            rest = new ArrayList<>(waiting);
            waiting.clear();
        }
        fail(rest, new IOException("These topics were closed before the message was published"));
        closeSession();
    }

    private void closeSession() {
        Backplane.Session known = session;
        session = null;
        if (known != null) {
            known.close();
        }
    }
}
