package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.httpkit.server.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What receivers get, in which order, and when they learn of a gap. */
class TopicTableTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private TopicTable table = table(3);
    private final PlayedReceiver receiver = new PlayedReceiver();
    private long offset;
    private long now;

    @Test
    void givesWhatIsPublishedToThoseWhoListenOnly() {
        join(receiver, null, "a");
        publish("a", "one");
        publish("b", "two");
        publish("a", "three");
        assertThat(receiver.take()).containsExactly("live e-0", "a 1 one", "a 3 three");
    }

    @Test
    void givesNothingMoreOfATopicThatAReceiverHasLeft() {
        join(receiver, null, "a", "b");
        table.leave(receiver, "a");
        publish("a", "one");
        publish("b", "two");
        assertThat(receiver.take()).containsExactly("live e-0", "b 2 two");
        table.leave(receiver);
        publish("b", "three");
        assertThat(receiver.take()).isEmpty();
        assertThat(table.count("a")).isZero();
        assertThat(table.count("b")).isZero();
    }

    @Test
    void replaysWhatWasMissedAndGoesOnLive() {
        publish("a", "one");
        publish("a", "two");
        publish("a", "three");
        join(receiver, id(1), "a");
        publish("a", "four");
        assertThat(receiver.take()).containsExactly("a 2 two", "a 3 three", "live e-3", "a 4 four");
    }

    @Test
    void replaysSeveralTopicsInTheOrderOfTheLog() {
        publish("a", "one");
        publish("b", "two");
        publish("a", "three");
        publish("b", "four");
        join(receiver, id(1), "b", "a");
        assertThat(receiver.take()).containsExactly("b 2 two", "a 3 three", "b 4 four", "live e-4");
    }

    @Test
    void saysStaleOnceIfSomethingIsNotKeptAnyMore() {
        for (int i = 1; i <= 5; i++) {
            publish("a", "m" + i);
        }
        join(receiver, id(1), "a");
        publish("a", "six");
        assertThat(receiver.take()).containsExactly("stale a", "live e-5", "a 6 six");
    }

    @Test
    void isNotStaleIfTheLastMessageDroppedWasSeen() {
        for (int i = 1; i <= 5; i++) {
            publish("a", "m" + i);
        }
        join(receiver, id(2), "a");
        assertThat(receiver.take()).containsExactly("a 3 m3", "a 4 m4", "a 5 m5", "live e-5");
    }

    @Test
    void saysStaleOfTheTopicThatHasAGapAndReplaysTheOthers() {
        publish("b", "one");
        for (int i = 2; i <= 6; i++) {
            publish("a", "m" + i);
        }
        publish("b", "seven");
        join(receiver, id(1), "a", "b");
        assertThat(receiver.take()).containsExactly("stale a", "b 7 seven", "live e-7");
    }

    @Test
    void saysStaleToAnIdOfAnotherEpochAndToOneThatIsYetToCome() {
        publish("a", "one");
        join(receiver, new MessageId("other", 1), "a");
        assertThat(receiver.take()).containsExactly("stale a", "live e-1");
        PlayedReceiver early = new PlayedReceiver();
        join(early, id(2), "a");
        assertThat(early.take()).containsExactly("stale a", "live e-1");
    }

    @Test
    void givesEverythingThatIsKeptToThoseWhoAskForAll() {
        for (int i = 1; i <= 5; i++) {
            publish("a", "m" + i);
        }
        join(receiver, TopicTable.ALL, "a");
        assertThat(receiver.take()).containsExactly("a 3 m3", "a 4 m4", "a 5 m5", "live e-5");
    }

    @Test
    void forgetsByAge() {
        publish("a", "one");
        now += 11 * SECOND;
        publish("b", "two");
        join(receiver, TopicTable.ALL, "a", "b");
        assertThat(receiver.take()).containsExactly("b 2 two", "live e-2");
        PlayedReceiver back = new PlayedReceiver();
        join(back, id(0), "a");
        assertThat(back.take()).containsExactly("stale a", "live e-2");
    }

    @Test
    void forgetsTheOldestOfAllTopicsWhenTheBytesAreUsedUp() {
        table = new TopicTable(new Limits(100, 10 * SECOND, 3000, 10, 10, 20, 1000, 10, 1000), "e", 0);
        publish("a", "x".repeat(500));
        publish("b", "y".repeat(500));
        publish("c", "z".repeat(500));
        assertThat(table.history().bytes()).isLessThanOrEqualTo(3000);
        join(receiver, TopicTable.ALL, "a", "b", "c");
        assertThat(receiver.take()).hasSize(3).first().asString().startsWith("b 2");
    }

    @Test
    void keepsNothingWhenToldSo() {
        table = table(0);
        publish("a", "one");
        join(receiver, id(1), "a");
        publish("a", "two");
        PlayedReceiver back = new PlayedReceiver();
        join(back, id(1), "a");
        assertThat(receiver.take()).containsExactly("live e-1", "a 2 two");
        assertThat(back.take()).containsExactly("stale a", "live e-2");
        assertThat(table.history().count()).isZero();
    }

    @Test
    void pausesAReplayForASlowClientAndLosesNothingMeanwhile() {
        table = table(10);
        for (int i = 1; i <= 5; i++) {
            publish("a", "m" + i);
        }
        receiver.room = 2;
        join(receiver, id(0), "a");
        assertThat(receiver.take()).containsExactly("a 1 m1", "a 2 m2");
        publish("a", "m6");
        receiver.drain(table);
        receiver.drain(table);
        publish("a", "m7");
        assertThat(receiver.take()).containsExactly("a 3 m3", "a 4 m4", "a 5 m5", "a 6 m6", "live e-6", "a 7 m7");
    }

    @Test
    void letsASlowClientThatTriesAgainWaitOnlyOnceAtATime() {
        table = table(10);
        for (int i = 1; i <= 5; i++) {
            publish("a", "m" + i);
        }
        receiver.room = 2;
        for (int i = 0; i < 3; i++) {
            join(receiver, id(0), "a");
        }
        assertThat(receiver.waited).isEqualTo(1);
        receiver.drain(table);
        assertThat(receiver.waited).isEqualTo(2);
        receiver.drain(table);
        assertThat(receiver.take()).endsWith("a 5 m5", "live e-5");
    }

    @Test
    void saysStaleToOneWhoseReplayIsOvertakenByTheHistory() {
        receiver.room = 1;
        for (int i = 1; i <= 3; i++) {
            publish("a", "m" + i);
        }
        join(receiver, id(0), "a");
        for (int i = 4; i <= 9; i++) {
            publish("a", "m" + i);
        }
        receiver.drain(table);
        assertThat(receiver.take()).containsExactly("a 1 m1", "stale a", "live e-9");
    }

    @Test
    void keepsOnlyTheNewestOfEachTopicForOneWhoWantsTheLatest() {
        PlayedReceiver latest = new PlayedReceiver(WhenSlow.LATEST);
        latest.room = 1;
        join(latest, null, "a", "b");
        for (int i = 1; i <= 3; i++) {
            publish("b", "b" + i);
            publish("a", "a" + i);
        }
        assertThat(latest.take()).containsExactly("live e-0", "b 1 b1");
        latest.drain(table);
        assertThat(latest.take()).containsExactly("b 5 b3", "a 6 a3");
    }

    @Test
    void countsWhatItLeavesOut() {
        PlayedReceiver skipping = new PlayedReceiver(WhenSlow.SKIP);
        skipping.room = 1;
        join(skipping, null, "a");
        for (int i = 1; i <= 4; i++) {
            publish("a", "m" + i);
        }
        skipping.drain(table);
        publish("a", "m5");
        assertThat(skipping.take()).containsExactly("live e-0", "a 1 m1", "skipped a 3", "a 5 m5");
    }

    @Test
    void givesTheLatestBeforeANewTopicIsCaughtUpWith() {
        PlayedReceiver latest = new PlayedReceiver(WhenSlow.LATEST);
        latest.room = 1;
        publish("b", "old");
        join(latest, null, "a");
        publish("a", "one");
        publish("a", "two");
        latest.room = 10;
        join(latest, id(0), "b");
        assertThat(latest.take()).containsExactly("live e-1", "a 2 one", "a 3 two", "b 1 old", "live e-3");
    }

    @Test
    void addsATopicToALiveReceiverWithoutGivingTheOthersTwice() {
        join(receiver, null, "a");
        publish("b", "one");
        publish("a", "two");
        join(receiver, id(0), "b");
        join(receiver, id(0), "a");
        publish("a", "three");
        assertThat(receiver.take())
                .containsExactly("live e-0", "a 2 two", "b 1 one", "live e-2", "live e-2", "a 3 three");
    }

    @Test
    void comesBackWithAnIdForEachTopicIfOneWasBeingAdded() {
        table = table(10);
        join(receiver, null, "a");
        for (String topic : List.of("a", "b", "b", "b", "a")) {
            publish(topic, "of " + topic);
        }
        receiver.waiting = 0;
        receiver.room = 1;
        join(receiver, id(1), "b");
        publish("a", "missed");
        assertThat(receiver.take()).containsExactly("live e-0", "a 1 of a", "a 5 of a", "b 2 of b");
        table.leave(receiver);
        PlayedReceiver back = new PlayedReceiver();
        join(back, id(5), "a");
        join(back, id(2), "b");
        assertThat(back.take()).containsExactly("a 6 missed", "live e-6", "b 3 of b", "b 4 of b", "live e-6");
    }

    @Test
    void letsGoOfAReceiverWhoseChannelIsClosed() {
        join(receiver, null, "a", "b");
        receiver.closed = true;
        publish("a", "one");
        assertThat(table.count("a")).isZero();
        assertThat(table.count("b")).isZero();
    }

    @Test
    void refusesMoreTopicsThanAReceiverMayHave() {
        table = new TopicTable(new Limits(3, SECOND, 10_000, 10, 2, 20, 1000, 10, 1000), "e", 0);
        assertThat(table.join(receiver, List.of("a", "b", "c"), null)).isFalse();
        assertThat(table.join(receiver, List.of("a", "b"), null)).isTrue();
        assertThat(table.join(receiver, List.of("c"), null)).isFalse();
        assertThat(table.topicCount()).isEqualTo(2);
    }

    @Test
    void countsATopicOnceThatAReceiverNamesAgain() {
        table = new TopicTable(new Limits(3, SECOND, 10_000, 10, 2, 20, 1000, 10, 1000), "e", 0);
        join(receiver, null, "a", "b");
        join(receiver, null, "b", "a");
        assertThat(table.join(receiver, List.of("a", "c"), null)).isFalse();
        assertThat(receiver.take()).containsExactly("live e-0", "live e-0");
        assertThat(table.topicCount()).isEqualTo(2);
    }

    @Test
    void doesNotMakeRoomAtTheCostOfATopicThatIsWanted() {
        table = new TopicTable(new Limits(3, 100 * SECOND, 10_000, 3, 3, 20, 1000, 10, 1000), "e", 0);
        join(new PlayedReceiver(), null, "x");
        publish("a", "one");
        publish("b", "two");
        join(receiver, id(0), "a", "d");
        assertThat(receiver.take()).containsExactly("stale d", "a 1 one", "live e-2");
    }

    @Test
    void joinsNoTopicIfThereIsNoRoomForAll() {
        table = new TopicTable(new Limits(3, 100 * SECOND, 10_000, 2, 3, 20, 1000, 10, 1000), "e", 0);
        join(new PlayedReceiver(), null, "x");
        publish("a", "one");
        assertThat(table.join(receiver, List.of("a", "d"), null)).isFalse();
        assertThat(receiver.take()).isEmpty();
        assertThat(table.count("a")).isZero();
        join(receiver, id(0), "a");
        assertThat(receiver.take()).containsExactly("a 1 one", "live e-1");
    }

    @Test
    void makesRoomForATopicByForgettingOneWithoutReceivers() {
        table = new TopicTable(new Limits(3, 100 * SECOND, 10_000, 2, 2, 20, 1000, 10, 1000), "e", 0);
        publish("a", "one");
        publish("b", "two");
        publish("c", "three");
        assertThat(table.topicCount()).isEqualTo(2);
        join(receiver, id(0), "a");
        assertThat(receiver.take()).containsExactly("stale a", "live e-3");
    }

    @Test
    void refusesAReceiverIfAllTopicsHaveReceivers() {
        table = new TopicTable(new Limits(3, 100 * SECOND, 10_000, 1, 2, 20, 1000, 10, 1000), "e", 0);
        join(receiver, null, "a");
        assertThat(table.join(new PlayedReceiver(), List.of("b"), null)).isFalse();
        publish("b", "one");
        publish("a", "two");
        assertThat(receiver.take()).containsExactly("live e-0", "a 2 two");
        table.leave(receiver);
        table.trim(now + 200 * SECOND);
        assertThat(table.topicCount()).isZero();
    }

    @Test
    void tellsAllReceiversOfAGapOnceAndGoesOnBehindIt() {
        join(receiver, null, "a", "b");
        publish("a", "one");
        table.restart("f", 6);
        table.append(7, "a", Message.text("old"), now);
        table.loaded();
        table.append(8, "a", Message.text("eight"), now);
        assertThat(receiver.take())
                .contains("stale a", "stale b")
                .endsWith("live f-7", "a 8 eight")
                .hasSize(6);
        PlayedReceiver back = new PlayedReceiver();
        join(back, id(1), "a");
        assertThat(back.take()).containsExactly("stale a", "live f-8");
        PlayedReceiver here = new PlayedReceiver();
        join(here, new MessageId("f", 6), "a");
        assertThat(here.take()).containsExactly("a 7 old", "a 8 eight", "live f-8");
    }

    @Test
    void letsReceiversWaitWhileTheLogIsLoaded() {
        table.restart("f", 6);
        table.append(7, "a", Message.text("seven"), now);
        join(receiver, null, "a");
        assertThat(receiver.take()).isEmpty();
        table.append(8, "a", Message.text("eight"), now);
        table.loaded();
        table.loaded();
        assertThat(receiver.take()).containsExactly("live f-8");
        table.append(9, "a", Message.text("nine"), now);
        assertThat(receiver.take()).containsExactly("a 9 nine");
    }

    @Test
    void goesOnBehindTheIdOfOneWhoComesWhileTheLogIsLoaded() {
        PlayedReceiver old = new PlayedReceiver();
        PlayedReceiver gone = new PlayedReceiver();
        PlayedReceiver everything = new PlayedReceiver();
        table.restart("f", 6);
        join(receiver, new MessageId("f", 7), "a", "b");
        join(old, id(5), "a");
        join(everything, TopicTable.ALL, "a");
        join(gone, new MessageId("f", 7), "a");
        table.leave(gone);
        table.append(7, "a", Message.text("seven"), now);
        table.append(8, "b", Message.text("eight"), now);
        table.loaded();
        table.append(9, "a", Message.text("nine"), now);
        assertThat(receiver.take()).containsExactly("b 8 eight", "live f-8", "a 9 nine");
        assertThat(old.take()).containsExactly("stale a", "live f-8", "a 9 nine");
        assertThat(everything.take()).containsExactly("a 7 seven", "live f-8", "a 9 nine");
        assertThat(gone.take()).isEmpty();
    }

    @Test
    void saysStaleOnceThoughTheLogBeginsAnewMoreThanOnce() {
        PlayedReceiver fresh = new PlayedReceiver();
        PlayedReceiver known = new PlayedReceiver();
        join(receiver, null, "a");
        receiver.take();
        table.restart("f", 6);
        join(fresh, null, "a");
        join(known, new MessageId("g", 1), "a");
        table.restart("g", 0);
        table.append(1, "a", Message.text("one"), now);
        table.append(2, "a", Message.text("two"), now);
        table.loaded();
        assertThat(receiver.take()).containsExactly("stale a", "live g-2");
        assertThat(fresh.take()).containsExactly("live g-2");
        assertThat(known.take()).containsExactly("a 2 two", "live g-2");
    }

    @Test
    void letsReceiversWaitForALogThatNobodyHasSeenYet() {
        table.awaitLog();
        join(receiver, new MessageId("f", 7), "a");
        assertThat(receiver.take()).isEmpty();
        table.restart("f", 6);
        table.append(7, "a", Message.text("seven"), now);
        table.append(8, "a", Message.text("eight"), now);
        table.loaded();
        assertThat(receiver.take()).containsExactly("a 8 eight", "live f-8");
    }

    @Test
    void givesNobodyAnIdOfTheNewLogBeforeItKnowsOfTheGap() {
        PlayedReceiver latest = new PlayedReceiver(WhenSlow.LATEST);
        PlayedReceiver skipping = new PlayedReceiver(WhenSlow.SKIP);
        latest.room = 1;
        skipping.room = 1;
        for (PlayedReceiver each : List.of(receiver, latest, skipping)) {
            join(each, null, "a");
        }
        publish("a", "one");
        publish("a", "two");
        receiver.take();
        latest.take();
        skipping.take();
        table.restart("f", 0);
        table.append(1, "a", Message.text("loaded"), now);
        for (PlayedReceiver each : List.of(receiver, latest, skipping)) {
            assertThat(each.state()).as("is told of no place").isNotEqualTo(Receiver.State.LIVE);
            join(each, null, "b");
            assertThat(each.take()).isEmpty();
        }
        latest.drain(table);
        skipping.drain(table);
        table.loaded();
        for (PlayedReceiver each : List.of(receiver, latest, skipping)) {
            assertThat(each.take()).contains("stale a").endsWith("live f-1");
        }
    }

    @Test
    void tellsThoseWhoWantToKnowHowManyTheyAre() {
        PlayedReceiver curious = new PlayedReceiver();
        curious.presence = true;
        join(curious, null, "a");
        join(receiver, null, "a");
        assertThat(table.presence().isEmpty()).isFalse();
        table.presence().tell(topic -> topic.count() + 5);
        assertThat(curious.take()).containsExactly("live e-0", "presence a 2 7");
        assertThat(receiver.take()).containsExactly("live e-0");
        assertThat(table.presence().isEmpty()).isTrue();
        table.leave(receiver);
        table.presence().tell(Topic::count);
        assertThat(curious.take()).containsExactly("presence a 1 1");
    }

    @Test
    void tellsThoseWhoWereNotLiveHowManyTheyAreWhenTheyAre() {
        PlayedReceiver slow = new PlayedReceiver(WhenSlow.LATEST);
        slow.presence = true;
        PlayedReceiver curious = new PlayedReceiver();
        curious.presence = true;
        join(slow, null, "a");
        join(curious, null, "a");
        table.presence().tell(Topic::count);
        slow.room = 1;
        publish("a", "one");
        publish("a", "two"); // which it does not take
        join(receiver, null, "a");
        table.presence().tell(Topic::count);
        assertThat(curious.take()).endsWith("presence a 3 3");
        assertThat(slow.take()).endsWith("presence a 2 2", "a 1 one");
        assertThat(table.presence().isEmpty()).isTrue();
        slow.drain(table);
        table.presence().tell(Topic::count);
        assertThat(slow.take()).containsExactly("a 2 two", "presence a 3 3");
        assertThat(curious.take()).as("knows it").isEmpty();
    }

    @Test
    void tellsThoseWhoHaveWaitedForTheLogHowManyTheyAre() {
        table.awaitLog();
        receiver.presence = true;
        join(receiver, null, "a");
        table.presence().tell(Topic::count);
        table.restart("f", 0);
        table.loaded();
        table.presence().tell(Topic::count);
        assertThat(receiver.take()).containsExactly("live f-0", "presence a 1 1");
    }

    private static TopicTable table(int keep) {
        return new TopicTable(new Limits(keep, 10 * SECOND, 1 << 20, 100, 100, 20, 1000, 10, 1000), "e", 0);
    }

    private void publish(String topic, String text) {
        offset++;
        table.append(offset, topic, Message.text(text), now);
    }

    private void join(PlayedReceiver who, @Nullable MessageId after, String... topics) {
        assertThat(table.join(who, List.of(topics), after)).isTrue();
    }

    private static MessageId id(long offset) {
        return new MessageId("e", offset);
    }
}
