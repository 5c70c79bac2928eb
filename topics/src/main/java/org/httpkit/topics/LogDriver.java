package org.httpkit.topics;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ObjIntConsumer;
import org.httpkit.server.Message;

/**
 * Runs the two threads between topics and a shared log: one reads, one writes. Safe from any thread; the reading thread
 * calls {@link LogReader.Sink}.
 */
final class LogDriver implements LogReader.Sink {
    private static final System.Logger LOG = System.getLogger("org.httpkit.topics");
    private static final Duration READ_WAIT = Duration.ofMillis(500);
    private static final long LOOK_MILLIS = 200;
    private static final long LEAST_BACKOFF_MILLIS = 50;
    private static final long MOST_BACKOFF_MILLIS = 2000;

    /** A turn of one of the threads. */
    private interface Turn {
        void take() throws IOException, InterruptedException;
    }

    private final Engine engine;
    private final SharedPresence presence;
    private final LogReader reader;
    private final LogWriter writer;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final LongAdder failures = new LongAdder();
    private final LongAdder gaps = new LongAdder();

    // Written by the thread that reads, read by any.
    private volatile BackplaneStats.State state = BackplaneStats.State.CONNECTING;
    private volatile String epoch = "none";
    private volatile long offset;
    private volatile long lagMillis;
    private volatile boolean caughtUp;

    // The writing thread's own.
    private CompletableFuture<MessageId> report = CompletableFuture.completedFuture(new MessageId("none", 0));

    // The reading thread's own.
    private boolean begun;
    private boolean reported;

    LogDriver(Engine engine, SharedPresence presence, Backplane backplane, Duration publishTimeout) {
        this.engine = engine;
        this.presence = presence;
        this.reader = new LogReader(backplane, this, READ_WAIT);
        this.writer = new LogWriter(
                backplane,
                () -> new MessageId(epoch, offset),
                ForkJoinPool.commonPool(),
                engine.limits.unpublished(),
                publishTimeout.toNanos());
    }

    void start() {
        start("httpkit-topics-reader", this::read, reader::close);
        start("httpkit-topics-writer", this::write, writer::close);
    }

    private void start(String name, Turn turn, Runnable end) {
        Thread thread = new Thread(() -> takeTurns(turn, end), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void takeTurns(Turn turn, Runnable end) {
        long backoff = LEAST_BACKOFF_MILLIS;
        try {
            while (stopped.getCount() > 0) {
                try {
                    turn.take();
                    backoff = LEAST_BACKOFF_MILLIS;
                } catch (InterruptedException e) {
                    throw e;
                } catch (Throwable e) { // an Error, too: the thread would be missing for good
                    failures.increment();
                    LOG.log(Level.DEBUG, "The backplane failed; trying again", e);
                    long pause = backoff / 2 + ThreadLocalRandom.current().nextLong(backoff / 2 + 1);
                    backoff = Math.min(MOST_BACKOFF_MILLIS, backoff * 2);
                    if (stopped.await(pause, TimeUnit.MILLISECONDS)) {
                        break;
                    }
                }
            }
        } catch (InterruptedException e) {
            // Only the end of the thread is a reason to interrupt it.
        } finally {
            end.run();
        }
    }

    // ---- writing

    CompletableFuture<MessageId> publish(String topic, Message message) {
        LogRecord record = LogRecord.of(topic, message, System.currentTimeMillis());
        return writer.write(record.encoded(), System.nanoTime());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what follows a failure is all in it
    private void write() throws IOException, InterruptedException {
        writer.await(LOOK_MILLIS);
        byte[] said = caughtUp && report.isDone() ? presence.toSay(System.nanoTime(), this::counts) : null;
        if (said != null) {
            LogRecord record = new LogRecord(LogRecord.Kind.PRESENCE, System.currentTimeMillis(), "", said);
            report = writer.write(record.encoded(), System.nanoTime());
            report.whenComplete((id, failure) -> {
                if (failure != null) {
                    presence.unheard(said);
                }
            });
        }
        writer.turn(System.nanoTime());
    }

    private void counts(ObjIntConsumer<String> each) {
        engine.table.topics().forEach(topic -> each.accept(topic.name, topic.count()));
    }

    // ---- reading

    private void read() throws IOException {
        try {
            reader.turn();
            presence.expire(System.nanoTime(), this::presenceChanged);
        } catch (Throwable e) {
            if (state == BackplaneStats.State.CONNECTED) {
                state = BackplaneStats.State.DOWN;
            }
            if (!reported && stopped.getCount() > 0) {
                reported = true;
                LOG.log(Level.WARNING, "The backplane cannot be reached: {0}", e.toString());
            }
            throw e;
        }
    }

    private void presenceChanged(String topic, Long sum) {
        engine.post(() -> engine.table.presenceChanged(topic));
    }

    @Override
    public void restart(String itsEpoch, long place) {
        if (begun) {
            gaps.increment();
        }
        begun = true;
        offset = 0; // before the epoch changes, since readers read one after the other
        epoch = itsEpoch;
        offset = place;
        caughtUp = false;
        presence.restart(this::presenceChanged);
        engine.post(() -> engine.table.restart(itsEpoch, place));
    }

    @Override
    public void record(long place, LogRecord record) {
        offset = place;
        lagMillis = Math.max(0, System.currentTimeMillis() - record.millis());
        switch (record.kind()) {
            case TEXT, BINARY -> engine.append(place, record.topic(), record.message());
            case PRESENCE -> {
                unknown(place);
                if (caughtUp) { // earlier records may come from servers that are dead
                    presence.heard(record.content(), System.nanoTime(), this::presenceChanged);
                }
            }
        }
    }

    @Override
    public void unknown(long place) {
        offset = place;
        engine.post(() -> engine.table.advance(place));
    }

    @Override
    public void caughtUp() {
        reported = false;
        caughtUp = true;
        state = BackplaneStats.State.CONNECTED;
        engine.post(engine.table::loaded);
    }

    // ---- the rest

    BackplaneStats stats() {
        return new BackplaneStats(state, offset, lagMillis, failures.sum(), gaps.sum(), writer.waiting());
    }

    void close() {
        stopped.countDown();
        writer.stop();
    }
}
