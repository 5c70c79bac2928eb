package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Message;
import org.junit.jupiter.api.Test;

/** What a server learns of the shared log when reading it fails in the middle. */
class LogReaderTest {
    private final List<String> heard = new ArrayList<>();
    private final ReadableLog log = new ReadableLog();
    private long notTaken;
    private boolean failsToRestart;
    private final LogReader reader = new LogReader(log, new Recorder(), Duration.ZERO);

    @Test
    void tellsOfAGapThoughTheBrokerFailsRightBehindIt() throws IOException {
        log.append(1, 2);
        reader.turn();
        reader.turn();
        heard.clear();
        log.dropAll();
        log.append(5, 6);
        log.failsToSayItsEnd = true;
        assertThatThrownBy(reader::turn).isInstanceOf(IOException.class);
        log.failsToSayItsEnd = false;
        reader.turn();
        reader.turn();
        assertThat(heard).containsExactly("restart e-4", "5", "6", "caught up");
    }

    @Test
    void goesOnWhereItWasWhenReadingFails() throws IOException {
        log.append(1, 2);
        reader.turn();
        reader.turn();
        heard.clear();
        log.append(3, 3);
        log.failsToRead = true;
        assertThatThrownBy(reader::turn).isInstanceOf(IOException.class);
        assertThat(reader.isOpen()).isFalse();
        log.failsToRead = false;
        reader.turn();
        reader.turn();
        assertThat(heard).containsExactly("3", "caught up");
    }

    @Test
    void tellsOfAGapBehindARecordThatCouldNotBeTaken() throws IOException {
        log.append(1, 2);
        reader.turn();
        reader.turn();
        heard.clear();
        log.append(3, 5);
        notTaken = 4;
        assertThatThrownBy(reader::turn).isInstanceOf(OutOfMemoryError.class);
        reader.turn();
        reader.turn();
        log.append(6, 6);
        reader.turn();
        assertThat(heard).containsExactly("3", "restart e-4", "5", "caught up", "6");
    }

    @Test
    void tellsOfAGapAgainIfThatHasFailed() throws IOException {
        log.append(1, 2);
        failsToRestart = true;
        assertThatThrownBy(reader::turn).isInstanceOf(OutOfMemoryError.class);
        failsToRestart = false;
        reader.turn();
        reader.turn();
        assertThat(heard).containsExactly("restart e-0", "1", "2", "caught up");
    }

    /** Writes down what the reader says. */
    private final class Recorder implements LogReader.Sink {
        @Override
        public void restart(String epoch, long offset) {
            if (failsToRestart) {
                throw new OutOfMemoryError("as a test wants it");
            }
            heard.add("restart " + epoch + "-" + offset);
        }

        @Override
        public void record(long offset, LogRecord record) {
            assertThat(record.message().text()).isEqualTo("m" + offset);
            if (offset == notTaken) {
                throw new OutOfMemoryError("as a test wants it");
            }
            heard.add(String.valueOf(offset));
        }

        @Override
        public void unknown(long offset) {
            throw new AssertionError("There is nothing unknown in this log");
        }

        @Override
        public void caughtUp() {
            heard.add("caught up");
        }
    }

    /** A log of one epoch that fails when told to. */
    private static final class ReadableLog implements Backplane, Backplane.Session {
        private final List<Entry> entries = new ArrayList<>();
        private long last;
        boolean failsToSayItsEnd;
        boolean failsToRead;

        void append(long from, long to) {
            for (long offset = from; offset <= to; offset++) {
                entries.add(new Entry(
                        offset, LogRecord.of("a", Message.text("m" + offset), 0).encoded()));
            }
            last = to;
        }

        void dropAll() {
            entries.clear();
        }

        @Override
        public Session open() {
            return this;
        }

        @Override
        public String epoch() {
            return "e";
        }

        @Override
        public long first() {
            return entries.isEmpty() ? last + 1 : entries.get(0).offset();
        }

        @Override
        public long last() throws IOException {
            if (failsToSayItsEnd) {
                throw new IOException("broken while asked for its end");
            }
            return last;
        }

        @Override
        public List<Entry> read(long after, int most, Duration wait) throws IOException {
            if (failsToRead) {
                throw new IOException("broken while read");
            }
            return entries.stream()
                    .filter(entry -> entry.offset() > after)
                    .limit(most)
                    .toList();
        }

        @Override
        public List<Long> append(List<byte[]> records) {
            throw new AssertionError("A reader appends nothing");
        }

        @Override
        public void renew() {
            throw new AssertionError("Nothing was lost");
        }

        @Override
        public void close() {
            // There is no connection.
        }
    }
}
