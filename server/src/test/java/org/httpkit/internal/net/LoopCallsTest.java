package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The calls that a loop makes, one after the other. */
final class LoopCallsTest {
    private static final long NANOS_EACH = 20_000;

    /** A loop that makes calls, with a time that passes only during them. */
    private final class CallingLoop extends FakeLoop {
        @Override
        public boolean callNext(Link caller, LoopCall call) {
            return calls.note(caller, call);
        }

        @Override
        public boolean hasCall() {
            return calls.isNoted();
        }

        @Override
        public void readSoon(Link reader) {
            turns.add(reader);
        }
    }

    private final class PlayedClock extends LoopClock {
        @Override
        long systemNanos() {
            return loop.nanos;
        }
    }

    private static final class AlwaysReady implements Standby {
        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void rouse() {}
    }

    /** A peer whose layer holds a byte that the selector knows nothing of. */
    private static final class Peer extends FakeWire {
        int bytes = 1;

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(bytes, into.remaining());
            into.position(into.position() + count);
            bytes -= count;
            return count;
        }

        @Override
        public boolean hasInput() {
            return bytes > 0;
        }
    }

    /** A protocol with requests that wait for their calls, as pipelined ones do. */
    private class Pipelined extends IgnoringProtocol implements LoopCall {
        int waiting;
        int made;
        int taken;

        Pipelined(int waiting) {
            this.waiting = waiting;
        }

        void callNext() {
            if (waiting > 0 && link.callNext(this)) {
                waiting--;
            }
        }

        @Override
        public void onInput(ByteBuffer input) {
            taken += input.remaining();
            callNext();
        }

        @Override
        public void onCalled() {
            callNext();
        }

        @Override
        public void call() {
            made++;
            loop.nanos += NANOS_EACH;
        }

        @Override
        public void finish(Effect effect, long nanos) {}
    }

    private final FakeLoop loop = new CallingLoop();
    private final LoopClock clock = new PlayedClock();
    private final LoopCalls calls = new LoopCalls(loop, clock, new AlwaysReady());
    private final LoopTurns turns = new LoopTurns(loop, new LoopLinks(loop, null, calls, null, null), calls);
    private final Peer peer = new Peer();
    private final Link link = new Link(loop, peer);

    /** Runs work of the loop on a thread that can put the loop down. */
    private void onLoop(Runnable work) throws InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread = new LoopThread("loop") {
            @Override
            public void run() {
                loop.run(() -> {
                    clock.read();
                    work.run();
                });
            }
        };
        thread.setUncaughtExceptionHandler((failed, cause) -> failure.set(cause));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }

    private void giveTurn() throws InterruptedException {
        onLoop(() -> {
            turns.add(link);
            assertThat(turns.give()).isTrue();
        });
    }

    @Test
    void makesAFewCallsOneAfterTheOther() throws Exception {
        Pipelined few = new Pipelined(16);
        link.start(few);

        giveTurn();

        assertThat(few.made).isEqualTo(16);
    }

    @Test
    void refusesTheNextCallWhenThoseBeforeHaveTakenLong() throws Exception {
        Pipelined many = new Pipelined(3_000);
        link.start(many);

        giveTurn();

        assertThat(many.made).isEqualTo((int) (LoopCalls.CHAIN_NANOS / NANOS_EACH));
    }

    @Test
    void goesOnInAnotherTurn() throws Exception {
        Pipelined many = new Pipelined(60);
        link.start(many);
        giveTurn();
        assertThat(many.waiting).isPositive();

        peer.bytes = 1;
        giveTurn();

        assertThat(many.made).isEqualTo(60);
    }

    @Test
    void refusesTheNextCallOfALinkThatHasLostTheLoop() throws Exception {
        Pipelined stuck = new Pipelined(2) {
            @Override
            public void call() {
                super.call();
                loop.nanos += LoopCalls.CHAIN_NANOS;
                assertThat(calls.baton().pickUp(calls.baton().turn())).isTrue();
            }
        };
        link.start(stuck);
        onLoop(() -> {
            turns.add(link);
            assertThat(turns.give()).isFalse();
        });

        onLoop(() -> assertThat(calls.goOn()).isTrue());

        assertThat(stuck.made).isOne();
    }

    @Test
    void readsAfterTheCallToWhichRoomHasLed() throws Exception {
        Pipelined answering = new Pipelined(1) {
            @Override
            public void onDrained() {
                link.batch(this::callNext);
            }

            @Override
            public void call() {
                assertThat(taken).isZero();
                super.call();
            }
        };
        link.start(answering);
        peer.room = 0;
        loop.run(() -> link.send(new BytesSegment(new byte[10], 0, 10)));
        assertThat(link.awaitsRoom()).isTrue();

        peer.room = Integer.MAX_VALUE;
        giveTurn();

        assertThat(answering.made).isOne();
        assertThat(answering.taken).isOne();
    }
}
