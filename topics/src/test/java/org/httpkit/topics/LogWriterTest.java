package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What publishers learn of their messages, whatever becomes of the broker. */
class LogWriterTest {
    private final WritableLog log = new WritableLog();
    private MessageId read = new MessageId("none", 0);
    private final LogWriter writer = new LogWriter(log, () -> read, Runnable::run, 10, 1000);

    @Test
    void saysThatAMessageMayHaveBeenPublishedIfTheBrokerFails() throws Exception {
        log.failure = new IOException("broken while written to");
        expectFailureAndRecovery();
    }

    @Test
    void saysSoAfterAnErrorAsWell() throws Exception {
        log.failure = new NoClassDefFoundError("a class of the broker's client");
        expectFailureAndRecovery();
    }

    private void expectFailureAndRecovery() throws Exception {
        Throwable failure = log.failure;
        CompletableFuture<MessageId> lost = write("lost");
        assertThatThrownBy(() -> writer.turn(0)).isSameAs(failure);
        assertThat(lost).isDone();
        assertThatThrownBy(lost::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("may have been published or not");
        assertThat(writer.isOpen()).isFalse();
        log.failure = null;
        CompletableFuture<MessageId> next = write("next");
        writer.turn(0);
        assertThat(next.join()).isEqualTo(new MessageId("e", 1));
        assertThat(log.records).containsExactly("next");
    }

    @Test
    void givesIdsOfTheEpochThatTheReaderHasFound() throws Exception {
        CompletableFuture<MessageId> before = write("before");
        writer.turn(0);
        assertThat(before.join()).isEqualTo(new MessageId("e", 1));
        log.epoch = "f"; // another server has found a loss
        read = new MessageId("f", 1);
        CompletableFuture<MessageId> behind = write("behind");
        writer.turn(0);
        assertThat(behind.join()).isEqualTo(new MessageId("f", 2));
    }

    @Test
    void keepsItsSessionWhileTheReaderIsInAnOlderEpoch() throws Exception {
        read = new MessageId("d", 7);
        for (int i = 1; i <= 3; i++) {
            write("m" + i);
            writer.turn(0);
        }
        assertThat(log.opened).isEqualTo(1);
    }

    @Test
    void refusesOnlyTheRecordThatIsTooLongForTheBroker() throws Exception {
        log.mostRecordBytes = 5;
        CompletableFuture<MessageId> first = write("12345");
        CompletableFuture<MessageId> tooLong = write("123456");
        CompletableFuture<MessageId> next = write("next");
        writer.turn(0);
        assertThat(first.join()).isEqualTo(new MessageId("e", 1));
        assertThat(next.join()).isEqualTo(new MessageId("e", 2));
        assertThatThrownBy(tooLong::join)
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6")
                .hasMessageContaining("5");
        assertThat(writer.isOpen()).isTrue();
    }

    @Test
    void takesNothingAfterItsEnd() {
        CompletableFuture<MessageId> waits = write("waits");
        writer.close();
        assertThatThrownBy(waits::join).hasMessageContaining("closed before the message was published");
        CompletableFuture<MessageId> late = write("late");
        assertThat(late).isDone();
        assertThatThrownBy(late::join).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(writer.waiting()).isZero();
    }

    private CompletableFuture<MessageId> write(String record) {
        return writer.write(record.getBytes(UTF_8), 0);
    }

    /** A log that fails when told to. */
    private static final class WritableLog implements Backplane {
        final List<String> records = new ArrayList<>();

        @Nullable
        Throwable failure;

        String epoch = "e";
        int opened;
        int mostRecordBytes = Integer.MAX_VALUE;

        /** A session notices a new epoch as little as one of JetStream. */
        @Override
        public Session open() {
            opened++;
            String itsEpoch = epoch;
            return new Session() {
                @Override
                public String epoch() {
                    return itsEpoch;
                }

                @Override
                public long first() {
                    return 1;
                }

                @Override
                public long last() {
                    return records.size();
                }

                @Override
                public List<Entry> read(long after, int most, Duration wait) {
                    throw new AssertionError("A writer reads nothing");
                }

                @Override
                public long mostRecordBytes() {
                    return mostRecordBytes;
                }

                @Override
                public List<Long> append(List<byte[]> appended) throws IOException {
                    if (appended.stream().anyMatch(record -> record.length > mostRecordBytes)) {
                        throw new IllegalArgumentException("The broker's client refuses all of it");
                    }
                    if (failure instanceof IOException network) {
                        throw network;
                    }
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    List<Long> offsets = new ArrayList<>();
                    for (byte[] record : appended) {
                        records.add(new String(record, UTF_8));
                        offsets.add((long) records.size());
                    }
                    return offsets;
                }

                @Override
                public void renew() {
                    throw new AssertionError("Nothing was lost");
                }

                @Override
                public void close() {
                    // There is no connection.
                }
            };
        }
    }
}
