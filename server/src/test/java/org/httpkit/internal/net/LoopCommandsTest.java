package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many commands a loop runs before ready links have their turns. */
final class LoopCommandsTest {
    private final FakeLoop loop = new FakeLoop();
    private final List<String> done = new ArrayList<>();
    private final LoopCommands commands = new LoopCommands(loop, new LoopCalls(loop, new LoopClock(), new Standby() {
        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public void rouse() {}
    }));

    private void add(String name, long nanos) {
        commands.add(() -> {
            done.add(name);
            loop.nanos += nanos;
        });
    }

    private List<String> cycle() {
        return cycleBehindTurnsOf(0);
    }

    private List<String> cycleBehindTurnsOf(long turnsNanos) {
        done.clear();
        loop.run(() -> assertThat(commands.run(loop.nanos - turnsNanos)).isTrue());
        return done;
    }

    @Test
    void runsQuickCommandsTogetherInTheirOrder() {
        add("one", 1_000);
        add("two", 1_000);
        add("three", 1_000);

        assertThat(cycle()).containsExactly("one", "two", "three");
        assertThat(commands.isEmpty()).isTrue();
    }

    @Test
    void leavesTheOthersForTheNextCycleAfterALongOne() {
        add("quick", 1_000);
        add("long", 1_000_000);
        add("another", 1_000_000);
        add("last", 1_000);

        assertThat(cycle()).containsExactly("quick", "long");
        assertThat(cycle()).containsExactly("another");
        assertThat(cycle()).containsExactly("last");
    }

    @Test
    void runsCommandsForAsLongAsTheTurnsTook() {
        for (int i = 0; i < 10; i++) {
            add("long", 1_000_000);
        }

        assertThat(cycleBehindTurnsOf(3_500_000)).hasSize(4);
        assertThat(cycle()).hasSize(1);
    }

    @Test
    void runsFirstAllThatFreesMemory() {
        add("one", 1_000_000);
        add("two", 1_000_000);
        for (int i = 0; i < 3; i++) {
            commands.addFirst(() -> {
                done.add("frees");
                loop.nanos += 1_000_000;
            });
        }

        assertThat(cycle()).containsExactly("frees", "frees", "frees");
        assertThat(commands.isEmpty()).isFalse();
        assertThat(cycle()).containsExactly("one");
    }

    @Test
    void endsTheCycleEvenIfSomethingIsToBeFreedForEver() {
        commands.addFirst(new Runnable() {
            @Override
            public void run() {
                done.add("frees");
                loop.nanos += 1_000_000;
                commands.addFirst(this);
            }
        });

        assertThat(cycle()).hasSize(11);
    }

    @Test
    void knowsNothingToDoWithoutCommands() {
        assertThat(cycle()).isEmpty();
    }
}
