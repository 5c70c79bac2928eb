package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How slowly a client may take what is made for it piece by piece. */
final class ClientPaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> calls = new ArrayList<>();
    /** How long the client takes for what waits now. */
    private long takesNanos;

    /** How many bytes the client takes meanwhile on all of its streams. */
    private long takesBytes;

    private boolean drained;
    private long nowNanos;
    private long sharedBytes;

    private final Outflow out = new Outflow() {
        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public boolean isDrained() {
            return drained;
        }

        @Override
        public boolean waitsForPeer() {
            return !drained;
        }

        @Override
        public void awaitDrained() {
            calls.add("awaited");
            nowNanos += takesNanos;
            sharedBytes += takesBytes;
        }

        @Override
        public long sharedBytes() {
            return sharedBytes;
        }

        @Override
        public void flushSoon() {}

        @Override
        public void whenSent(Consumer<@Nullable IOException> callback) {}

        @Override
        public boolean isClosed() {
            return false;
        }

        @Override
        public void closeSoon(@Nullable IOException cause) {
            calls.add("closed: " + EndedException.causeOf(cause));
        }

        @Override
        public long freshNanos() {
            return nowNanos;
        }
    };

    private ClientPace pace(int rate) {
        ServerContext context = ServerContext.of(
                HttpServer.builder()
                        .handler(request -> Response.of(200))
                        .minResponseRate(rate)
                        .writeTimeout(Duration.ofSeconds(10))
                        .options(),
                Runnable::run,
                new ServerObserver() {});
        return new ClientPace(out, context);
    }

    @Test
    void waitsForAClientThatTakesEachPieceInTime() {
        takesNanos = 2 * SECOND;
        ClientPace pace = pace(1000);

        assertThatCode(() -> {
                    for (int i = 0; i < 100; i++) {
                        pace.awaitTaken(2000);
                    }
                })
                .doesNotThrowAnyException();
        assertThat(calls).hasSize(100).containsOnly("awaited");
    }

    @Test
    void closesAClientThatFallsBehindBitByBit() throws Exception {
        takesNanos = 3 * SECOND;
        ClientPace pace = pace(1000);
        for (int i = 0; i < 10; i++) {
            pace.awaitTaken(2000); // a second behind each time
        }

        assertThatThrownBy(() -> pace.awaitTaken(2000))
                .isInstanceOfSatisfying(EndedException.class, end -> assertThat(EndedException.causeOf(end))
                        .isEqualTo(Cause.WRITE_TIMEOUT));
        assertThat(calls).endsWith("closed: WRITE_TIMEOUT");
    }

    @Test
    void waitsForAClientThatTakesOtherStreamsFirst() {
        takesNanos = 30 * SECOND;
        takesBytes = 30_000;
        ClientPace pace = pace(1000);

        assertThatCode(() -> {
                    for (int i = 0; i < 10; i++) {
                        pace.awaitTaken(2000);
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void closesAClientThatTakesAllOfItsStreamsTooSlowly() {
        takesNanos = 30 * SECOND;
        takesBytes = 15_000;

        assertThatThrownBy(() -> pace(1000).awaitTaken(2000)).isInstanceOf(EndedException.class);
        assertThat(calls).endsWith("closed: WRITE_TIMEOUT");
    }

    @Test
    void waitsForeverWithoutALeastRate() throws Exception {
        takesNanos = 9 * SECOND;
        ClientPace pace = pace(0);
        for (int i = 0; i < 10; i++) {
            pace.awaitTaken(1);
        }

        assertThat(calls).containsOnly("awaited");
    }

    @Test
    void chargesNothingForWhatHasLeftAlready() throws Exception {
        drained = true;
        takesNanos = 100 * SECOND;
        pace(1000).awaitTaken(1);

        assertThat(calls).containsExactly("awaited");
    }
}
