package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who counts as one client, and that no race lets more in than allowed, or leaves anything behind. */
class ClientCountsTest {
    private final ClientCounts counts = new ClientCounts();

    private boolean enters(String address, int most) throws Exception {
        return counts.tryEnter(InetAddress.getByName(address), most) != null;
    }

    @Test
    void letsAnAddressHaveAsManyAsAllowed() throws Exception {
        assertThat(enters("192.0.2.1", 2)).isTrue();
        assertThat(enters("192.0.2.1", 2)).isTrue();

        assertThat(enters("192.0.2.1", 2)).isFalse();
        assertThat(enters("192.0.2.2", 2)).isTrue();
    }

    @Test
    void takesThe64BitNetworkOfAnIpv6AddressForOneClient() throws Exception {
        assertThat(enters("2001:db8:0:1::1", 1)).isTrue();

        assertThat(enters("2001:db8:0:1:ffff:ffff:ffff:ffff", 1)).isFalse();
        assertThat(enters("2001:db8:0:2::1", 1)).isTrue();
    }

    @Test
    void takesAMappedAddressForTheIpv4AddressAndNoIpv6AddressForIt() throws Exception {
        assertThat(enters("192.0.2.1", 1)).isTrue();

        assertThat(enters("::ffff:192.0.2.1", 1)).isFalse();
        assertThat(enters("::192.0.2.1", 1)).isTrue();
    }

    @Test
    void followsALimitThatChanges() throws Exception {
        assertThat(enters("192.0.2.1", 3)).isTrue();
        assertThat(enters("192.0.2.1", 3)).isTrue();

        assertThat(enters("192.0.2.1", 1)).isFalse();
        assertThat(enters("192.0.2.1", 3)).isTrue();
    }

    @Test
    void makesRoomAndForgetsTheClientWhenItsConnectionsClose() throws Exception {
        InetAddress client = InetAddress.getByName("192.0.2.1");
        ClientCounts.Count first = counts.tryEnter(client, 1);
        assertThat(counts.clients()).isOne();

        counts.leave(first);

        assertThat(counts.clients()).isZero();
        assertThat(counts.tryEnter(client, 1)).isNotNull();
    }

    @Test
    void neverLetsMoreInThanAllowedHoweverManyComeAndGoAtOnce() throws Exception {
        InetAddress client = InetAddress.getByName("192.0.2.1");
        int threads = 4;
        int most = 2;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger tooMany = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> runs = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                runs.add(pool.submit(() -> {
                    int entered = 0;
                    for (int i = 0; i < 100_000; i++) {
                        ClientCounts.Count count = counts.tryEnter(client, most);
                        if (count == null) {
                            continue;
                        }
                        entered++;
                        if (inside.incrementAndGet() > most) {
                            tooMany.incrementAndGet();
                        }
                        if (ThreadLocalRandom.current().nextInt(64) == 0) {
                            Thread.yield();
                        }
                        inside.decrementAndGet();
                        counts.leave(count);
                    }
                    return entered;
                }));
            }
            int entered = 0;
            for (Future<Integer> run : runs) {
                entered += run.get(30, TimeUnit.SECONDS);
            }
            assertThat(entered).isPositive();
        } finally {
            pool.shutdownNow();
        }

        assertThat(tooMany).hasValue(0);
        assertThat(counts.clients()).isZero();
    }
}
