package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a link sends while the loop works on its input is gathered, and nothing else is. */
final class TurnTest {
    private static final class TolerantLoop extends FakeLoop {
        private final List<Throwable> reported = new ArrayList<>();

        @Override
        public void report(Throwable failure) {
            reported.add(failure);
        }
    }

    private final TolerantLoop loop = new TolerantLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = link(wire);
    private final FakeWire otherWire = new FakeWire();
    private final Link other = link(otherWire);

    private Link link(FakeWire itsWire) {
        Link made = new Link(loop, itsWire);
        made.start(new IgnoringProtocol());
        return made;
    }

    private static void send(Link link, String text) {
        Scratch scratch = link.scratch();
        scratch.bytes.append(text.getBytes(US_ASCII));
        link.send(scratch);
    }

    private static void onAnotherThread(Runnable work) {
        CompletableFuture.runAsync(work, task -> new Thread(task).start())
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void whatIsSentInATurnLeavesInOneWriteAtItsEnd() {
        loop.run(() -> link.batch(() -> {
            send(link, "one ");
            send(link, "two");
            assertThat(wire.writes).isEmpty();
        }));

        assertThat(wire.writes).containsExactly("one two");
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void anotherLinkSendsAtOnceMeanwhile() {
        loop.run(() -> link.batch(() -> {
            send(link, "mine ");
            send(other, "its");
            assertThat(otherWire.writes).containsExactly("its");
            send(link, "too");
        }));

        assertThat(wire.writes).containsExactly("mine too");
        assertThat(otherWire.writes).hasSize(1);
    }

    @Test
    void whatAnotherThreadSendsMeanwhileComesBehindWhatWasGatheredBefore() {
        loop.run(() -> link.batch(() -> {
            send(link, "one ");
            onAnotherThread(() -> send(link, "two "));
            assertThat(wire.writes).isEmpty();
            send(link, "three");
        }));

        assertThat(wire.written()).isEqualTo("one two three");
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void aFailedTurnLeavesNothingToTheNext() {
        RuntimeException fault = new IllegalStateException("Played");

        loop.run(() -> link.batch(() -> {
            send(link, "half an answer");
            throw fault;
        }));
        loop.run(() -> other.batch(() -> send(other, "an answer")));

        assertThat(loop.reported).containsExactly(fault);
        assertThat(wire.writes).isEmpty();
        assertThat(link.isClosed()).isTrue();
        assertThat(link.isDrained()).isTrue();
        assertThat(otherWire.writes).containsExactly("an answer");
    }

    @Test
    void whatIsConfinedToTheLoopIsRefusedToOtherThreads() {
        onAnotherThread(() -> {
            assertThatThrownBy(link::pauseInput).isInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> link.close(null)).isInstanceOf(AssertionError.class);
            assertThatThrownBy(link::writable).isInstanceOf(AssertionError.class);
        });
        assertThat(link.isClosed()).isFalse();
    }
}
