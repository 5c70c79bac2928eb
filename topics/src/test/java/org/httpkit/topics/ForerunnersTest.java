package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long clients wait that have seen more of the shared log, at another server, than has been read here. */
class ForerunnersTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final TopicTable table =
            new TopicTable(new Limits(3, 10 * SECOND, 1 << 20, 100, 100, 20, 1000, 10, 1000), "e", 0);
    private final Forerunners forerunners = new Forerunners();
    private final PlayedReceiver receiver = new PlayedReceiver();
    private final List<String> done = new ArrayList<>();
    private long now;

    private boolean add(PlayedReceiver who, @Nullable MessageId after, String command) {
        return forerunners.add(who, after, () -> done.add(command), table, now);
    }

    private static MessageId id(long offset) {
        return new MessageId("e", offset);
    }

    private void readUpTo(long offset) {
        table.append(offset, "a", Message.text("m" + offset), now);
        letIn();
    }

    private void letIn() {
        forerunners.take(table, now).forEach(Runnable::run);
    }

    @Test
    void oneWhoIsAheadComesInWhenTheLogHasBeenReadAsFar() {
        assertThat(add(receiver, id(3), "join")).isTrue();
        letIn();
        readUpTo(1);
        readUpTo(2);
        assertThat(done).isEmpty();

        readUpTo(3);

        assertThat(done).containsExactly("join");
        assertThat(forerunners.size()).isZero();
    }

    @Test
    void goesOnBehindTheLastMessageSeenWithoutAGap() {
        table.append(1, "a", Message.text("one"), now);
        forerunners.add(receiver, id(2), () -> table.join(receiver, List.of("a"), id(2)), table, now);
        readUpTo(2);
        readUpTo(3);

        assertThat(receiver.take()).containsExactly("live e-2", "a 3 m3");
    }

    @Test
    void nobodyElseWaits() {
        readUpTo(1);

        assertThat(add(receiver, null, "new")).isFalse();
        assertThat(add(receiver, TopicTable.ALL, "all")).isFalse();
        assertThat(add(receiver, id(1), "here")).isFalse();
        assertThat(add(receiver, new MessageId("other", 9), "of another log")).isFalse();
    }

    @Test
    void laterCommandsOfTheSameReceiverWaitBehind() {
        PlayedReceiver other = new PlayedReceiver();
        add(receiver, id(1), "subscribe");
        assertThat(add(receiver, null, "unsubscribe")).isTrue();
        assertThat(add(other, null, "another's")).isFalse();

        readUpTo(1);

        assertThat(done).containsExactly("subscribe", "unsubscribe");
        assertThat(add(receiver, null, "afterwards")).isFalse();
    }

    @Test
    void theWaitEndsAfterASecond() {
        add(receiver, id(5), "join");
        now += SECOND - 1;
        assertThat(forerunners.dueInNanos(now)).isEqualTo(1);
        letIn();
        assertThat(done).isEmpty();

        now++;
        letIn();

        assertThat(done).containsExactly("join");
        assertThat(forerunners.dueInNanos(now)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theWaitEndsWhenTheLogBeginsAnew() {
        add(receiver, id(5), "join");

        table.restart("f", 0);
        letIn();

        assertThat(done).containsExactly("join");
    }

    @Test
    void thoseWhoAreFurtherAheadGoOnWaiting() {
        add(receiver, id(1), "near");
        add(new PlayedReceiver(), id(3), "far");
        readUpTo(1);
        assertThat(done).containsExactly("near");
        readUpTo(2);
        assertThat(forerunners.size()).isEqualTo(1);

        readUpTo(3);

        assertThat(done).containsExactly("near", "far");
    }

    @Test
    void allComeInAtOnceIfTooManyWait() {
        add(receiver, id(5), "one");
        add(new PlayedReceiver(), id(6), "two");

        forerunners.takeAll().forEach(Runnable::run);

        assertThat(done).containsExactly("one", "two");
        assertThat(add(receiver, null, "afterwards")).isFalse();
    }
}
