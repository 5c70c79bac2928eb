package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A link whose socket and loop the test plays. */
final class StressLink {
    final StressWire wire;
    final StressLoop loop = new StressLoop();
    final Link link;
    /** Whether the link has informed its protocol that everything has left. */
    int drains;

    StressLink(int room) {
        wire = new StressWire(room);
        link = new Link(loop, wire);
        loop.run(() -> link.start(new Silent()));
    }

    /** Hands over bytes to be copied if they have to wait. */
    void send(String text) {
        Scratch scratch = link.scratch();
        scratch.bytes.append(text.getBytes(StandardCharsets.ISO_8859_1));
        link.send(scratch);
    }

    /** What the peer has received once nothing is left to do, and what is wrong, if anything. */
    String outcome() {
        loop.finish(link, wire);
        return wire.written() + (link.isDrained() ? "" : " not drained") + loop.leftBehind(link);
    }

    /** One byte, and how often its sender was informed. */
    static final class Told extends Segment {
        private final byte content;
        private boolean isOut;
        private final AtomicInteger successes = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();

        Told(char content) {
            this.content = (byte) content;
        }

        @Override
        public long remainingBytes() {
            return isOut ? 0 : 1;
        }

        @Override
        void writeTo(Transport wire, Scratch scratch) throws IOException {
            isOut = wire.write(ByteBuffer.wrap(new byte[] {content})) == 1;
        }

        @Override
        protected void done(@Nullable IOException failure) {
            (failure == null ? successes : failures).incrementAndGet();
        }

        @Override
        public String toString() {
            int sent = successes.get();
            int refused = failures.get();
            return sent + refused == 1
                    ? (sent == 1 ? "sent" : "refused")
                    : sent + " times sent, " + refused + " refused";
        }
    }

    /** Expects nothing. */
    private final class Silent implements Protocol {
        @Override
        public void onInput(ByteBuffer input) {}

        @Override
        public void onInputEnd() {}

        @Override
        public void onDrained() {
            drains++;
        }

        @Override
        public long onDeadline(long nowNanos) {
            return NO_DEADLINE;
        }

        @Override
        public void onServerStopping() {}

        @Override
        public void onClosed(@Nullable IOException failure) {}
    }
}
