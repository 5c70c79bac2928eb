package org.httpkit.examples;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.httpkit.topics.Backplane;

/** A log that servers of this JVM share, where servers of several machines would share a broker. Safe from any thread. */
final class LogInMemory implements Backplane {
    private static final int KEPT = 10_000;

    private final String epoch = "m" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long newest;

    @Override
    public Session open() {
        return new Reading();
    }

    private synchronized long append(byte[] record) {
        newest++;
        entries.add(new Entry(newest, record));
        if (entries.size() > KEPT) {
            entries.remove();
        }
        notifyAll();
        return newest;
    }

    private synchronized long newest() {
        return newest;
    }

    private synchronized long oldest() {
        return newest - entries.size() + 1;
    }

    private synchronized List<Entry> read(long after, int most, Duration wait) throws InterruptedException {
        long untilNanos = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); newest <= after && left > 0; left = untilNanos - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return entries.stream()
                .filter(entry -> entry.offset() > after)
                .limit(most)
                .toList();
    }

    /** Nothing is lost as long as the JVM lives, so a session never fails and an epoch never ends. */
    private final class Reading implements Session {
        @Override
        public String epoch() {
            return epoch;
        }

        @Override
        public long first() {
            return oldest();
        }

        @Override
        public long last() {
            return newest();
        }

        @Override
        public List<Entry> read(long after, int most, Duration wait) throws IOException {
            try {
                return LogInMemory.this.read(after, most, wait);
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }

        @Override
        public List<Long> append(List<byte[]> records) {
            List<Long> offsets = new ArrayList<>();
            records.forEach(record -> offsets.add(LogInMemory.this.append(record)));
            return offsets;
        }

        @Override
        public void renew() {
            throw new IllegalStateException("Nothing was lost");
        }

        @Override
        public void close() {
            // There is no connection.
        }
    }
}
