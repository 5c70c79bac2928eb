package org.httpkit.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.httpkit.server.Message;
import org.junit.jupiter.api.Test;

/** What servers tell each other about how many listen, and in which form records go through a log. */
class SharedPresenceTest {
    private static final long ALIVE = 300;

    private final Map<String, Long> changed = new HashMap<>();
    private final SharedPresence one = new SharedPresence("one", 10, ALIVE, 0);
    private final SharedPresence two = new SharedPresence("two", 10, ALIVE, 0);

    @Test
    void sumsUpWhatServersSay() {
        one.changed("a", 3);
        one.changed("b", 1);
        say(one, two, 0);
        assertThat(two.everywhere("a", 2)).isEqualTo(5);
        assertThat(changed).containsEntry("a", 3L).containsEntry("b", 1L);
        one.changed("a", 0);
        say(one, two, 1);
        assertThat(two.everywhere("a", 2)).isEqualTo(2);
        assertThat(two.everywhere("b", 0)).isEqualTo(1);
    }

    @Test
    void countsItselfOnlyOnce() {
        one.changed("a", 3);
        say(one, one, 0);
        assertThat(one.everywhere("a", 3)).isEqualTo(3);
    }

    @Test
    void asksAsItComesAndIsAnswered() {
        say(two, one, 0); // as each does at first
        assertThat(text(one, 1, each -> each.accept("a", 7))).isEqualTo("one?\n7 a");
        assertThat(text(one, 2, each -> each.accept("a", 7))).isNull();
        one.restart(changed::put);
        assertThat(text(one, 3, each -> {})).isEqualTo("one?");
    }

    @Test
    void saysThatItIsThere() {
        text(one, 0, each -> {});
        assertThat(text(one, ALIVE / 3 - 1, each -> {})).isNull();
        assertThat(text(one, ALIVE / 3, each -> {})).isEqualTo("one");
    }

    @Test
    void takesAServerForDeadThatIsNotHeardOf() {
        one.changed("a", 3);
        say(one, two, 10);
        two.expire(ALIVE + 9, changed::put);
        assertThat(two.everywhere("a", 0)).isEqualTo(3);
        two.expire(ALIVE + 10, changed::put);
        assertThat(two.everywhere("a", 0)).isZero();
        assertThat(changed).containsEntry("a", 0L);
    }

    @Test
    void asksAServerAgainThatItHasTakenForDead() {
        one.changed("a", 3);
        say(one, two, 0);
        say(two, one, 0);
        text(one, 1, each -> each.accept("a", 3)); // as two asks at first
        two.expire(ALIVE, changed::put);
        say(one, two, 2 * ALIVE); // without counts
        say(two, one, 2 * ALIVE);
        byte[] answer = one.toSay(2 * ALIVE, each -> each.accept("a", 3));
        assertThat(answer).isNotNull();
        two.heard(answer, 2 * ALIVE, changed::put);
        assertThat(two.everywhere("a", 0)).isEqualTo(3);
        assertThat(text(two, 2 * ALIVE, each -> {})).as("asks no more").isNull();
    }

    @Test
    void beginsAnewWhenItMayHaveMissedThatNobodyListensAnyMore() {
        one.changed("a", 3);
        one.changed("b", 1);
        say(one, two, 0);
        one.changed("a", 0);
        text(one, 1, each -> {}); // which two does not hear
        two.restart(changed::put);
        assertThat(two.everywhere("b", 0)).isZero();
        assertThat(changed).containsEntry("a", 0L).containsEntry("b", 0L);
        say(two, one, 2);
        two.heard(one.toSay(2, each -> each.accept("b", 1)), 2, changed::put);
        assertThat(two.everywhere("a", 0)).isZero();
        assertThat(two.everywhere("b", 0)).isEqualTo(1);
        assertThat(changed).containsEntry("a", 0L).containsEntry("b", 1L);
    }

    @Test
    void saysAgainWhatHasNotBeenHeard() {
        one.changed("a", 3);
        one.changed("b", 1);
        byte[] lost = one.toSay(0, each -> {});
        one.changed("b", 0);
        one.unheard(lost);
        assertThat(text(one, 1, each -> {}))
                .startsWith("one?\n")
                .contains("\n3 a")
                .contains("\n0 b");
        assertThat(text(one, 2, each -> {})).isNull();
        byte[] older = lost;
        one.changed("a", 0);
        assertThat(text(one, 3, each -> {})).isEqualTo("one\n0 a");
        one.unheard(older);
        one.changed("b", 0);
        assertThat(text(one, 4, each -> {})).contains("\n0 a").contains("\n0 b").doesNotContain("3 a");
    }

    @Test
    void holdsNoNameOfWhichTheOthersKnowTheCount() {
        text(one, 0, each -> {});
        for (int i = 0; i < 1000; i++) {
            one.changed("a" + i, 1);
            one.changed("a" + i, 0);
        }
        assertThat(text(one, 1, each -> {})).isNull();
    }

    @Test
    void saysLongNamesInSeveralRecords() {
        for (int i = 100; i < 400; i++) {
            one.changed("x".repeat(997) + i, 1);
        }
        int most = 0;
        for (byte[] said = one.toSay(0, each -> {}); said != null; said = one.toSay(0, each -> {})) {
            assertThat(said.length).isLessThan(256 * 1024);
            two.heard(said, 0, changed::put);
            most++;
        }
        assertThat(most).isGreaterThan(1);
    }

    @Test
    void bringsRecordsThroughALog() {
        LogRecord text = LogRecord.of("room.é", Message.text("grüß"), 5);
        LogRecord back = LogRecord.decode(text.encoded());
        assertThat(back).isNotNull();
        assertThat(back.topic()).isEqualTo("room.é");
        assertThat(back.millis()).isEqualTo(5);
        assertThat(back.message().text()).isEqualTo("grüß");
        LogRecord binary = LogRecord.decode(
                LogRecord.of("a", Message.binary(new byte[] {1, 2}), 0).encoded());
        assertThat(binary).isNotNull();
        assertThat(binary.message().bytes()).containsExactly(1, 2);
        assertThat(text.encoded()).as("each is unlike all others").isNotEqualTo(text.encoded());
    }

    @Test
    void leavesOutRecordsThatItDoesNotKnow() {
        byte[] record = LogRecord.of("abc", Message.text("x"), 5).encoded();
        for (int length = 0; length < record.length - 1; length++) {
            assertThat(LogRecord.decode(java.util.Arrays.copyOf(record, Math.min(length, 18))))
                    .isNull();
        }
        byte[] otherFormat = record.clone();
        otherFormat[0] = 9;
        assertThat(LogRecord.decode(otherFormat)).isNull();
        byte[] otherKind = record.clone();
        otherKind[1] = 9;
        assertThat(LogRecord.decode(otherKind)).isNull();
    }

    private void say(SharedPresence from, SharedPresence to, long now) {
        byte[] said = from.toSay(now, each -> {});
        assertThat(said).isNotNull();
        to.heard(said, now, changed::put);
    }

    private static String text(SharedPresence who, long now, java.util.function.Consumer<ObjIntConsumer<String>> all) {
        byte[] said = who.toSay(now, all);
        return said == null ? null : new String(said, UTF_8);
    }
}
