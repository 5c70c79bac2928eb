package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the thread of topics takes on. */
class EngineTest {
    private static final int MOST = 10;
    private static final Limits LIMITS =
            new Limits(3, Duration.ofMinutes(1).toNanos(), 1 << 20, 100, 100, 20, 1000, MOST, 1000);

    private final Engine engine =
            new Engine(new TopicTable(LIMITS, "e", 0), LIMITS, PresenceBoard.ALONE, new IdleWheel(0), 1000, true);
    private final PlayedReceiver receiver = new PlayedReceiver();
    private final List<String> done = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void takesNoMoreCommandsWhileThoseThatWaitNameManyTopics() {
        assertThat(engine.order(receiver, new MessageId("e", 5), MOST, () -> done.add("one who is ahead")))
                .isTrue();
        engine.post(() -> done.add("the first one has left the queue"));
        await().until(() -> !done.isEmpty());
        assertThat(engine.order(receiver, null, 1, () -> done.add("too many"))).isFalse();
        await().until(() -> engine.order(receiver, null, 1, () -> done.add("later"))); // when the first one has waited
        await().until(() -> done.contains("later"));
        assertThat(done).containsExactly("the first one has left the queue", "one who is ahead", "later");
    }

    @Test
    void hangsUpAllChannelsAtTheEndWhereverTheyAre() {
        PlayedReceiver ahead = new PlayedReceiver();
        PlayedReceiver leaver = new PlayedReceiver();
        PlayedReceiver gone = new PlayedReceiver();
        PlayedReceiver late = new PlayedReceiver();
        engine.open(receiver, null, () -> {}); // without a topic
        engine.open(ahead, new MessageId("e", 5), () -> done.add("never"));
        engine.open(leaver, null, () -> engine.table.join(leaver, List.of("a"), null));
        engine.post(() -> engine.table.leave(leaver, "a"));
        engine.open(gone, null, () -> {});
        engine.post(() -> engine.table.leave(gone));
        engine.close();
        engine.open(late, null, () -> done.add("never"));
        for (PlayedReceiver each : List.of(receiver, ahead, leaver, late)) {
            await().untilAsserted(() -> assertThat(each.got).containsExactly("hung up"));
        }
        assertThat(gone.got).isEmpty();
        assertThat(done).isEmpty();
    }

    @Test
    void goesOnAfterAnErrorThatCannotEvenBeLogged() {
        Handler broken = new Handler() {
            @Override
            public void publish(LogRecord told) {
                throw new OutOfMemoryError("of a test");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("org.httpkit.topics");
        logger.addHandler(broken);
        try {
            engine.post(() -> {
                throw new OutOfMemoryError("of a test");
            });
            engine.post(() -> done.add("next"));
            await().until(() -> done.contains("next"));
        } finally {
            logger.removeHandler(broken);
        }
    }
}
