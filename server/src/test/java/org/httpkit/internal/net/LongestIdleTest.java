package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.httpkit.internal.net.LongestIdle.Idle;
import org.junit.jupiter.api.Test;

final class LongestIdleTest {
    private static final long[] SINCE = {5, 1, 4, 2, 3};

    private static LongestIdle offered(int most, long origin) {
        LongestIdle idle = new LongestIdle(most);
        for (long since : SINCE) {
            idle.add(new Link(new FakeLoop(), new FakeWire()), origin + since);
        }
        return idle;
    }

    @Test
    void keepsThoseThatHaveBeenIdleForLongest() {
        assertThat(offered(2, 0).all()).extracting(Idle::sinceNanos).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void keepsAllIfThereIsRoom() {
        assertThat(offered(8, 0).all()).hasSize(SINCE.length);
    }

    @Test
    void bearsAClockThatOverflows() {
        long origin = Long.MAX_VALUE - 2;

        assertThat(offered(2, origin).all())
                .extracting(Idle::sinceNanos)
                .containsExactlyInAnyOrder(origin + 1, origin + 2);
    }
}
