package org.httpkit.topics;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A broker without sockets or threads that fails as its random numbers say: sessions break before and after an append, it restarts, drops
 * what is old, loses what it had not written, or everything. Confined to its thread.
 */
final class SimulatedBroker implements Backplane {
    private final Random random;
    private final int kept;

    private final List<byte[]> records = new ArrayList<>();
    private long first = 1;
    private int epoch = 1;
    /** Sessions of earlier lives are broken. */
    private int life;

    boolean down;

    SimulatedBroker(Random random, int kept) {
        this.random = random;
        this.kept = kept;
    }

    long last() {
        return first + records.size() - 1;
    }

    /** All connections break. */
    void restart() {
        life++;
    }

    /** It keeps only the newest record, and connections stay. */
    void dropOld() {
        while (records.size() > 1) {
            records.remove(0);
            first++;
        }
    }

    /** It comes back without some of the newest records. */
    void loseSome() {
        life++;
        for (int i = random.nextInt(5); i > 0 && !records.isEmpty(); i--) {
            records.remove(records.size() - 1);
        }
    }

    /** It comes back empty. */
    void loseAll() {
        life++;
        epoch++;
        records.clear();
        first = 1;
    }

    @Override
    public Session open() throws IOException {
        if (down || random.nextInt(4) == 0) {
            throw new IOException("connection refused");
        }
        return new Session() {
            private final int itsLife = life;
            private final int itsEpoch = epoch;

            @Override
            public String epoch() {
                return "e" + itsEpoch;
            }

            @Override
            public long first() throws IOException {
                check();
                return first;
            }

            @Override
            public long last() throws IOException {
                check();
                if (random.nextInt(8) == 0) {
                    throw new IOException("broken while asked for its end");
                }
                return SimulatedBroker.this.last();
            }

            @Override
            public List<Entry> read(long after, int most, Duration wait) throws IOException {
                check();
                List<Entry> read = new ArrayList<>();
                int limit = 1 + random.nextInt(most);
                for (long offset = Math.max(after + 1, first);
                        offset <= SimulatedBroker.this.last() && read.size() < limit;
                        offset++) {
                    read.add(new Entry(offset, records.get((int) (offset - first))));
                }
                check();
                return read;
            }

            @Override
            public List<Long> append(List<byte[]> appended) throws IOException {
                check();
                List<Long> offsets = new ArrayList<>();
                for (byte[] record : appended) {
                    records.add(record);
                    offsets.add(SimulatedBroker.this.last());
                    if (records.size() > kept) {
                        records.remove(0);
                        first++;
                    }
                    if (random.nextInt(40) == 0) {
                        throw new IOException("broken in the middle of an append");
                    }
                }
                check();
                return offsets;
            }

            @Override
            public void renew() throws IOException {
                check();
                epoch++;
            }

            @Override
            public void close() {
                // There is nothing to free.
            }

            private void check() throws IOException {
                if (down || itsLife != life || itsEpoch != epoch || random.nextInt(60) == 0) {
                    throw new IOException("connection lost");
                }
            }
        };
    }
}
